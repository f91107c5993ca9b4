"""What may not be done to a chart."""

from __future__ import annotations

from collections.abc import Mapping

from careledger.core.errors import CareLedgerError


class ChartRefused(CareLedgerError):
    """A change to a chart that may not be made: what is wrong and what to do.

    Attributes:
        field: the field of the form it belongs to; None when it concerns the whole.
        fields: several fields at once, each with what is wrong with it; empty where one says all.
    """

    def __init__(self, says: str, field: str | None = None, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(says)
        self.fields = dict(fields or {})
        self.field = field or next(iter(self.fields), None)

    @property
    def sentence(self) -> str:
        """As a page shows it."""
        return _sentence(str(self))

    @property
    def beside(self) -> list[tuple[str | None, str]]:
        """Each field with its sentence, for a page and the API alike."""
        return [(field, _sentence(says)) for field, says in self.fields.items()] or [(self.field, self.sentence)]


def _sentence(says: str) -> str:
    return f"{says[:1].upper()}{says[1:].rstrip('.')}."
