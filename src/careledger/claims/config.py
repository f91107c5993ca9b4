"""What a practice must say once before claims can leave: who sends, who pays, what it charges.

Read from ``claims.yaml`` beside the tables. A claim for which something is not configured is held by the check that
misses it, so an incomplete file is no error; an unknown key or a wrong kind of value is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from careledger.claims.model import Address, Party, Payer, Receiver, Submitter
from careledger.claims.wording import digits, plain, telephone
from careledger.core.errors import InputError
from careledger.core.money import to_cents
from careledger.policy.strict_yaml import Document, load

DAY_CHOICES = ("decided", "whole_month")


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerConfig:
    """A payer as claims address it, and who receives the file for it."""

    payer: Payer
    receiver: Receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsConfig:
    """A practice's settings for claims.

    Attributes:
        submitter: None until configured; claims are then held.
        payers: by id of the payer overlay or of its kind (``medicare_ffs``).
        charges_cents: what the practice charges for one unit of a code.
        percent_of_allowed: charge for codes without one of their own, as a percentage of the allowed amount.
        service_days: ``decided`` puts the decided day on a line, ``whole_month`` the first to the last of the month.
        attestation_on_file: practitioners attest once for all claims; otherwise each month is attested.
        facilities: where services are furnished when that is not the billing address, by practice.
        places: place of service by setting, where the practice chooses among several.
        is_test: the file is marked as a test.
    """

    submitter: Submitter | None = None
    payers: Mapping[str, PayerConfig] = field(default_factory=dict)
    charges_cents: Mapping[str, int] = field(default_factory=dict)
    percent_of_allowed: Decimal | None = None
    service_days: str = "decided"
    attestation_on_file: bool = False
    facilities: Mapping[str, Party] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    is_test: bool = False
    file: str = "claims.yaml"

    def payer(self, overlay: str, kind: str) -> PayerConfig | None:
        """The configured payer for an overlay, else for its kind."""
        return self.payers.get(overlay) or self.payers.get(kind)


def read_config(path: Path) -> ClaimsConfig:
    """Settings from a YAML file; InputError with file, line and key when one cannot be used."""
    return config_of(load(path.read_text(encoding="utf-8"), str(path)))


def config_of(document: Document) -> ClaimsConfig:
    """Settings from a YAML document; InputError with file, line and key when one cannot be used."""
    return _Reading(document).config()


_KEYS = (
    "submitter", "payers", "charges", "charge_percent_of_allowed", "service_days", "attestation", "facilities", "places",
    "usage",
)  # fmt: skip
_ADDRESS = ("street", "street2", "city", "state", "zip")


class _Reading:
    """One reading of the file: every wrong kind is refused with its place."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def config(self) -> ClaimsConfig:
        top = self._mapping((), _KEYS)
        percent = top.get("charge_percent_of_allowed")
        return ClaimsConfig(
            submitter=self._submitter() if "submitter" in top else None,
            payers={name: self._payer(name) for name in self._mapping(("payers",))},
            charges_cents={code: self._cents(("charges", code)) for code in self._mapping(("charges",))},
            percent_of_allowed=None if percent is None else self._number(("charge_percent_of_allowed",)),
            service_days=self._word(("service_days",), DAY_CHOICES),
            attestation_on_file=self._word(("attestation",), ("each_month", "on_file")) == "on_file",
            facilities={name: self._facility(name) for name in self._mapping(("facilities",))},
            places={name: self._text(("places", name)) for name in self._mapping(("places",))},
            is_test=self._word(("usage",), ("production", "test")) == "test",
            file=self.document.file,
        )

    def _at(self, path: tuple[str, ...]) -> Any:
        value = self.document.data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def _refuse(self, path: tuple[str, ...], problem: str, mend: str) -> InputError:
        return InputError(self.document.place(path), problem, mend)

    def _mapping(self, path: tuple[str, ...], keys: tuple[str, ...] = ()) -> dict[str, Any]:
        value = self._at(path)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._refuse(path, "a mapping belongs here", "write 'key: value' lines")
        for key in value:
            if keys and key not in keys:
                raise self._refuse((*path, key), "an unknown key", f"allowed are {', '.join(keys)}")
        return value

    def _text(self, path: tuple[str, ...]) -> str:
        value = self._at(path)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._refuse(path, "text belongs here", "put it in quotes")
        return value

    def _word(self, path: tuple[str, ...], allowed: tuple[str, ...]) -> str:
        word = self._text(path) or allowed[0]
        if word not in allowed:
            raise self._refuse(path, "a word that is not allowed here", f"allowed are {', '.join(allowed)}")
        return word

    def _number(self, path: tuple[str, ...]) -> Decimal:
        value = self._at(path)
        try:
            if isinstance(value, bool):
                raise InvalidOperation
            return Decimal(str(value))
        except InvalidOperation:
            raise self._refuse(path, "a number belongs here", 'write an amount such as "95.00"') from None

    def _cents(self, path: tuple[str, ...]) -> int:
        amount = self._number(path)
        if amount != round(amount, 2) or amount < 0:
            raise self._refuse(path, "not an amount in dollars and cents", 'write an amount such as "95.00"')
        return to_cents(amount)

    def _submitter(self) -> Submitter:
        path = ("submitter",)
        self._mapping(path, ("name", "number", "contact", "phone", "email"))
        return Submitter(
            name=plain(self._text((*path, "name"))),
            number=plain(self._text((*path, "number"))),
            contact=plain(self._text((*path, "contact"))),
            phone=telephone(self._text((*path, "phone"))),
            email=self._text((*path, "email")),
        )

    def _payer(self, name: str) -> PayerConfig:
        path = ("payers", name)
        self._mapping(path, ("name", "number", "filing", "receiver", *_ADDRESS))
        self._mapping((*path, "receiver"), ("name", "number"))
        payer = Payer(
            name=plain(self._text((*path, "name"))),
            number=plain(self._text((*path, "number"))),
            filing=plain(self._text((*path, "filing"))),
            policy=name,
            address=self._address(path),
        )
        receiver = Receiver(
            name=plain(self._text((*path, "receiver", "name"))) or payer.name,
            number=plain(self._text((*path, "receiver", "number"))) or payer.number,
        )
        return PayerConfig(payer=payer, receiver=receiver)

    def _facility(self, name: str) -> Party:
        path = ("facilities", name)
        self._mapping(path, ("name", "npi", *_ADDRESS))
        return Party(
            last=plain(self._text((*path, "name"))),
            npi=digits(self._text((*path, "npi"))),
            is_person=False,
            address=self._address(path),
        )

    def _address(self, path: tuple[str, ...]) -> Address:
        words = {key: plain(self._text((*path, key))) for key in _ADDRESS if key != "zip"}
        return Address(**words, zip=digits(self._text((*path, "zip"))))
