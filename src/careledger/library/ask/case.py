"""A supposed case written out in the case format, so that the engine decides it like any other."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from careledger.core.month import Month
from careledger.library.ask.spec import Spec, Work
from careledger.policy.view import PolicyView

BILLER, GROUP = "dr-a", "g1"
_CONDITIONS = ("E11.22", "I50.32")
_PRINCIPAL = "C50.911"
_STATEMENTS = ("availability", "cost_sharing", "one_practitioner", "right_to_stop")
_STAFF_ID = {"rn": "rn-1", "ma": "ma-1", "biller": BILLER}
_FIRST_DAY = 6
_MOST_DAYS = 20
_DAY_SECONDS = 10 * 3600


def case_document(spec: Spec, view: PolicyView) -> dict[str, Any]:
    """The whole case of a spec; what the spec leaves open is as a patient's who meets every requirement."""
    before = spec.month.previous()
    case: dict[str, Any] = {
        "id": "asked", "month": str(spec.month), "payer": spec.fact("payer"), "setting": spec.fact("setting"),
        "biller": BILLER, "asked": list(spec.asked), "elects": list(spec.asked), "patient": _patient(spec, before), "people": _people(spec),
        "consents": [], "care_plans": [], "visits": [], "access_24_7": True, "certified_ehr": True, "time": [],
    }  # fmt: skip
    for program in spec.programs:
        _enter(case, program, spec, view)
    _log(case, spec, view)
    _stay(case, spec)
    if spec.fact("mdm") != "none":
        case["mdm"] = {BILLER: spec.fact("mdm")}
    return case


def _patient(spec: Spec, before: Month) -> dict[str, Any]:
    last_seen = before.first_on + timedelta(days=4)
    if spec.fact("visit") == "old":
        last_seen -= timedelta(days=430)
    principal = "pcm" in spec.programs and "ccm" not in spec.programs
    codes = (_PRINCIPAL,) if principal else _CONDITIONS[: 1 if spec.fact("conditions") == "one" else 2]
    conditions = [
        {"icd10": code, "chronic": True, "expected_months": 12, "significant_risk": True, "complex": principal}
        for code in codes
    ]
    return {
        "born_on": "1948-05-02", "died_on": _death(spec), "part_b": True, "qmb": False, "established": True,
        "last_seen_on": last_seen.isoformat(), "residence": spec.fact("residence"), "conditions": conditions,
        "complex_multidisciplinary_care": True,
    }  # fmt: skip


def _death(spec: Spec) -> str | None:
    days = {"after": 20, "before": 3}
    died = spec.fact("died")
    return None if died == "no" else spec.month.first_on.replace(day=days[died]).isoformat()


def _people(spec: Spec) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = [
        {"id": BILLER, "kind": spec.fact("biller"), "group": GROUP, "specialty": "family_medicine"}
    ]
    for kind in dict.fromkeys(work.kind for work in spec.work if work.kind != "biller"):
        person: dict[str, Any] = {"id": _person_id(kind), "kind": kind, "group": GROUP}
        if kind in ("chw", "navigator", "peer"):
            person["certified_or_trained"] = True
        if spec.fact("contractor") != "no":
            person |= {"employment": "contractor", "works_with": [BILLER]}
        if spec.fact("contractor") == "abroad":
            person["outside_us"] = True
        people.append(person)
    return people


def _person_id(kind: str) -> str:
    return _STAFF_ID.get(kind, f"{kind.replace('_', '-')}-1")


def _enter(case: dict[str, Any], program: str, spec: Spec, view: PolicyView) -> None:
    """The patient's enrolment in one program: consent, plan, the visit that opens it and what is its own."""
    before = spec.month.previous().first_on
    seen, planned = (before + timedelta(days=4)).isoformat(), (before + timedelta(days=9)).isoformat()
    consent = spec.fact("consent")
    if consent != "missing" and program not in ("tcm", "cpo"):
        case["consents"].append(_consent(program, seen, view, consent == "revoked"))
    if spec.fact("plan") != "missing" and f"{program}.care_plan.elements" in view.ids():
        case["care_plans"].append(
            {
                "program": program,
                "established_on": planned,
                "reviewed_on": planned,
                "signed_by": BILLER,
                "copy_given_on": planned,
                "elements": "all",
            }
        )
    if program not in ("ccm", "cpo", "tcm") or (program == "cpo"):
        _visit(case, program, seen, view)
    own = {
        "bhi": _behavioral,
        "cocm": _behavioral,
        "apcm": _apcm,
        "tcm": _tcm,
        "rpm": _device,
        "rtm": _device,
        "cpo": _agency,
    }.get(program)
    if own is not None:
        own(case, program, spec)
    if program == "chi" and spec.fact("agency") != "none":
        _agency(case, program, spec)


def _consent(program: str, on: str, view: PolicyView, revoked: bool) -> dict[str, Any]:
    statements = view.peek(f"{program}.consent.required_statements")
    covers = (
        list(statements.value) if statements is not None and isinstance(statements.value, tuple) else list(_STATEMENTS)
    )
    day = date.fromisoformat(on)
    return {
        "program": program, "given_on": on, "form": "verbal", "documented": True, "practitioner": BILLER,
        "covers": covers, "revoked_on": (day + timedelta(days=5)).isoformat() if revoked else None,
    }  # fmt: skip


