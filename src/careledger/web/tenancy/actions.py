"""Writing the settings of a clinic: practice, people, credentials, values of the house. Each has its audit row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from careledger.core.errors import CareLedgerError
from careledger.web.audit.actions import record, snapshot
from careledger.web.tenancy.models import Credential, Organisation, Person, Practice
from careledger.web.tenancy.scope import locked_organisation

if TYPE_CHECKING:
    from careledger.web.accounts.models import Membership

HOUSE = (
    "name", "forgotten_after_minutes", "late_after_days", "idle_lock_minutes", "needs_time_approval", "approval_since",
    "note_templates",
)  # fmt: skip


class SettingRefused(CareLedgerError):
    """A setting that may not be made: what is wrong and what to do, and the field it concerns."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def save_practice(*, acting_user: Membership, practice: Practice | None, **cells: Any) -> Practice:
    """Write a practice; the first one sets the organisation's time zone. The same new practice sent twice is one.

    Raises:
        SettingRefused: another time zone after time was logged: its days are counted by the one it was logged in.
    """
    house = locked_organisation()
    if practice is None:
        twin: Practice | None = Practice.objects.filter(npi=cells["npi"], name=cells["name"]).first()
        if twin is not None:
            return twin
        practice = Practice(code=_free_code(Practice, cells["name"]))
    is_only = not Practice.objects.exclude(pk=practice.pk).exists()
    if is_only and cells["time_zone"] != house.time_zone:
        _move_clock(acting_user, house, cells["time_zone"])
    row: Practice = _write(acting_user, practice, "practice", cells)
    return row


def _move_clock(acting_user: Membership, house: Organisation, zone: str) -> None:
    from careledger.web.timers.models import TimeLedger

    if TimeLedger.objects.filter(organisation=house).exists():
        raise SettingRefused(
            f"Time was logged by the clock of {house.time_zone} already, and the ledger is bound to it.", "time_zone"
        )
    Organisation.objects.filter(pk=house.pk).update(time_zone=zone)
    acting_user.organisation.time_zone = zone


@transaction.atomic
def save_person(*, acting_user: Membership, person: Person | None, **cells: Any) -> Person:
    """Write someone of the directory. The same new person sent twice is one.

    Raises:
        SettingRefused: the NPI is another person's.
    """
    locked_organisation()
    npi = cells.get("npi") or None
    holder = Person.objects.filter(npi=npi).exclude(pk=person.pk if person else None).first() if npi else None
    if holder is not None and (person is not None or holder.name != cells["name"]):
        raise SettingRefused(f"This is the NPI of {holder}.", "npi")
    if person is None:
        twin: Person | None = holder or Person.objects.filter(name=cells["name"], kind=cells["kind"], npi=npi).first()
        if twin is not None:
            return twin
        person = Person(code=_free_code(Person, cells["name"]))
    row: Person = _write(acting_user, person, "person", cells)
    return row


def _write(acting_user: Membership, row: Any, noun: str, cells: dict[str, Any]) -> Any:
    """Save a row and note before and after; the same again writes nothing. What hangs on it is decided anew."""
    stored = {name: None if value == "" else value for name, value in cells.items()}
    before = snapshot(row, *stored) if row.pk else None
    for name, value in stored.items():
        setattr(row, name, value)
    after = snapshot(row, *stored)
    if before == after:
        return row
    row.save()
    action = f"{noun}.added" if before is None else f"{noun}.changed"
    record(acting_user=acting_user, action=action, target=row, before=before, after={"code": row.code, **after})
    if before is not None:
        decide_anew()
    return row


@transaction.atomic
def add_credential(*, acting_user: Membership, person: Person, **cells: Any) -> Credential:
    """Add a licence or certificate with its days. The same again is one."""
    locked_organisation()
    stored = {name: None if value == "" else value for name, value in cells.items()}
    twin: Credential | None = Credential.objects.filter(person=person, **stored).first()
    if twin is not None:
        return twin
    row = Credential(person=person, **stored)
    row.save()
    after = {"person": person.code, **snapshot(row, *stored)}
    record(acting_user=acting_user, action="credential.added", target=row, after=after)
    return row


@transaction.atomic
def remove_credential(*, acting_user: Membership, credential: Credential) -> None:
    """Take out a credential entered in error; the audit log keeps what it said."""
    before = {"person": credential.person.code, **snapshot(credential, "title", "number", "valid_from", "valid_until")}
    record(acting_user=acting_user, action="credential.removed", target=credential, before=before)
    credential.delete()


@transaction.atomic
def save_house(*, acting_user: Membership, **cells: Any) -> None:
    """Write the values of the house. Whether a second person approves time changes what counts, so all is decided anew.

    Raises:
        SettingRefused: the ledger is bound to the days after which time is late, once time was logged.
    """
    from careledger.web.timers.models import TimeLedger

    house = locked_organisation()
    if cells["needs_time_approval"]:
        cells["approval_since"] = cells["approval_since"] or house.approval_since or timezone.localdate()
    bound = TimeLedger.objects.filter(organisation=house).first()
    if bound is not None and bound.late_after_days != cells["late_after_days"]:
        raise SettingRefused(
            f"The ledger is bound to {bound.late_after_days} days since the first time was logged.", "late_after_days"
        )
    before, after = snapshot(house, *HOUSE), {name: cells[name] for name in HOUSE}
    if before == {**before, **snapshot(Organisation(**after), *HOUSE)}:
        return
    Organisation.objects.filter(pk=house.pk).update(**after)
    record(acting_user=acting_user, action="house.changed", target=house, before=before, after=after)
    if any(
        before[name] != snapshot(Organisation(**after), name)[name]
        for name in ("needs_time_approval", "approval_since")
    ):
        decide_anew()


def decide_anew() -> None:
    """Mark every patient's months as out of date; the keeper decides them again."""
    from careledger.web.patients.models import Patient

    Patient.objects.update(revision=F("revision") + 1)


def _free_code(model: Any, name: str) -> str:
    """A short id from a name, not taken yet; it never changes, since claims and ledger entries name it."""
    base = slugify(name)[:40] or model.__name__.lower()
    taken = set(model.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(
        code
        for number in range(1, len(taken) + 2)
        if (code := base if number == 1 else f"{base}-{number}") not in taken
    )
