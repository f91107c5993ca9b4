"""What cannot be paid beside what else was billed for the patient in the month, by whom."""

from __future__ import annotations

from collections.abc import Sequence

from careledger.core.decision import Finding
from careledger.core.patient_month import BilledService, PatientMonth
from careledger.policy.model import Conflict, PolicyValue
from careledger.policy.view import PolicyView
from careledger.rules.rule import code_rule, judgement, met, unmet

BY = {
    "self": "the same practitioner",
    "group": "another practitioner of the group",
    "group_same_specialty": "a practitioner of the same group and specialty",
    "other": "a practitioner of another practice",
}


@code_rule("billed")
def not_billed_before(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """A code billed for the month once is not billed again."""
    for service in month.billed:
        if service.code == code and service.relation == "self":
            return unmet(
                f"{code} was already billed for this month by the same practitioner",
                "send a corrected claim if the first one was wrong, never a second one",
            )
    return met(f"{code} was not billed before for this month")


@code_rule("billed")
def beside_what_is_billed(month: PatientMonth, policy: PolicyView, code: str) -> Finding:
    """Nothing billed for the month, by the practitioner or anyone else, excludes the code."""
    found = [
        (service, row, answer)
        for service in month.billed
        for row, answer in policy.conflicts(code, service.code, service.relation)
    ]
    for service, row, answer in found:
        if answer.value == "no" and row.per == "month":
            return unmet(
                f"{code} is not paid beside {service.code}, billed in the month by {BY[service.relation]}: {row.says}",
                f"it could be billed only if {service.code} by {BY[service.relation]} were withdrawn",
            )
    for service, row, answer in found:
        if answer.value == "human" and not (row.per == "date" and _on_another_day(service, policy, code)):
            return judgement(
                f"whether {code} is paid beside {service.code} by {BY[service.relation]} is not settled: {row.says}",
                answer.note or "ask the contractor",
            )
    return met(_allowed(code, found))


def _on_another_day(service: BilledService, policy: PolicyView, code: str) -> bool:
    """Is the code's line dated by a visit, and the service billed on another day than that?"""
    default = policy.peek(f"{policy.code(code).program}.date_of_service.default")
    return default is not None and default.value == "visit_day" and not service.same_day_as_visit


def _allowed(code: str, found: Sequence[tuple[BilledService, Conflict, PolicyValue]]) -> str:
    conditions = {
        "no": "{} only on another date",
        "modifier": "{} with a modifier and separate work",
        "yes_separate_minutes": "{} with separate minutes",
    }
    said = [conditions[str(a.value)].format(s.code) for s, _, a in found if str(a.value) in conditions]
    if said:
        return f"{code} is paid beside " + ", ".join(dict.fromkeys(said))
    return f"nothing billed for the month excludes {code}"
