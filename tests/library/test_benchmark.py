"""The published vignettes: complete, versioned, in step with the suite, and a scorer that cannot be flattered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.vignettes.expand import all_vignettes

from careledger.cli.benchmark import benchmark
from careledger.core.errors import InputError
from careledger.library.benchmark.dataset import Dataset, graded, our_answers, published
from careledger.library.benchmark.score import read_sheet, report_text, score
from careledger.policy import load_policy

DATA = published()
SOME = Dataset(DATA.version, DATA.items[::12])
OURS = our_answers(SOME, load_policy())["answers"]


def test_what_is_published_is_what_the_suite_expects() -> None:
    raw = {one.name: one for one in all_vignettes()}
    gone = [item.id for item in DATA.items if item.name not in raw]
    moved = [
        item.id
        for item in DATA.items
        if item.name in raw and item.id == raw[item.name].id and item.expected != _expected(raw[item.name])
    ]
    assert (gone, moved) == ([], []), "run scripts/publish_vignettes"


def _expected(raw) -> list[dict[str, object]]:  # type: ignore[no-untyped-def]
    return [graded(one, raw.person) for one in raw.expect if "code" in one or "absent" in one]


def test_ours_are_all_right_and_disputed_sources_are_listed() -> None:
    report = score(OURS, SOME)
    assert all(grade.right for grade in report.grades), report_text(report)
    whole = report_text(score({}, DATA))
    assert all(item.id in whole for item in DATA.items if item.disputed)
    assert any(item.disputed for item in DATA.items)
    assert {item.kind for item in DATA.items} == {"threshold", "conflict", "requirement"}


def test_an_empty_sheet_and_a_sheet_that_bills_everything_earn_little() -> None:
    assert not any(grade.right for grade in score({}, SOME).grades)
    everything = {
        item.id: [
            {"code": one["code"], "verdict": verdict} for one in item.expected for verdict in ("bill", "no", "not_yet")
        ]
        for item in SOME.items
    }
    right = sum(grade.right for grade in score(everything, SOME).grades)
    assert right < len(SOME.items) * 0.1


def test_one_wrong_unit_is_found() -> None:
    item = next(one for one in SOME.items if "units" in one.expected[0])
    rows = [{**row, "units": 99} if row["verdict"] == "bill" else row for row in OURS[item.id]]
    (grade,) = [grade for grade in score({**OURS, item.id: rows}, SOME).grades if grade.item.id == item.id]
    assert "units 99 instead" in grade.wrong[0] or "units 99" in grade.wrong[0]


@pytest.mark.parametrize(
    ("sheet", "word"),
    [
        ({"version": "old", "answers": {}}, "another version"),
        ({"answers": []}, "no answer sheet"),
        ({"version": DATA.version, "answers": {"a": "bill"}}, "no list of code and verdict"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_refused(tmp_path: Path, sheet: object, word: str) -> None:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(sheet))
    with pytest.raises(InputError, match=word):
        read_sheet(path, DATA)


def test_the_command_exports_without_answers_and_scores(tmp_path: Path) -> None:
    run = CliRunner()
    out = tmp_path / "set.json"
    assert run.invoke(benchmark, ["export", "--without-answers", "--out", str(out)]).exit_code == 0
    document = json.loads(out.read_text())
    assert document["version"] == DATA.version
    assert "expected" not in document["vignettes"][0]
    sheet = tmp_path / "answers.json"
    sheet.write_text(json.dumps({"version": DATA.version, "answers": OURS}))
    result = run.invoke(benchmark, ["score", str(sheet), "--json"])
    assert json.loads(result.output)["right"] == len(OURS)
