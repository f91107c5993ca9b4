"""A zoo of broken policy files: each mistake is caught, with its file, its line and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.policy.sound_policy import SOUND

from careledger.cli.policy import policy as command
from careledger.core.errors import PolicyError
from careledger.policy import load_policy
from careledger.policy.lint import lint, policy_lint

TIME = "ccm/time.yaml"
WORK = "activities.yaml"
PAIRS = "conflicts/ccm.yaml"
Folder = Callable[..., Path]


def changed(name: str, old: str, new: str) -> dict[str, str | None]:
    assert old in SOUND[name]
    return {name: SOUND[name].replace(old, new, 1)}


def minutes(*entries: str) -> dict[str, str | None]:
    head = SOUND[TIME].partition("    - ")[0]
    cited = (entry if "cite" in entry else f"{entry}, cite: [rule-1]" for entry in entries)
    return {TIME: head + "".join(f"    - {{{entry}}}\n" for entry in cited)}


ZOO: dict[str, tuple[dict[str, str | None], str, int, str]] = {
    "a duplicate key": (changed(TIME, "says: minutes", "says: minutes\nsays: twice"), TIME, 3, "twice"),
    "a file cut in the middle": (changed(TIME, "cite: [rule-1]}", "cite: [rule-1"), TIME, 8, "not closed"),
    "an empty file": ({TIME: ""}, TIME, 1, "nothing where a mapping belongs"),
    "a list for a file": ({TIME: "- a\n"}, TIME, 1, "a list where a mapping belongs"),
    "an unknown key": (changed(TIME, "says: minutes", "say: minutes"), TIME, 2, "unknown key"),
    "a missing key": (changed(TIME, "says: minutes\n", ""), TIME, 1, "says is missing"),
    "an unknown key of a value": (minutes("from: 2018-01-01, val: 1"), TIME, 7, "unknown key"),
    "a value without a from": (minutes("value: 1"), TIME, 7, "from is missing"),
    "a from that is text": (minutes('from: "2018-01-01", value: 1'), TIME, 7, "text where a date"),
    "a from that is no day": (minutes("from: 2018-02-30, value: 1"), TIME, 7, "calendar"),
    "a value that is no list": (changed(TIME, "  minutes:\n", "  minutes: 3\n  more:\n"), TIME, 6, "list of dated"),
    "an unquoted code as a value": (minutes("from: 2018-01-01, value: 99490"), TIME, 7, "without quotes"),
    "an unquoted code in a list": (minutes("from: 2018-01-01, value: [99490]"), TIME, 7, "without quotes"),
    "an unquoted code governed": (changed(TIME, '["99490"]', "[99490]"), TIME, 3, "quotes"),
    "an unquoted code as a key": (changed("codes.yaml", '"99490":', "99490:"), "codes.yaml", 2, "quotes"),
    "an unknown code as a value": (minutes('from: 2018-01-01, value: "99999"'), TIME, 7, "99999"),
    "an unknown code governed": (changed(TIME, '"99490"', '"99999"'), TIME, 3, "99999"),
    "an unknown code in a pair": (changed(PAIRS, '"99490"', '"99999"'), PAIRS, 6, "99999"),
    "an unknown group in a pair": (changed(PAIRS, "@own", "@none"), PAIRS, 7, "group"),
    "an uncited value": (minutes("from: 2018-01-01, value: 1, cite: []"), TIME, 7, "no source is cited"),
    "an unknown source": (minutes("from: 2018-01-01, value: 1, cite: [rule-2]"), TIME, 7, "rule-2"),
    "an unused source": (
        {"sources.yaml": SOUND["sources.yaml"] + "  rule-9: {title: B, kind: mln, issuer: CMS, locator: MLN1}\n"},
        "sources.yaml",
        3,
        "no value cites",
    ),
    "a source of no kind": (changed("sources.yaml", "regulation", "rumour"), "sources.yaml", 2, "not allowed"),
    "an overlap": (
        minutes("from: 2018-01-01, to: 2020-06-30, value: 1", "from: 2020-01-01, value: 2"),
        TIME,
        8,
        "overlaps",
    ),
    "a gap": (
        minutes("from: 2018-01-01, to: 2019-11-30, value: 1", "from: 2020-01-01, value: 2"),
        TIME,
        8,
        "gap",
    ),
    "a late start": (minutes("from: 2019-01-01, value: 1"), TIME, 7, "nothing is said from 2018"),
    "an end": (minutes("from: 2018-01-01, to: 2026-12-31, value: 1"), TIME, 7, "nothing is said after"),
    "a from after its to": (
        minutes("from: 2018-01-01, to: 2017-12-31, value: 1", "from: 2020-01-01, value: 2"),
        TIME,
        7,
        "lies after",
    ),
    "dates in wrong order": (
        minutes("from: 2020-01-01, value: 1", "from: 2018-01-01, value: 2"),
        TIME,
        8,
        "starts before",
    ),
    "one day twice": (
        minutes("from: 2018-01-01, value: 1", "from: 2018-01-01, value: 2"),
        TIME,
        8,
        "starts before",
    ),
    "another kind of value": (
        minutes("from: 2018-01-01, value: 1", 'from: 2020-01-01, value: "two"'),
        TIME,
        8,
        "another kind",
    ),
    "a value that is a mapping": (minutes("from: 2018-01-01, value: {a: 1}"), TIME, 7, "not a value"),
    "no value": (minutes("from: 2018-01-01"), TIME, 7, "not a value"),
    "an absence with a value": (
        minutes("from: 2018-01-01, value: 1, absent: true, note: none"),
        TIME,
        7,
        "absence",
    ),
    "an absence without a reason": (minutes("from: 2018-01-01, absent: true"), TIME, 7, "absence"),
    "doubt without a note": (minutes("from: 2018-01-01, value: 1, confirmed: false, cite: []"), TIME, 7, "doubt"),
    "a dispute without a note": (minutes("from: 2018-01-01, value: 1, disputed: true"), TIME, 7, "doubt"),
    "a flag that is text": (minutes("from: 2018-01-01, value: 1, confirmed: no"), TIME, 7, "true or false"),
    "a topic twice": ({"ccm/time2.yaml": SOUND[TIME]}, "ccm/time2.yaml", 1, "two files"),
    "a code twice": ({"codes_more.yaml": SOUND["codes.yaml"]}, "codes_more.yaml", 2, "two files"),
    "a status of no kind": (changed("codes.yaml", "value: A", "value: Q"), "codes.yaml", 8, "not a Medicare status"),
    "a worker of no kind": (changed("codes.yaml", "who: own", "who: bot"), "codes.yaml", 9, "not allowed"),
    "an unknown base code": (
        changed("codes.yaml", "who: own", 'who: own, base_code: "99999"'),
        "codes.yaml",
        9,
        "99999",
    ),
    "an uncited answer of a pair": (
        changed(PAIRS, 'value: "no", cite: [rule-1]', 'value: "no", cite: []'), PAIRS, 11, "no source is cited",
    ),
    "an unquoted code in a pair": (changed(PAIRS, '["99490"]', "[99490]"), PAIRS, 6, "quotes"),
    "a gap in the answers of a pair": (
        changed(PAIRS, "from: 2018-01-01, value", "from: 2018-01-01, to: 2020-12-31, value"), PAIRS, 11, "after",
    ),
    "answers of a pair that overlap": (
        changed(
            PAIRS, "        - {from: 2018-01-01, value: \"no\", cite: [rule-1]}\n",
            "        - {from: 2018-01-01, to: 2021-06-30, value: \"no\", cite: [rule-1]}\n"
            "        - {from: 2021-01-01, value: \"yes\", cite: [rule-1]}\n",
        ),
        PAIRS, 12, "overlaps",
    ),
    "a pair twice": (changed(PAIRS, "  staff_own:", "  staff_own: {says: again}\n  staff_own:"), PAIRS, 5, "twice"),
    "an answer of no kind": (changed(PAIRS, '"no"', "maybe"), PAIRS, 11, "not an answer"),
    "a relation of no kind": (changed(PAIRS, "self:", "friend:"), PAIRS, 10, "unknown key"),
    "a span of no kind": (changed(PAIRS, "per: month", "per: year"), PAIRS, 8, "not allowed"),
    "an activity in no list": (
        changed(WORK, "  travel: {says: travel}", "  travel: {says: travel}\n  sleep: {says: rest}"),
        WORK,
        7,
        "sleep neither counts",
    ),
    "an activity in both lists": (changed(WORK, "[travel]", "[travel, call]"), WORK, 6, "call counts"),
    "an unknown activity": (changed(WORK, "[travel]", "[travel, fly]"), WORK, 8, "fly"),
    "a wording that means two things": (
        changed(WORK, "travel: {says: travel}", "travel: {says: travel, also: [Phone-Call]}"),
        WORK,
        3,
        "already means",
    ),
    "an overlay for a value nobody has": (
        {"payers/p.yaml": "payer: p\nkind: medicare_ffs\nsays: p\nvalues:\n  ccm.time.hours:\n"
                          "    - {from: 2018-01-01, value: 1, cite: [rule-1]}\n"},
        "payers/p.yaml", 6, "the base has no value",
    ),
    "an overlay over nothing": (
        {"payers/p.yaml": "payer: p\nkind: q\nsays: p\nvalues:\n  ccm.time.minutes:\n"
                          "    - {from: 2018-01-01, value: 1, cite: [rule-1]}\n"},
        "payers/p.yaml", 6, "no payer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ZOO)
def test_a_broken_file_is_caught_with_its_line(name: str, folder: Folder) -> None:
    changes, file, line, words = ZOO[name]
    problems = lint(folder(changes))
    assert any(p.place.file == file and p.place.line == line and words in str(p) for p in problems), [
        *map(str, problems)
    ]
    assert all(problem.mend for problem in problems)


def test_a_sound_folder_has_no_problem_and_loads(folder: Folder) -> None:
    assert lint(folder()) == []
    assert load_policy(folder()).on(date(2026, 6, 1)).number("ccm.time.minutes") == 25


def test_loading_a_broken_folder_names_the_first_problem(folder: Folder) -> None:
    broken = folder(
        {**changed("codes.yaml", "value: A", "value: Q"), **minutes("from: 2018-01-01, value: 1, cite: [x]")}
    )
    with pytest.raises(PolicyError, match=r"ccm/time\.yaml:7: .*\(1 more: careledger policy lint\)"):
        load_policy(broken)


def test_lint_text_lists_problems_or_says_that_all_is_sound(folder: Folder) -> None:
    text, status = policy_lint(folder())
    assert status == 0
    assert text.startswith("policy is sound: 6 values in 1 topic, 2 codes, 1 pair of code groups, 1 payer, 1 source")
    text, status = policy_lint(folder(minutes("from: 2018-01-01, value: 1, cite: [x]")))
    assert status == 1
    assert text.splitlines()[0].startswith("ccm/time.yaml:7: ccm.time.minutes: the source x is not in sources.yaml;")
    assert text.splitlines()[-1] == "1 problem"


def test_the_policy_of_the_package_is_sound() -> None:
    assert [*map(str, lint())] == []


NAMED_IN_THE_ISSUE = (
    "a gap", "an overlap", "an uncited value", "an unquoted code as a value", "an unknown code governed",
    "a duplicate key", "dates in wrong order",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMED_IN_THE_ISSUE)
def test_the_command_refuses_a_broken_folder_with_file_line_and_mend(name: str, folder: Folder) -> None:
    changes, file, line, words = ZOO[name]
    run = CliRunner().invoke(command, ["lint", str(folder(changes))])
    said = [text for text in run.output.splitlines() if text.startswith(f"{file}:{line}:") and words in text]
    assert run.exit_code == 1
    assert said
    assert all(text.partition("; ")[2] for text in said), "the mend follows the problem"
