"""Grade any system's answers to the published vignettes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careledger.core.errors import InputError, Place
from careledger.library.benchmark.dataset import Dataset, Item
from careledger.policy.strict_yaml import load_path

MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Grade:
    """One vignette: what was wrong, nothing when it is right; ``answered`` is False when the sheet has no answer."""

    item: Item
    wrong: tuple[str, ...]
    answered: bool

    @property
    def right(self) -> bool:
        """Is every expected decision as it should be?"""
        return self.answered and not self.wrong


@dataclass(frozen=True, slots=True)
class Report:
    """All grades of a sheet."""

    version: str
    grades: tuple[Grade, ...]
    unknown: tuple[str, ...]

    def by(self, key: Callable[[Item], str]) -> dict[str, tuple[int, int]]:
        """Right and all, by a property of the vignette."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for grade in self.grades:
            counts[key(grade.item)][0] += grade.right
            counts[key(grade.item)][1] += 1
        return {name: (right, all_) for name, (right, all_) in sorted(counts.items())}


def read_sheet(path: Path, data: Dataset) -> dict[str, list[dict[str, Any]]]:
    """Answers from a file; InputError with the place when it is no answer sheet of this version."""
    document = load_path(path, max_bytes=MOST_BYTES)
    sheet = document.data
    if not isinstance(sheet, dict) or not isinstance(sheet.get("answers"), dict):
        raise InputError(
            Place(path.name), "this is no answer sheet", "write {version, answers: {id: [{code, verdict}]}}"
        )
    if sheet.get("version") != data.version:
        raise InputError(
            Place(path.name, field="version"), "the answers are to another version of the vignettes",
            f"answer version {data.version} ('careledger benchmark export')",
        )  # fmt: skip
    for id_, rows in sheet["answers"].items():
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and {"code", "verdict"} <= row.keys() for row in rows
        ):
            place = Place(path.name, field=f"answers.{str(id_)[:40]}")
            raise InputError(
                place, "an answer is no list of code and verdict", "write [{code, verdict}] for each vignette"
            )
    return dict(sheet["answers"])


def score(answers: dict[str, list[dict[str, Any]]], data: Dataset) -> Report:
    """Grade every vignette of the set."""
    known = {item.id for item in data.items}
    grades = tuple(_grade(item, answers.get(item.id)) for item in data.items)
    return Report(data.version, grades, tuple(sorted(set(answers) - known)))


def report_text(report: Report, most: int = 40) -> str:
    """The report: totals, families, kinds, what was wrong, and the vignettes whose sources disagree."""
    right = sum(grade.right for grade in report.grades)
    lines = [f"Vignettes {report.version}: {_share(right, len(report.grades))}", ""]
    for title, key in (("By family", "family"), ("By what it turns on", "kind")):
        lines += [title, *_table(report.by(lambda item, key=key: str(getattr(item, key)))), ""]  # type: ignore[misc]
    wrong = [grade for grade in report.grades if not grade.right]
    if wrong:
        lines += [f"Not right ({len(wrong)})"]
        lines += [f"  {grade.item.id}: {'; '.join(grade.wrong) or 'not answered'}" for grade in wrong[:most]]
        lines += [f"  ... and {len(wrong) - most} more", ""] if len(wrong) > most else [""]
    if report.unknown:
        lines += [f"Answered but not in the set: {', '.join(report.unknown[:10])}", ""]
    return "\n".join([*lines, *_disputed(report)])


def as_json(report: Report) -> dict[str, Any]:
    """The report as data."""
    return {
        "version": report.version,
        "right": sum(grade.right for grade in report.grades),
        "all": len(report.grades),
        "by_family": report.by(lambda item: item.family),
        "by_kind": report.by(lambda item: item.kind),
        "wrong": {grade.item.id: list(grade.wrong) or ["not answered"] for grade in report.grades if not grade.right},
        "disputed": {grade.item.id: grade.item.disputed for grade in report.grades if grade.item.disputed},
        "unknown": list(report.unknown),
    }


def _disputed(report: Report) -> list[str]:
    disputed = [grade for grade in report.grades if grade.item.disputed]
    reasons: dict[str, list[str]] = defaultdict(list)
    for grade in disputed:
        for note in grade.item.disputed:
            reasons[note].append(grade.item.id)
    lines = [f"Sources disagree behind {len(disputed)} vignettes; a system that follows the other reading is not wrong"]
    for note, ids in sorted(reasons.items()):
        lines += [f"  {note}", f"    {', '.join(ids)}"]
    return lines


def _grade(item: Item, answer: list[dict[str, Any]] | None) -> Grade:
    if answer is None:
        return Grade(item, (), False)
    people = {str(person["id"]) for person in item.case["people"]}
    rows = [row for row in answer if row.get("practitioner") is None or row["practitioner"] in people]
    return Grade(item, tuple(text for one in item.expected if (text := _wrong(one, rows, _verdicts(item, one)))), True)


def _wrong(expected: dict[str, Any], answer: list[dict[str, Any]], verdicts: int) -> str | None:
    code = expected["code"]
    rows = [row for row in answer if str(row["code"]) == code and _of(row, expected)]
    billed = [row for row in rows if row["verdict"] == "bill"]
    if expected["verdict"] == "not_billed":
        return f"{code} is billed" if billed else None
    if not rows:
        return f"{code}: nothing is said"
    if any(len({row["verdict"] for row in mine}) > verdicts for mine in _by_practitioner(rows)):
        return f"{code}: more than one verdict for one practitioner"
    if not any(_same(expected, row) for row in rows):
        said = ", ".join(f"{key} {rows[0].get(key)}" for key in expected if key != "code")
        return f"{code}: {said} instead of {', '.join(f'{key} {value}' for key, value in expected.items() if key != 'code')}"
    return None


def _verdicts(item: Item, expected: dict[str, Any]) -> int:
    """How many verdicts on the code the vignette itself expects: two where a second line is proposed."""
    return len({one["verdict"] for one in item.expected if one["code"] == expected["code"]})


def _by_practitioner(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    groups: dict[object, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row.get("practitioner")].append(row)
    return list(groups.values())


def _of(row: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Is the row about the practitioner expected, where the vignette tells several apart?"""
    return (
        "practitioner" not in expected or row.get("practitioner", expected["practitioner"]) == expected["practitioner"]
    )


def _same(expected: dict[str, Any], row: dict[str, Any]) -> bool:
    return all(str(row.get(key)) == str(value) for key, value in expected.items() if key != "practitioner")


def _table(rows: dict[str, tuple[int, int]]) -> list[str]:
    width = max((len(name) for name in rows), default=0)
    return [f"  {name.ljust(width)}  {_share(right, all_)}" for name, (right, all_) in rows.items()]


def _share(right: int, all_: int) -> str:
    return f"{right} of {all_} ({100 * right / all_:.1f}%)" if all_ else "0 of 0"