def _visit(case: dict[str, Any], program: str, seen: str, view: PolicyView) -> None:
    codes = view.peek(f"{program}.initiating_visit.codes")
    code = "99214"
    if codes is not None and isinstance(codes.value, tuple) and codes.value and code not in codes.value:
        code = str(codes.value[0])
    if any(visit["code"] == code for visit in case["visits"]):
        next(visit for visit in case["visits"] if visit["code"] == code)["discussed"].append(program)
        return
    case["visits"].append(
        {
            "practitioner": BILLER,
            "on": seen,
            "code": code,
            "face_to_face": True,
            "discussed": [program],
            "need_and_plan_documented": True,
        }
    )


def _behavioral(case: dict[str, Any], program: str, spec: Spec) -> None:
    case["behavioral"] = {
        "diagnosis": True, "initiating_month": False, "validated_scale": True, "service": program,
        "psychiatric_consultant": "psych-1" if program == "cocm" else None, "elements_documented": True,
    }  # fmt: skip


def _apcm(case: dict[str, Any], program: str, spec: Spec) -> None:
    case["apcm"] = {"able_to_furnish_all": True, "quality_reporting": True}
    case["primary_care_focal_point"] = True


def _tcm(case: dict[str, Any], program: str, spec: Spec) -> None:
    first = spec.month.first_on
    seen = first.replace(day=12).isoformat()
    case["discharges"] = [
        {
            "from": "inpatient",
            "on": first.replace(day=4).isoformat(),
            "to": "home",
            "contact_on": first.replace(day=5).isoformat(),
            "contact_by": BILLER,
            "contact_attempts": 0,
            "visit_on": seen,
            "visit_by": BILLER,
            "visit_separate": True,
            "medication_reconciled_on": seen,
            "readmitted_on": None,
            "non_face_to_face_services": True,
        }
    ]
    case["mdm"] = {BILLER: "moderate"}


def _device(case: dict[str, Any], program: str, spec: Spec) -> None:
    device: dict[str, Any] = {
        "kind": program, "set_up_on": spec.month.previous().first_on.isoformat(), "first_use": False,
        "days_with_data": int(spec.fact("days")), "period_since": (spec.month.last_on - timedelta(days=29)).isoformat(),
        "period_until": spec.month.last_on.isoformat(), "live_contact": spec.fact("contact") == "yes",
        "fda_device": True, "auto_transmits": True,
    }  # fmt: skip
    if program == "rtm":
        device["system"] = "musculoskeletal"
    case.setdefault("devices", []).append(device)


def _agency(case: dict[str, Any], program: str, spec: Spec) -> None:
    kind = spec.fact("agency") if spec.fact("agency") != "none" else "home_health"
    tie = spec.fact("tie")
    case["agency_episodes"] = [
        {
            "kind": kind,
            "agency_npi": "1234567893",
            "since": spec.month.previous().previous().first_on.isoformat(),
            "until": None,
            "medicare_covered": True,
            "plan_signed_by": BILLER if spec.fact("signer") == "biller" else "dr-z",
            "financial_interest": tie == "owns",
            "employed_by_agency": tie == "employed",
            "coordinated_this_month": True,
        }
    ]
    if spec.fact("signer") != "biller" and not any(person["id"] == "dr-z" for person in case["people"]):
        case["people"].append({"id": "dr-z", "kind": "physician", "group": "g9", "specialty": "internal_medicine"})


def _log(case: dict[str, Any], spec: Spec, view: PolicyView) -> None:
    """The minutes as entries of a working day at most, so that the amount of a whole month can be supposed too."""
    pieces = [(work, seconds) for work in spec.work for seconds in _days(work.seconds)]
    for number, (work, seconds) in enumerate(pieces[:_MOST_DAYS]):
        start = datetime.combine(spec.month.first_on.replace(day=_FIRST_DAY + number), datetime.min.time()).replace(
            hour=8
        )
        case["time"].append(
            {
                "by": _person_id(work.kind),
                "program": work.program,
                "start": start.isoformat(),
                "end": (start + timedelta(seconds=seconds)).isoformat(),
                "activity": _activity(work, view),
                "documented": True,
                "patient_present": work.program == "pain",
            }
        )


def _days(seconds: int) -> list[int]:
    whole, rest = divmod(seconds, _DAY_SECONDS)
    return [_DAY_SECONDS] * min(whole, _MOST_DAYS) + ([rest] if rest else [])


def _activity(work: Work, view: PolicyView) -> str:
    """Work that counts for the program: a call by staff, the plan by the practitioner, else the first that counts."""
    if work.activity is not None:
        return work.activity
    usual = "review_reports" if work.program == "cpo" else "revise_plan" if work.kind == "biller" else "call_patient"
    listed = view.peek(f"activities.{work.program}_counts")
    counting = listed.value if listed is not None and isinstance(listed.value, tuple) else (usual,)
    return usual if usual in counting or not counting else str(counting[0])


def _stay(case: dict[str, Any], spec: Spec) -> None:
    first = spec.month.first_on
    stays: list[dict[str, Any]] = []
    if spec.fact("stay") == "during":
        stays.append(
            {"kind": "inpatient", "since": first.replace(day=5).isoformat(), "until": first.replace(day=27).isoformat()}
        )
    if spec.fact("stay") == "part":
        stays.append(
            {
                "kind": "inpatient",
                "since": first.replace(day=24).isoformat(),
                "until": first.replace(day=27).isoformat(),
            }
        )
    if spec.fact("residence") in ("nursing_facility", "snf"):
        kind = "snf_part_a" if spec.fact("residence") == "snf" else "nursing_facility"
        stay: dict[str, Any] = {
            "kind": kind,
            "since": spec.month.previous().previous().first_on.isoformat(),
            "until": None,
        }
        if spec.fact("facility_paid") != "unknown":
            stay["facility_paid_for_care_management"] = spec.fact("facility_paid") == "yes"
        stays.append(stay)
    if stays:
        case["stays"] = stays
