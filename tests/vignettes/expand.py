"""Vignettes: cases in a few words, expanded over one eligible patient into full case documents.

A vignette has ``name`` (a sentence with its reason), ``why`` (a source id of policy, then words), ``month``, ``given``
and ``expect``; optionally ``today``, the day of asking, ``overlay``, the name of an overlay that is off by default, and
``suppose``, policy values as they are not (name to value), which show that a rule follows the data. ``given`` overrides the patient below, who meets everything CCM
asks for but time. Short forms:

    program                      the program instead of CCM (pcm, bhi, chi ...): its consent, plan, visit and minutes; who
                                 works is whom its policy names first
    staff_minutes, own_minutes   logged to CCM by the nurse rn-1 on the 6th, by dr-a on the 7th; minutes or "MM:SS"
    cpo_minutes                  logged to oversight by dr-a on the 8th, with a home health patient's conditions all met
    hospice_minutes              the same with a hospice patient
    consent, care_plan, agency   keys to override in the consent, the plan, the agency's episode; null removes it
    discharge, device            the same in the discharge that ``program: tcm`` brings, the device of ``rpm`` and ``rtm``
    patient                      keys to override in the patient
    without                      dotted keys to remove, such as access_24_7 or patient.part_b
    more_people, more_time       added to the people and the time of the patient below

Every other key is a key of the case format. Ids of people and groups are made different in each vignette, so that all
vignettes can stand in one close.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from careledger.core.month import Month
from careledger.policy import Policy, PolicyValue, load_policy
from careledger.policy.hypothesis import Hypothesis, HypotheticalPolicy
from careledger.policy.model import BEGIN, Overlay
from careledger.policy.strict_yaml import load

POLICY = load_policy()
SUPPOSED = "supposed"
HERE = Path(__file__).parent
STATEMENTS = ["availability", "cost_sharing", "one_practitioner", "right_to_stop"]


@dataclass(frozen=True)
class Vignette:
    file: str
    number: int
    name: str
    why: str
    month: str
    given: dict[str, Any]
    expect: list[dict[str, Any]]
    today: date | None = None
    overlay: str | None = None
    suppose: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        return f"{self.file}-{self.number:02d}"

    def case(self) -> dict[str, Any]:
        """The full case document."""
        case = _expanded(self)
        names = [person["id"] for person in case["people"]] + [person["group"] for person in case["people"]]
        return _renamed(case, {name: f"{name}.{self.id}" for name in names if name})

    def person(self, name: str) -> str:
        return f"{name}.{self.id}"


def all_vignettes() -> list[Vignette]:
    found = []
    for path in sorted(HERE.glob("*.yaml")):
        rows = load(path.read_text(), path.name)
        rows = getattr(rows, "data", rows)
        for number, row in enumerate(rows, start=1):
            expect = row["expect"] if isinstance(row["expect"], list) else [row["expect"]]
            given, other = row.get("given") or {}, {key: row.get(key) for key in ("today", "overlay", "suppose")}
            found.append(Vignette(path.stem, number, row["name"], row["why"], row["month"], given, expect, **other))
    return found


def policy_of(vignette: Vignette) -> Policy:
    """The policy that a vignette is asked under: as it is, unless it names an overlay or supposes values."""
    overlays = [vignette.overlay] if vignette.overlay else []
    policy: Policy = POLICY
    if vignette.suppose:
        policy, overlays = _supposed(vignette.suppose), [*overlays, SUPPOSED]
    return HypotheticalPolicy(policy, Hypothesis(overlays=tuple(overlays))) if overlays else policy


def _supposed(values: dict[str, Any]) -> Policy:
    """Policy with one more overlay, whose values hold on every day and under every payer."""
    policy = copy.copy(POLICY)
    unknown = [id_ for id_ in values if not POLICY.knows(id_)]
    assert not unknown, f"no policy value is named {unknown}"
    layer = {
        id_: (PolicyValue(id=id_, value=_plain(value), cite=(), since=BEGIN, confirmed=False, layer=SUPPOSED),)
        for id_, value in values.items()
    }
    policy.overlays = POLICY.overlays | {SUPPOSED: Overlay(id=SUPPOSED, says="what a vignette supposes")}
    policy._layers = {
        name: here | {id_: value for id_, value in layer.items() if id_ in here}
        for name, here in POLICY._layers.items()
    } | {SUPPOSED: layer}
    policy._resolved = {}
    return policy


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _expanded(vignette: Vignette) -> dict[str, Any]:
    given = copy.deepcopy(vignette.given)
    month = Month.parse(vignette.month)
    case = _base(vignette.id, month)
    program = given.pop("program", "ccm")
    if program != "ccm":
        _enter(case, program, month)
    _short_forms(case, given, month, program)
    for key in ("consent", "care_plan", "agency", "discharge", "device"):
        _override(case, given, key, month)
    case["patient"].update(given.pop("patient", {}))
    without = given.pop("without", [])
    case["people"] += given.pop("more_people", [])
    case["time"] += given.pop("more_time", [])
    case.update(given)
    for key in without:
        _remove(case, key)
    return case


def _base(id_: str, month: Month) -> dict[str, Any]:
    before = month.previous()
    return {
        "id": id_,
        "month": str(month),
        "payer": "medicare_ffs",
        "setting": "office",
        "biller": "dr-a",
        "patient": {
            "born_on": "1948-05-02",
            "died_on": None,
            "part_b": True,
            "qmb": False,
            "established": True,
            "last_seen_on": str(before.first_on + timedelta(days=4)),
            "residence": "home",
            "conditions": [
                {"icd10": "E11.22", "chronic": True, "expected_months": 12, "significant_risk": True},
                {"icd10": "I50.32", "chronic": True, "expected_months": 12, "significant_risk": True},
            ],
        },
        "people": [
            {"id": "dr-a", "kind": "physician", "group": "g1", "specialty": "family_medicine"},
            {"id": "dr-b", "kind": "physician", "group": "g2", "specialty": "cardiology"},
            {"id": "dr-c", "kind": "physician", "group": "g1", "specialty": "family_medicine"},
            {"id": "np-1", "kind": "np", "group": "g1", "specialty": "family_medicine"},
            {"id": "rn-1", "kind": "rn", "group": "g1"},
            {"id": "rn-2", "kind": "rn", "group": "g1"},
            {"id": "ma-1", "kind": "ma", "group": "g1"},
            {"id": "clerk-1", "kind": "clerical", "group": "g1"},
        ],
        "consents": [_consent(before)],
        "care_plans": [_care_plan(before)],
        "access_24_7": True,
        "certified_ehr": True,
        "time": [],
    }


def _consent(before: Month) -> dict[str, Any]:
    return {
        "program": "ccm", "given_on": str(before.first_on + timedelta(days=4)), "form": "verbal", "documented": True,
        "practitioner": "dr-a", "covers": list(STATEMENTS), "revoked_on": None,
    }  # fmt: skip


def _care_plan(before: Month) -> dict[str, Any]:
    on = str(before.first_on + timedelta(days=9))
    return {
        "program": "ccm", "established_on": on, "reviewed_on": on, "signed_by": "dr-a", "copy_given_on": on,
        "elements": "all",
    }  # fmt: skip


def _agency(kind: str, month: Month) -> dict[str, Any]:
    return {
        "kind": kind, "agency_npi": "1234567893", "since": str(month.previous().previous().first_on), "until": None,
        "medicare_covered": True, "plan_signed_by": "dr-a", "financial_interest": False, "employed_by_agency": False,
        "coordinated_this_month": True,
    }  # fmt: skip


def _enter(case: dict[str, Any], program: str, month: Month) -> None:
    """Another program instead of CCM: consent that covers what its policy asks, a plan, a visit that opens it."""
    view = POLICY.on(month.last_on)
    case["consents"] = [case["consents"][0] | {"program": program}]
    statements = view.peek(f"{program}.consent.required_statements")
    case["consents"][0]["covers"] = list(statements.value or ()) if statements else []
    case["care_plans"] = (
        [case["care_plans"][0] | {"program": program}] if f"{program}.care_plan.elements" in view.ids() else []
    )
    codes = view.peek(f"{program}.initiating_visit.codes")
    if codes is not None and codes.value:
        code = next((code for code in codes.value if code in ("99214", "99495", "G0402")), codes.value[0])
        case["visits"] = [
            {
                "practitioner": "dr-a", "on": str(month.previous().first_on + timedelta(days=4)), "code": code,
                "face_to_face": True, "discussed": [program], "need_and_plan_documented": True,
            }
        ]  # fmt: skip
    case["people"].append({"id": "chw-1", "kind": "chw", "group": "g1", "certified_or_trained": True})
    case["people"].append({"id": "nav-1", "kind": "navigator", "group": "g1", "certified_or_trained": True})
    case["people"].append({"id": "peer-1", "kind": "peer", "group": "g1", "certified_or_trained": True})
    case["people"].append({"id": "psy-1", "kind": "psychologist", "group": "g1", "specialty": "psychology"})
    if program == "pcm":
        condition = {
            "icd10": "C50.911",
            "chronic": True,
            "expected_months": 12,
            "significant_risk": True,
            "complex": True,
        }
        case["patient"]["conditions"] = [condition]
    if program == "pain":
        case["patient"]["conditions"] = [{"icd10": "G89.4", "chronic": True, "expected_months": 12}]
        case["visits"] = [
            {
                "practitioner": "dr-a",
                "on": str(month.first_on + timedelta(days=2)),
                "code": "99214",
                "face_to_face": True,
            }
        ]
    if program in ("bhi", "cocm"):
        case["behavioral"] = {
            "diagnosis": True, "initiating_month": False, "validated_scale": True, "service": program,
            "psychiatric_consultant": "psych-1" if program == "cocm" else None, "elements_documented": True,
        }  # fmt: skip
    if program == "apcm":
        case["apcm"] = {"able_to_furnish_all": True, "quality_reporting": True}
        case["primary_care_focal_point"] = True
    if program == "tcm":
        case["discharges"], case["mdm"] = [_discharge(month)], {"dr-a": "moderate"}
    if program in ("rpm", "rtm"):
        case["devices"] = [
            {
                "kind": program, "set_up_on": str(month.previous().first_on), "first_use": False, "days_with_data": 16,
                "period_since": str(month.last_on - timedelta(days=29)), "period_until": str(month.last_on),
                "live_contact": True, "fda_device": True, "auto_transmits": True,
                **({"system": "musculoskeletal"} if program == "rtm" else {}),
            }
        ]  # fmt: skip


def _discharge(month: Month) -> dict[str, Any]:
    """A discharge on the 4th that meets everything 99495 asks for, with the visit on the 12th."""
    seen = str(month.first_on.replace(day=12))
    return {
        "from": "inpatient", "on": str(month.first_on.replace(day=4)), "to": "home",
        "contact_on": str(month.first_on.replace(day=5)), "contact_by": "rn-1", "contact_attempts": 0,
        "visit_on": seen, "visit_by": "dr-a", "visit_separate": True, "medication_reconciled_on": seen,
        "readmitted_on": None, "non_face_to_face_services": True,
    }  # fmt: skip


WORKERS = {"chi": "chw-1", "pin": "nav-1", "pin_peer": "peer-1"}
"""Who works for a program whose policy names neither nurses nor the practitioner first."""


def _short_forms(case: dict[str, Any], given: dict[str, Any], month: Month, program: str = "ccm") -> None:
    for key, by, day, activity in (
        ("staff_minutes", WORKERS.get(program, "rn-1"), 6, _activity(program, month, "call_patient")),
        ("own_minutes", "dr-a", 7, _activity(program, month, "revise_plan")),
    ):
        if key in given:
            case["time"].append(_entry(by, program, month, day, given.pop(key), activity))
    for key, kind in (("cpo_minutes", "home_health"), ("hospice_minutes", "hospice")):
        if key in given:
            case["time"].append(_entry("dr-a", "cpo", month, 8, given.pop(key), "review_reports"))
            _make_overseen(case, kind, month)


def _activity(program: str, month: Month, usual: str) -> str:
    """The usual activity where it counts for the program, else the first that does."""
    counting = POLICY.on(month.last_on).peek(f"activities.{program}_counts")
    listed = tuple(counting.value or ()) if counting is not None and counting.value else (usual,)
    return usual if usual in listed else str(listed[0])


def _make_overseen(case: dict[str, Any], kind: str, month: Month) -> None:
    """A patient under oversight and not in CCM; ``consent`` or ``care_plan`` in the vignette bring CCM back."""
    case["agency_episodes"] = [_agency(kind, month)]
    case["consents"], case["care_plans"] = [], []
    case["patient"]["complex_multidisciplinary_care"] = True
    before = month.previous()
    case["visits"] = [
        {"practitioner": "dr-a", "on": str(before.first_on + timedelta(days=4)), "code": "99214", "face_to_face": True}
    ]


def _override(case: dict[str, Any], given: dict[str, Any], key: str, month: Month) -> None:
    if key not in given:
        return
    plural = {"care_plan": "care_plans", "agency": "agency_episodes"}.get(key, f"{key}s")
    changes = given.pop(key)
    if changes is None:
        case[plural] = []
        return
    fresh = {"consent": _consent(month.previous()), "care_plan": _care_plan(month.previous())}
    whole = case.get(plural) or [fresh.get(key) or _agency("home_health", month)]
    case[plural] = [whole[0] | changes, *whole[1:]]


def _entry(by: str, program: str, month: Month, day: int, minutes: int | str, activity: str) -> dict[str, Any]:
    start = datetime.combine(month.first_on.replace(day=day), datetime.min.time()).replace(hour=8)
    end = start + timedelta(seconds=_seconds(minutes))
    return {
        "by": by, "program": program, "start": start.isoformat(), "end": end.isoformat(), "activity": activity,
        "documented": True, "patient_present": False,
    }  # fmt: skip


def _seconds(minutes: int | str) -> int:
    if isinstance(minutes, int):
        return minutes * 60
    whole, _, rest = minutes.partition(":")
    return int(whole) * 60 + int(rest)


def _remove(case: dict[str, Any], key: str) -> None:
    *path, last = key.split(".")
    place: Any = case
    for step in path:
        place = place[int(step)] if re.fullmatch(r"\d+", step) else place[step]
    del place[last]


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part, names) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return names.get(value, value) if isinstance(value, str) else value
