"""Claims and remittances of another system as history: what was billed before, and what came of it.

report = import_history([Path("2025.837"), Path("2025.835")], Path("tables"), load_policy())
"""

from careledger.claims.history.keep import import_history
from careledger.claims.history.report import HistoryReport

__all__ = ["HistoryReport", "import_history"]
