"""What happens to a synthetic patient in the month.

Each function tells one situation of ``data/situations.csv`` by changing an ordinary story; the file says what must come
out.
"""

from careledger.synthetic.situations import circumstances, minutes, oversight, papers
from careledger.synthetic.situations.register import SITUATIONS

__all__ = ["SITUATIONS", "circumstances", "minutes", "oversight", "papers"]
