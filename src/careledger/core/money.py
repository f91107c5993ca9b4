"""Money in whole cents. Fractions of a cent are rounded once, half up, where CMS rounds."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def to_cents(dollars: Decimal) -> int:
    """Whole cents, half up."""
    return int((dollars * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def share_cents(amount_cents: int, percent: Decimal) -> int:
    """A percentage of an amount in whole cents, half up (20 percent of 6613 is 1323)."""
    return int((Decimal(amount_cents) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def dollars(amount_cents: int) -> str:
    """The one way money is shown: ``$1,234.50``, ``-$0.07``."""
    sign = "-" if amount_cents < 0 else ""
    whole, rest = divmod(abs(amount_cents), 100)
    return f"{sign}${whole:,}.{rest:02d}"
