"""``policy lint``: everything that is wrong with the policy files, each with file, line and mend."""

from __future__ import annotations

from pathlib import Path

from careledger.policy.checks import check
from careledger.policy.load import DATA
from careledger.policy.model import BASE, BEGIN, HORIZON
from careledger.policy.reading import read, texts
from careledger.policy.section import Bundle, Problem


def lint(folder: Path = DATA) -> list[Problem]:
    """Every problem of a folder of policy files, in the order of file and line; none when it can be used.

    What does not fit a file's shape is found first; relations between values are only looked at when all files read.
    """
    return _problems(_read(folder))


def policy_lint(folder: Path = DATA) -> tuple[str, int]:
    """The text that ``policy lint`` prints, and its exit status: 0 when nothing is wrong, 1 otherwise."""
    bundle = _read(folder)
    problems = _problems(bundle)
    if problems:
        lines = [str(problem) for problem in problems]
        return "\n".join([*lines, "", f"{_many(len(problems), 'problem')}"]), 1
    return _summary(bundle), 0


def _read(folder: Path) -> Bundle:
    return read(texts(folder))


def _problems(bundle: Bundle) -> list[Problem]:
    found = dict.fromkeys(bundle.problems or check(bundle))
    return sorted(found, key=lambda problem: (problem.place.file, problem.place.line or 0))


def _summary(bundle: Bundle) -> str:
    names = {entry.id for entry in bundle.entries if entry.layer == BASE}
    doubtful = {entry.id for entry in bundle.entries if not entry.confirmed}
    disputed = {entry.id for entry in bundle.entries if entry.disputed}
    return "\n".join(
        [
            f"policy is sound: {_many(len(names), 'value')} in {_many(len(bundle.topics), 'topic')}, "
            f"{_many(len(bundle.codes), 'code')}, {_many(len(bundle.conflicts), 'pair')} of code groups, "
            f"{_many(len(bundle.payers), 'payer')}, {_many(len(bundle.sources), 'source')}",
            f"every value is dated from {BEGIN} to {HORIZON} and beyond, without gap or overlap",
            f"{len(doubtful)} unconfirmed and {len(disputed)} disputed, each with a note: shown wherever they are used",
        ]
    )


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
