"""Today: filters, saved views, who looks after whom, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from tests.web.cast import Cast, make_patient
from tests.web.conftest import Clock

from careledger.web.audit.models import AuditEvent
from careledger.web.patients.models import Consent, ConsentRevocation, Patient, Stay
from careledger.web.plans.models import CarePlan, Goal
from careledger.web.tenancy.models import Person
from careledger.web.tenancy.scope import acting_in
from careledger.web.timers.actions import log_time
from careledger.web.worklists.models import SavedView

As = Callable[[str], Client]


def shown(client: Client, query: str) -> set[str]:
    page = client.get(f"/?whose=all&{query}")
    assert page.status_code == 200
    return {row.code for row in page.context["page"]}


@pytest.fixture
def three(inside: Cast, clock: Clock) -> Cast:
    """p1 with twelve minutes; p2 without consent and plan; p3 just home, with a goal overdue."""
    doctor = inside["practitioner"].person
    second, third = make_patient("p2", doctor), make_patient("p3", doctor)
    log_time(
        acting_user=inside["nurse"], patient=inside.patient, programs=("ccm",), start_s=clock.s - 900, end_s=clock.s - 180,
        activity="call_patient", note="Called.",
    )  # fmt: skip
    ConsentRevocation.objects.create(consent=Consent.objects.get(patient=second), on=date(2026, 10, 20))
    CarePlan.objects.filter(patient=second).delete()
    Stay.objects.create(patient=third, kind="inpatient", since=date(2026, 11, 5), until=date(2026, 11, 12))
    Goal.objects.filter(patient=third).update(due_on=date(2026, 11, 1))
    return inside


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", {"p1", "p2", "p3"}),
        ("need=consent", {"p2"}),
        ("need=plan", {"p2"}),
        ("need=goal", {"p3"}),
        ("need=discharge", {"p3"}),
        ("need=contact", {"p2", "p3"}),
        ("need=contact&need=discharge", {"p3"}),
        ("least=12", {"p1"}),
        ("least=13", set()),
        ("most=0", {"p2", "p3"}),
        ("least=many&most=-3&need=nonsense&whose=999999999999", {"p1", "p2", "p3"}),
        ("q=E11&least=1", {"p1"}),
        ("q=p2", {"p2"}),
    ],
)
def test_it_finds_by_need_minutes_and_diagnosis(three: Cast, as_role: As, query: str, codes: set[str]) -> None:
    assert shown(as_role("nurse"), query) == codes


def test_consent_revoked_this_month_is_in_force_to_its_end(three: Cast, as_role: As) -> None:
    ConsentRevocation.objects.create(consent=Consent.objects.get(patient=three.patient), on=date(2026, 11, 2))
    assert shown(as_role("nurse"), "need=consent") == {"p2"}


def test_the_tallies_count_what_the_other_filters_leave(three: Cast, as_role: As) -> None:
    page = as_role("nurse").get("/?whose=all&need=discharge")
    assert sum(count for _, _, count in page.context["states"]) == 1


def test_a_view_is_kept_for_oneself_replaced_by_name_and_forgotten(three: Cast, as_role: As) -> None:
    nurse = as_role("nurse")
    told = {"name": " Just  home ", "query": "need=discharge&page=3&evil=%3Cscript%3E&whose=all"}
    for _ in range(2):
        assert nurse.post("/today/views/", told).headers["Location"] == "/?whose=all&need=discharge"
    row = SavedView.objects.get()
    assert (row.name, row.query) == ("Just home", "whose=all&need=discharge")
    assert AuditEvent.objects.filter(action="view.saved").count() == 1
    page = nurse.get("/?whose=all&need=discharge").content.decode()
    assert "View: Just home" in page
    assert "Just home" not in as_role("practitioner").get("/").content.decode()
    as_role("practitioner").post(f"/today/views/{row.pk}/remove/")
    assert SavedView.objects.exists()
    for _ in range(2):
        nurse.post(f"/today/views/{row.pk}/remove/")
    assert not SavedView.objects.exists()
    assert "Give the view a name" in nurse.post("/today/views/", {"query": ""}, follow=True).content.decode()


def test_patients_are_given_to_someone_one_or_many_each_noted_once(three: Cast, as_role: As) -> None:
    nurse, to = as_role("nurse"), three["nurse"].person
    chosen = [row.pk for row in Patient.objects.filter(code__in=["p1", "p2"])]
    told = {"patient": [*chosen, three.foreign_patient.pk], "person": to.pk, "query": "need=plan"}
    first = nurse.post("/today/assign/", told)
    assert first.headers["Location"] == "/?need=plan"
    assert "0 patients given" in nurse.post("/today/assign/", told, follow=True).content.decode()
    assert set(Patient.objects.filter(care_manager=to).values_list("code", flat=True)) == {"p1", "p2"}
    assert AuditEvent.objects.filter(action="patient.assigned").count() == 2
    assert {row.code for row in nurse.get("/").context["page"]} == {"p1", "p2"}
    assert shown(nurse, "whose=none") == {"p3"}
    nurse.post("/today/assign/", {"patient": chosen[:1], "person": "nobody"})
    assert Patient.objects.get(code="p1").care_manager is None
    with acting_in(three.elsewhere):
        assert Patient.objects.get().care_manager is None


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"person": "1"}, "Choose"),
        ({"patient": ["1"], "person": "999999"}, "to whom"),
        ({"patient": ["x"], "person": "nobody"}, "at least one"),
    ],
)
def test_an_assignment_without_patients_or_person_says_what_is_missing(
    three: Cast, as_role: As, told: dict[str, object], says: str
) -> None:
    assert says in as_role("nurse").post("/today/assign/", told, follow=True).content.decode()


def test_nobody_of_another_organisation_can_be_given_patients(three: Cast, as_role: As) -> None:
    with acting_in(three.elsewhere):
        foreign = Person.objects.get(code="rn-9")
    as_role("nurse").post("/today/assign/", {"patient": [three.patient.pk], "person": foreign.pk})
    assert Patient.objects.get(code="p1").care_manager is None


def test_a_filtered_list_with_views_takes_few_queries(
    three: Cast, as_role: As, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    nurse = as_role("nurse")
    nurse.post("/today/views/", {"name": "Home", "query": "need=discharge"})
    nurse.get("/?whose=all")
    for query in ("", "need=consent&need=plan&need=goal&need=discharge&need=contact&least=1&q=E11"):
        with django_assert_max_num_queries(17):  # type: ignore[attr-defined]
            nurse.get(f"/?whose=all&{query}")
