"""The demo clinic: what its people wrote in the app is there when a newcomer opens it, and decides nothing otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests.web.cast import NOON
from tests.web.conftest import Clock

from careledger.core.month import Month
from careledger.web.audit.chain import faults
from careledger.web.billing.actions import refresh
from careledger.web.billing.models import Standing
from careledger.web.demo import live
from careledger.web.oversight.models import Aim, DirectorApproval, FindingWork, OversightAct, RadarFinding, RadarRun
from careledger.web.patients.demo import make_demo
from careledger.web.plans.models import Goal, PlanHead, PlanVersion, Reading
from careledger.web.plans.queries import PLAN_TABS, plan_list
from careledger.web.tenancy.models import Credential, Organisation
from careledger.web.tenancy.scope import acting_in

TODAY = NOON.date()


@pytest.fixture
def clinic(db: None, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Organisation]:
    """The smallest demo clinic, before anyone wrote in it; of its plans a few are written."""
    monkeypatch.setattr("careledger.web.demo.plans.PATIENTS", 8)
    made = make_demo(tmp_path, NOON, patients=119)
    with acting_in(made), timezone.override(made.zone):
        yield made


def decided(month: Month) -> list[Any]:
    refresh(month, TODAY)
    return list(
        Standing.objects.filter(month=str(month)).order_by("patient__code").values_list("patient", "state", "bills")
    )


def test_the_demo_is_full_of_life_and_decides_what_it_decided_before(clinic: Organisation) -> None:
    before = decided(Month(2026, 10))
    live(clinic)
    assert decided(Month(2026, 10)) == before
    assert faults(clinic.pk) == []

    lists = {key: plan_list(key, TODAY, None).count() for key, _ in PLAN_TABS}
    assert min(lists["sign"], lists["give"]) >= 1, lists
    heads = PlanHead.objects.filter(given_number__isnull=False, review_due_on__gt=TODAY)
    assert heads.count() >= 3
    version = PlanVersion.objects.filter(signature__isnull=False).first()
    assert version is not None
    assert all(version.content[part] for part in ("problems", "goals", "interventions", "medications", "texts"))
    assert all(one["text_es"] for one in version.content["texts"])

    fares = Counter(Goal.objects.filter(reviewed_on=TODAY, reviews__isnull=False).values_list("status", flat=True))
    assert {"improving", "achieved", "worsening", "no-progress"} <= fares.keys()
    assert all(
        count >= 5 for count in Counter(Reading.objects.filter(source="typed").values_list("goal", flat=True)).values()
    )
    assert all(date(2026, 5, 1) < on <= TODAY for on in Reading.objects.values_list("on", flat=True))

    assert {one.standing_on(TODAY) for one in Credential.objects.all()} == {"good", "soon", "ended"}
    assert RadarRun.objects.count() == 1
    assert RadarFinding.objects.exists()
    assert FindingWork.objects.exists()
    assert (DirectorApproval.objects.count(), Aim.objects.count(), OversightAct.objects.count()) == (1, 2, 4)
