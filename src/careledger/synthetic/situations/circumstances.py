"""Where the patient lives and stays, who pays, who else bills, and what the claim lacks."""

from __future__ import annotations

from datetime import timedelta

from careledger.core.records import OtherClaim, Stay
from careledger.synthetic import cast
from careledger.synthetic.situations.register import situation
from careledger.synthetic.story import Story


@situation
def inpatient_enough(story: Story) -> None:
    _stay(story, "inpatient", 8, 13)
    story.staff(24, without=range(8, 14))
    story.staff(8, first=9, last=12, by="rn-petrov")


@situation
def inpatient_short(story: Story) -> None:
    _stay(story, "inpatient", 5, 16)
    story.staff(12, without=range(5, 17))
    story.staff(14, first=6, last=15, by="rn-petrov")


@situation
def inpatient_all_month(story: Story) -> None:
    until = story.month.last_on + timedelta(days=4)
    story.add(
        "stays",
        Stay(patient_id=story.id, kind="inpatient", since=story.month.first_on - timedelta(days=3), until=until),
    )
    story.staff(22)


@situation
def snf_enough(story: Story) -> None:
    _stay(story, "snf_part_a", 3, 17)
    story.staff(22, first=19)


@situation
def nursing_home_resident(story: Story) -> None:
    story.change("patients", residence="nursing_facility")
    stay = Stay(
        patient_id=story.id,
        kind="nursing_facility",
        since=story.month.first_on - timedelta(days=200),
        facility_paid_for_care_management=False,
    )
    story.add("stays", stay)
    story.staff(23)


@situation
def assisted_living(story: Story) -> None:
    story.change("patients", residence="assisted_living")
    story.staff(23)


@situation
def death_after_threshold(story: Story) -> None:
    story.change("patients", died_on=story.day(22))
    story.staff(23, last=19)


@situation
def death_before_threshold(story: Story) -> None:
    story.change("patients", died_on=story.day(12))
    story.staff(11, last=9)


@situation
def other_practice_billed(story: Story) -> None:
    story.staff(26)
    story.add(
        "other_claims",
        OtherClaim(
            patient_id=story.id,
            practitioner=cast.OTHER_PRACTITIONER,
            practice_id=cast.OTHER_PRACTICE,
            specialty="cardiology",
            code="99490",
            on=story.day(20),
        ),
    )


@situation
def already_billed(story: Story) -> None:
    story.staff(25, last=20)
    story.add(
        "other_claims",
        OtherClaim(
            patient_id=story.id, practitioner=story.biller, practice_id=cast.PRACTICE, code="99490", on=story.day(21)
        ),
    )


@situation
def medicare_advantage(story: Story) -> None:
    story.change("coverage", payer="medicare_advantage", member_id=story.draw.member_number())
    story.staff(25)


@situation
def medicaid_only(story: Story) -> None:
    story.change("coverage", payer="medicaid", member_id=story.draw.member_number(), part_b=False)
    story.staff(25)


@situation
def qmb(story: Story) -> None:
    story.change("coverage", qmb=True)
    story.staff(26)


@situation
def practitioner_with_bad_npi(story: Story) -> None:
    story.staff(26)


@situation
def no_member_id(story: Story) -> None:
    story.change("coverage", member_id=None)
    story.staff(26)


def _stay(story: Story, kind: str, since: int, until: int) -> None:
    story.add("stays", Stay(patient_id=story.id, kind=kind, since=story.day(since), until=story.day(until)))
