"""Who does the work: trained auxiliary staff, and for navigation either navigators or peers."""

from __future__ import annotations

from careledger.core.decision import Finding
from careledger.core.patient_month import PatientMonth
from careledger.policy.view import PolicyView
from careledger.rules.rule import judgement, met, program_rule, rule, unknown, unmet

_CODES = {"peers": "peer_base_code", "others": "base_code"}


@program_rule("{program}.staff_s", "{program}.all_trained")
def trained(month: PatientMonth, policy: PolicyView, program: str) -> Finding:
    """Everyone whose minutes of {name} count is certified or trained for the work."""
    policy.words(f"{program}.supervision.clinical_staff_kinds")
    facts = month.program(program)
    if not policy.flag(f"{program}.supervision.needs_certified_or_trained") or not facts.staff_counts():
        return met("nobody's minutes wait for a certificate or training")
    if facts.all_trained:
        return met("everyone whose minutes count is certified or trained")
    if facts.all_trained is None:
        return unknown(
            "it is not recorded whether everyone whose minutes count is certified or trained",
            "record certification or training of each person, as State law or the practice asks",
        )
    return unmet("minutes of someone count who is neither certified nor trained", "take these minutes out of the month")


@rule("pin.worked_by")
def by_navigators(month: PatientMonth, policy: PolicyView) -> Finding:
    """The code of navigators is for months whose minutes are not those of peers."""
    return _of_track(month, policy, "others")


@rule("pin.worked_by")
def by_peers(month: PatientMonth, policy: PolicyView) -> Finding:
    """The code of peers is for months whose minutes are those of peers."""
    return _of_track(month, policy, "peers")


def _of_track(month: PatientMonth, policy: PolicyView, track: str) -> Finding:
    policy.flag("pin.one_track.exclusive")
    policy.words("pin.supervision.peer_kinds")
    did = month.program("pin").worked_by
    if did is None or did == track:
        return met("no minutes of the other kind of navigator count in the month")
    if did == "both":
        return judgement(
            "both peers and other navigators worked in the month, and whether their minutes are one service is not settled",
            "decide which of the two was furnished, and log only its minutes to navigation",
        )
    code = policy.text(f"pin.auxiliary_time.{_CODES[did]}")
    return unmet(f"the month's minutes are those of {'peers' if did == 'peers' else 'navigators'}", f"{code} fits them")
