"""What may not be done to a chart."""

from __future__ import annotations

from careledger.core.errors import CareLedgerError


class ChartRefused(CareLedgerError):
    """A change to a chart that may not be made: what is wrong and what to do.

    Attributes:
        field: the field of the form it belongs to; None when it concerns the whole.
    """

    def __init__(self, says: str, field: str | None = None) -> None:
        super().__init__(says)
        self.field = field

    @property
    def sentence(self) -> str:
        """As a page shows it."""
        says = str(self)
        return f"{says[:1].upper()}{says[1:].rstrip('.')}."
