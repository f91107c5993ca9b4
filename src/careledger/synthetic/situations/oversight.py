"""Home health and hospice care under the practitioner's oversight."""

from __future__ import annotations

from datetime import date, timedelta

from careledger.core.records import AgencyEpisode
from careledger.synthetic import cast
from careledger.synthetic.situations.register import situation
from careledger.synthetic.story import Story

_OVERSIGHT = {"program": "cpo", "kind": "oversight"}


@situation
def home_health_oversight(story: Story) -> None:
    _under_agency(story, "home_health")
    story.own(31, **_OVERSIGHT)


@situation
def hospice_oversight(story: Story) -> None:
    _under_agency(story, "hospice")
    story.own(36, **_OVERSIGHT)


@situation
def oversight_short(story: Story) -> None:
    _under_agency(story, "home_health")
    story.own(29, **_OVERSIGHT)


@situation
def oversight_not_signer(story: Story) -> None:
    _under_agency(story, "home_health", plan_signed_by=next(who for who in cast.BILLERS if who != story.biller))
    story.own(33, **_OVERSIGHT)


@situation
def oversight_and_ccm(story: Story) -> None:
    kept = {table: story.records[table] for table in ("consents", "care_plans", "goals")}
    _under_agency(story, "home_health")
    story.records.update(kept)
    story.own(32, **_OVERSIGHT)
    story.staff(25)


@situation
def oversight_without_agency_npi(story: Story) -> None:
    _under_agency(story, "home_health", agency_npi=None)
    story.own(34, **_OVERSIGHT)


@situation
def certification(story: Story) -> None:
    on = story.day(9)
    _under_agency(story, "home_health", since=on, certified_on=on)


@situation
def recertification(story: Story) -> None:
    since = story.day(9) - timedelta(days=60)
    _under_agency(story, "home_health", since=since, certified_on=since, recertified_on=story.day(9))


@situation
def payer_recognises_cpt(story: Story) -> None:
    _under_agency(story, "home_health", medicare_covered=False)
    story.change("panel", elects=("99375",))
    story.change("coverage", payer="uhc_community_plan", member_id=story.draw.member_number(), part_b=False)
    story.own(34, **_OVERSIGHT)


def _under_agency(story: Story, kind: str, since: date | None = None, **other: object) -> None:
    """A patient of an agency whose plan the practitioner signed, not enrolled in chronic care management."""
    story.drop("consents", "care_plans", "goals")
    story.change("visits", discussed=None)
    story.change("patients", complex_multidisciplinary_care=True)
    facts: dict[str, object] = {
        "agency_npi": story.draw.npi(),
        "medicare_covered": True,
        "plan_signed_by": story.biller,
        "financial_interest": False,
        "employed_by_agency": False,
        "coordinated_this_month": True,
        **other,
    }
    began_on = since or story.month.first_on - timedelta(days=35)
    story.add("agency_episodes", AgencyEpisode(patient_id=story.id, kind=kind, since=began_on, **facts))  # type: ignore[arg-type]
