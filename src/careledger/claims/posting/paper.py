"""A paper remittance, keyed by a person with the source it was keyed from, through the very same door as an 835.

The file is YAML: who keyed it and from what, the payment, its claims with lines and reasons. Sums are checked to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from careledger.claims.model import Adjustment
from careledger.claims.posting.post import PostResult, Release, post_events
from careledger.claims.store.database import Store
from careledger.claims.x12.balance_835 import claim_balances, payment_balance
from careledger.claims.x12.read_835 import Event
from careledger.claims.x12.remittance import ClaimPayment, LinePayment, Payment, PaymentEnd, ProviderAdjustment
from careledger.core.errors import InputError
from careledger.core.money import to_cents
from careledger.policy import Policy
from careledger.policy.strict_yaml import Document, load

_TOP = ("source", "keyed_by", "payer", "trace", "paid_on", "method", "amount", "payee_npi", "claims", "provider")
_CLAIM = (
    "claim", "status", "charge", "paid", "payer_control", "member_id", "filing", "sent_on_to", "adjustments", "remarks",
    "lines",
)  # fmt: skip
_LINE = ("code", "modifiers", "on", "units", "charge", "paid", "allowed", "adjustments", "remarks")
_PAYER, _PROVIDER = ("id", "name"), ("code", "reference", "amount")
_GROUPS = ("CO", "PR", "OA", "PI")


def post_paper(
    store: Store, content: bytes, name: str, policy: Policy, at: datetime, release: Release | None = None
) -> PostResult:
    """Post a keyed remittance whole and once, or put it aside with its reasons.

    Raises:
        InputError: a value cannot be read; the message names line and key.
    """
    events = list(_Reading(load(content.decode("utf-8", "replace"), name)).events())
    return post_events(store, lambda: events, content, name, "paper", policy, at, release)


class _Reading:
    """One reading of a keyed file."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def events(self) -> Iterator[Event]:
        top = self._mapping(self.document.data, (), _TOP)
        for key in ("source", "keyed_by", "trace", "amount", "claims"):
            if not top.get(key):
                raise self._refuse((key,), "missing", "key it; the source is the document and its page")
        claims = [
            self._claim(row, ("claims", at), at + 1) for at, row in enumerate(self._list(top["claims"], ("claims",)))
        ]
        for claim in claims:
            yield claim
            yield from claim_balances(claim)
        end = self._end(top, claims)
        yield end
        yield from payment_balance(end)

    def _end(self, top: dict[str, Any], claims: list[ClaimPayment]) -> PaymentEnd:
        payer = self._mapping(top.get("payer") or {}, ("payer",), _PAYER)
        payment = Payment(
            segment=0,
            amount_cents=self._cents(top, "amount", ()),
            method=str(top.get("method") or "CHK"),
            paid_on=self._day(top.get("paid_on"), ("paid_on",)),
            trace=str(top["trace"]),
            payer_id=str(payer.get("id") or ""),
            payer_name=str(payer.get("name") or ""),
            payee_npi=str(top.get("payee_npi") or ""),
        )
        rows = [
            self._mapping(row, ("provider", at), _PROVIDER)
            for at, row in enumerate(self._list(top.get("provider") or [], ("provider",)))
        ]
        kept = tuple(
            ProviderAdjustment(
                segment=0,
                provider=payment.payee_npi,
                code=str(row.get("code") or ""),
                reference=str(row.get("reference") or ""),
                amount_cents=self._cents(row, "amount", ("provider", at)),
            )
            for at, row in enumerate(rows)
        )
        return PaymentEnd(
            payment=payment,
            segment=0,
            claims=len(claims),
            charged_cents=sum(claim.charge_cents for claim in claims),
            paid_cents=sum(claim.paid_cents for claim in claims),
            provider_adjustments=kept,
        )

    def _claim(self, value: Any, path: tuple[str | int, ...], number: int) -> ClaimPayment:
        row = self._mapping(value, path, _CLAIM)
        lines = self._list(row.get("lines") or [], (*path, "lines"))
        return ClaimPayment(
            segment=number,
            control_number=str(row.get("claim") or ""),
            status=str(row.get("status") or "1"),
            charge_cents=self._cents(row, "charge", path),
            paid_cents=self._cents(row, "paid", path),
            patient_cents=None,
            filing=str(row.get("filing") or ""),
            payer_control=str(row.get("payer_control") or ""),
            member_id=str(row.get("member_id") or ""),
            sent_on_to=str(row.get("sent_on_to") or ""),
            adjustments=self._adjustments(row, path),
            remarks=tuple(map(str, row.get("remarks") or ())),
            lines=tuple(self._line(line, (*path, "lines", at), number) for at, line in enumerate(lines)),
        )

    def _line(self, value: Any, path: tuple[str | int, ...], number: int) -> LinePayment:
        row = self._mapping(value, path, _LINE)
        on = self._day(row.get("on"), (*path, "on"))
        return LinePayment(
            segment=number,
            code=str(row.get("code") or ""),
            modifiers=tuple(map(str, row.get("modifiers") or ())),
            charge_cents=self._cents(row, "charge", path),
            paid_cents=self._cents(row, "paid", path),
            units=Decimal(row["units"]) if isinstance(row.get("units"), int) else None,
            since=on,
            until=on,
            adjustments=self._adjustments(row, path),
            allowed_cents=self._cents(row, "allowed", path) if "allowed" in row else None,
            remarks=tuple(map(str, row.get("remarks") or ())),
        )

    def _adjustments(self, row: dict[str, Any], path: tuple[str | int, ...]) -> tuple[Adjustment, ...]:
        """Reasons such as ``CO-45: "0.54"``."""
        path = (*path, "adjustments")
        value = row.get("adjustments") or {}
        found = []
        for key in self._mapping(value, path, ()):
            group, _, reason = str(key).partition("-")
            if group not in _GROUPS or not reason:
                raise self._refuse((*path, key), "not a group and reason", 'write it as CO-45: "0.54"')
            found.append(Adjustment(group=group, reason=reason, amount_cents=self._cents(value, key, path)))
        return tuple(found)

    def _mapping(self, value: Any, path: tuple[str | int, ...], keys: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._refuse(path, "a mapping belongs here", "write 'key: value' lines")
        for key in value:
            if keys and key not in keys:
                raise self._refuse((*path, key), "an unknown key", f"allowed are {', '.join(keys)}")
        return value

    def _list(self, value: Any, path: tuple[str | int, ...]) -> list[Any]:
        if not isinstance(value, list):
            raise self._refuse(path, "a list belongs here", "begin each item with '-'")
        return value

    def _cents(self, row: dict[str, Any], key: str, path: tuple[str | int, ...]) -> int:
        try:
            amount = Decimal(str(row.get(key)))
            if amount != round(amount, 2):
                raise InvalidOperation
        except InvalidOperation:
            raise self._refuse((*path, key), "not an amount in dollars and cents", 'write it as "62.16"') from None
        return to_cents(amount)

    def _day(self, value: Any, path: tuple[str | int, ...]) -> date | None:
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise self._refuse(path, "not a day", "write it as 2026-11-20") from None

    def _refuse(self, path: tuple[str | int, ...], problem: str, mend: str) -> InputError:
        return InputError(self.document.place(path), problem, mend)
