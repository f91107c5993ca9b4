"""The published vignettes: cases in full, what is expected of each, and where their sources disagree."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from careledger.core.decision import Decision
from careledger.core.errors import InputError, Place
from careledger.engine.answer import Answer
from careledger.engine.check import answer_case
from careledger.facts.case import cases_of_text
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView

PUBLISHED = Path(__file__).parent / "vignettes.json.gz"
FORMAT = 1
_GRADED = frozenset({"code", "verdict", "units", "date_of_service"})
_TIME_WORDS = ("first_unit", "add_on_units", "later_month", "first_month", "days_of_data", "in_time", "soon_enough")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A vignette as published.

    Attributes:
        expected: decisions to be graded: code, verdict, and units and date of service where they matter.
        kind: ``threshold``, ``conflict`` or ``requirement``, by what the vignette turns on.
        disputed: policy values it rests on whose sources disagree, with both readings.
    """

    id: str
    family: str
    kind: str
    name: str
    source: str
    where: str
    today: str | None
    case: dict[str, Any]
    expected: list[dict[str, Any]]
    disputed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A published set; ``version`` is a hash of its items."""

    version: str
    items: tuple[Item, ...]


def item_of(raw: Any, policy: Policy) -> Item | None:
    """A vignette of the test suite as an item; None when it expects nothing that another system could answer."""
    expected = [graded(one, raw.person) for one in raw.expect if "code" in one or "absent" in one]
    if not expected:
        return None
    case = raw.case()
    answer = our_answer(case, raw.id, raw.today, policy)
    source, _, where = raw.why.partition(",")
    return Item(
        id=raw.id, family=_family(expected, policy, case), kind=_kind(raw), name=raw.name, source=source,
        where=where.strip(), today=None if raw.today is None else str(raw.today), case=_plain(case), expected=expected,
        disputed=_disputed(answer, raw.expect, policy),
    )  # fmt: skip


def graded(expected: dict[str, Any], person: Callable[[str], str]) -> dict[str, Any]:
    """What can be asked of any system: not our rules' names, only codes, verdicts, units and dates."""
    if "absent" in expected:
        return {"code": str(expected["absent"]), "verdict": "not_billed"}
    kept = {key: str(value) if key != "units" else value for key, value in expected.items() if key in _GRADED}
    if "practitioner" in expected:
        kept["practitioner"] = person(expected["practitioner"])
    return {"verdict": "bill", **kept}


def dataset(items: Iterable[Item]) -> Dataset:
    """Items with the version that their content gives."""
    held = tuple(sorted(items, key=lambda item: item.id))
    text = json.dumps([asdict(item) for item in held], sort_keys=True)
    return Dataset(hashlib.sha256(text.encode()).hexdigest()[:12], held)


def to_bytes(data: Dataset) -> bytes:
    """The data set as a JSON document."""
    about = {
        "name": "CareLedger vignettes", "format": FORMAT, "version": data.version, "licence": "Apache-2.0",
        "people": "synthetic", "verdicts": ["bill", "not_yet", "no", "human_decides"],
        "answers": "{version, answers: {vignette id: [{code, practitioner, verdict, units, date_of_service}]}}",
    }  # fmt: skip
    document = {**about, "vignettes": [asdict(item) for item in data.items]}
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=False).encode() + b"\n"


def write_published(data: Dataset, path: Path = PUBLISHED) -> None:
    """Put a set into the package; the same set gives the same bytes."""
    path.write_bytes(gzip.compress(to_bytes(data), mtime=0))


def published(path: Path = PUBLISHED) -> Dataset:
    """The set that the package publishes; InputError when its content is not what its version says."""
    document = json.loads(gzip.decompress(path.read_bytes()))
    data = dataset(Item(**row) for row in document["vignettes"])
    if data.version != document["version"]:
        raise InputError(Place(path.name), "the content differs from its version", "install the package again")
    return data


def our_answer(case: dict[str, Any], id_: str, today: date | None, policy: Policy) -> Answer:
    """What CareLedger answers to a case."""
    (read,) = cases_of_text(json.dumps(_plain(case)), id_)
    return answer_case(read, policy, on=today)


def our_answers(data: Dataset, policy: Policy) -> dict[str, Any]:
    """CareLedger's own answer sheet."""
    sheet = {}
    for item in data.items:
        today = None if item.today is None else date.fromisoformat(item.today)
        answer = our_answer(item.case, item.id, today, policy)
        billed = [
            {**_who(line.decision), "verdict": "bill", "units": line.decision.units, "date_of_service": str(line.on)}
            for line in answer.billable
        ]
        refused = [
            {"code": one.code, "practitioner": one.practitioner, "verdict": str(one.verdict)} for one in answer.refused
        ]
        sheet[item.id] = [*billed, *refused]
    return {"version": data.version, "answers": sheet}


def _who(decision: Decision) -> dict[str, str]:
    return {"code": decision.code, "practitioner": decision.practitioner}


def _plain(case: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(case, default=str))
    return plain


def _family(expected: list[dict[str, Any]], policy: Policy, case: dict[str, Any]) -> str:
    view = policy.on(_last_day(case))
    code = expected[0]["code"]
    return view.code(code).family if code in policy.codes() else "other"


def _kind(raw: Any) -> str:
    rules = " ".join(str(one.get("rule", "")) for one in raw.expect)
    if "conflicts." in rules or "one_of_two" in rules or "conflict" in raw.file:
        return "conflict"
    timed = any(word in rules for word in _TIME_WORDS) or "_time" in raw.file
    return (
        "threshold"
        if timed or (any("minutes" in str(key) for key in raw.given) and _turns_on_time(raw))
        else "requirement"
    )


def _turns_on_time(raw: Any) -> bool:
    return any(one.get("verdict") == "not_yet" or "units" in one for one in raw.expect)


def _disputed(answer: Answer, expect: list[dict[str, Any]], policy: Policy) -> list[str]:
    """Disputed values that an expected decision turns on: those of the rule or the values that the vignette names."""
    view = policy.on(_month_day(answer), answer.payer)
    used = {name for one in expect if "code" in one for name in _turned_on(answer, one)}
    return [note for name in sorted(used) if (note := _dispute(view, name))]


def _turned_on(answer: Answer, expected: dict[str, Any]) -> list[str]:
    found = [line.decision for line in answer.billable] + [one.decision for one in answer.refused]
    findings = [one for decision in found if decision.code == expected["code"] for one in decision.because]
    rule = expected.get("rule")
    names = [name for one in findings for name in one.uses if one.rule == rule]
    endings = tuple(str(ending) for ending in expected.get("uses", ()))
    if "date_of_service" in expected:
        endings += ("line_dates",)
    return names + [name for one in findings for name in one.uses if endings and name.endswith(endings)]


def _dispute(view: PolicyView, name: str) -> str | None:
    value = view.peek(name)
    return f"{name}: {value.note}" if value is not None and value.disputed else None


def _month_day(answer: Answer) -> date:
    year, month = answer.month.split("-")
    return date(int(year), int(month), 28)


def _last_day(case: dict[str, Any]) -> date:
    year, month = str(case["month"]).split("-")
    return date(int(year), int(month), 28)
