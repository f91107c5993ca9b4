"""The cast of the web tests: one clinic with everyone who works in it, one patient, and someone from another clinic."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from careledger.web.accounts.models import Membership, User
from careledger.web.accounts.roles import ROLES
from careledger.web.patients.models import Condition, Consent, Coverage, Enrolment, Panel, Patient, ProgramStatus, Visit
from careledger.web.plans.models import CarePlan, Goal
from careledger.web.tenancy.models import Organisation, Person, Practice
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time

ZONE = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=ZONE)
"""The tests' present: a Wednesday noon in the clinic."""
_PEOPLE = {
    "nurse": ("rn-1", "rn", "RN"),
    "practitioner": ("dr-1", "physician", "MD"),
    "director": ("dr-2", "physician", "MD"),
}


@dataclass(slots=True)
class Cast:
    """Who is there: a membership for each role, the patient, and the stranger with a patient of their own."""

    clinic: Organisation
    patient: Patient
    elsewhere: Organisation
    foreign_patient: Patient
    stranger: Membership
    roles: dict[str, Membership] = field(default_factory=dict)

    def __getitem__(self, role: str) -> Membership:
        return self.roles[role]


def make_cast() -> Cast:
    """The cast, in an empty database."""
    clinic = Organisation.objects.create(slug="lakeside", name="Lakeside")
    elsewhere = Organisation.objects.create(slug="hillcrest", name="Hillcrest")
    with acting_in(elsewhere):
        nurse = Person.objects.create(code="rn-9", kind="rn", name="Robin Field", credential="RN")
        foreign = Patient.objects.create(
            code="x1", family_name="Elsewhere", given_name="Erin", born_on=date(1950, 1, 1)
        )
        stranger = _member("stranger@hillcrest.example", "nurse", elsewhere, nurse)
    with acting_in(clinic):
        practice = Practice.objects.create(code="lakeside", name="Lakeside", access_24_7=True, certified_ehr=True)
        people = {
            role: Person.objects.create(
                code=code, kind=kind, name=f"Given {role.title()}", credential=credential, practice=practice
            )
            for role, (code, kind, credential) in _PEOPLE.items()
        }
        patient = make_patient("p1", people["practitioner"])
        cast = Cast(clinic, patient, elsewhere, foreign, stranger)
        for role, _ in ROLES:
            cast.roles[role] = _member(f"{role}@lakeside.example", role, clinic, people.get(role))
    return cast


def make_patient(code: str, biller: Person) -> Patient:
    """A patient for whom everything but minutes is in order."""
    patient = Patient.objects.create(
        code=code,
        family_name="Amberlake",
        given_name=f"Ada {code}",
        born_on=date(1948, 5, 6),
        residence="home",
        sex="female",
    )
    Coverage.objects.create(patient=patient, payer="medicare_ffs", since=date(2020, 1, 1), part_b=True, qmb=False)
    Panel.objects.create(patient=patient, biller=biller, established=True)
    for icd10 in ("I10", "E11.9"):
        Condition.objects.create(patient=patient, icd10=icd10, chronic=True, expected_months=12, significant_risk=True)
    Consent.objects.create(
        patient=patient, program="ccm", given_on=date(2026, 1, 5), form="verbal", documented=True, practitioner=biller.code,
        covers=("availability", "cost_sharing", "one_practitioner", "right_to_stop"), recorded_by="rn-1",
    )  # fmt: skip
    Enrolment.objects.create(patient=patient, program="ccm", started_on=date(2026, 1, 5))
    for status in ("consented", "enrolled"):
        ProgramStatus.objects.create(patient=patient, program="ccm", status=status, on=date(2026, 1, 5))
    Visit.objects.create(
        patient=patient, practitioner=biller, on=date(2026, 1, 5), code="99214", face_to_face=True, discussed=("ccm",)
    )
    CarePlan.objects.create(
        patient=patient, program="ccm", established_on=date(2026, 1, 6), reviewed_on=date(2026, 6, 1), signed_by=biller.code,
        copy_given_on=date(2026, 1, 7), elements=("all",), delivered_by="paper",
    )  # fmt: skip
    Goal.objects.create(
        code=f"{code}-g1",
        patient=patient,
        text="Blood pressure below 135",
        status="in_progress",
        due_on=date(2026, 12, 1),
    )
    return patient


def _member(email: str, role: str, organisation: Organisation, person: Person | None) -> Membership:
    user = User.objects.create_user(email, "a passphrase for tests", first_name="Given", last_name=role.title())
    return Membership.objects.create(user=user, organisation=organisation, role=role, person=person)


def ready_for_claims(cast: Cast, member_id: str, entry_id: str | None = None) -> None:
    """Everything a claim needs, and 25 minutes for the patient in October; within the clinic's scope."""
    Practice.objects.update(
        npi="1234567893", tax_id="123456789", address="1 Lake Road", city="Lakeside", state="NY", zip="120101234",
        phone="5185550100", taxonomy="207Q00000X", locality="1328299",
    )  # fmt: skip
    Person.objects.filter(code="dr-1").update(npi="1932102084", name="Dana Lake", taxonomy="207Q00000X")
    Patient.objects.update(address="2 Lake Road", city="Lakeside", state="NY", zip="12010", sex="female")
    Coverage.objects.update(member_id=member_id)
    start = int(datetime(2026, 10, 6, 10, tzinfo=ZONE).timestamp())
    log_time(
        acting_user=cast["nurse"], patient=cast.patient, programs=("ccm",), start_s=start, end_s=start + 1500,
        activity="call_patient", contact="patient", note="Talked about readings and the plan.", entry_id=entry_id,
    )  # fmt: skip
