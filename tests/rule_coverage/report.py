"""Which policy values and which branches of rules no vignette exercises: ``python -m tests.rule_coverage.report``.

Values are counted by their dated entries: a threshold that changed in 2021 has two, and a vignette on each side reads both.
Branches are lines and jumps of ``careledger.rules``, as coverage.py sees them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import coverage
from tests.rule_coverage.listed import elsewhere, told
from tests.rule_coverage.watch import Entry, answer_all, close_all, reads

import careledger
from careledger.policy.store import Policy

PARTS = 3
LISTS = ("codes.py", "common.py", "minutes.py", "rule.py", "registry.py")
"""Modules that list or make rules; what they do, they do on import."""

RULES = Path(careledger.__file__).parent / "rules"
"""The rules are imported under the watch, so that what they do on import counts as reached."""


@dataclass(frozen=True, slots=True)
class Unexercised:
    """What no vignette exercises.

    Attributes:
        values: dated entries of which some other date's entry, or some other layer's, is read by a rule.
        unread: ids that nothing reads at all while vignettes run, and no list explains.
        told: ids that change no answer and are told to the reader of a code, with the reason.
        elsewhere: ids that another part of the program reads, with the module.
        branches: ``file:line`` not reached, or ``file:line -> line`` not taken.
    """

    values: tuple[str, ...]
    unread: tuple[str, ...]
    branches: tuple[str, ...]
    told: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()


def run_all() -> tuple[set[Entry], coverage.Coverage]:
    """Every vignette, watched: alone, as claims, and in a close; in processes of their own, which import the rules anew."""
    found: set[Entry] = set()
    watch = coverage.Coverage(branch=True, source=[str(RULES)], data_file=None, config_file=False)
    data = watch.get_data()
    with ProcessPoolExecutor(PARTS, mp_context=get_context("spawn")) as pool:
        for entries, lines in pool.map(run_part, range(PARTS)):
            found |= entries
            part = coverage.CoverageData(no_disk=True)
            part.loads(lines)
            data.update(part)
    return found, watch


def run_part(part: int) -> tuple[set[Entry], bytes]:
    """One part of the vignettes; the last part is the closes."""
    watch = coverage.Coverage(branch=True, source=[str(RULES)], data_file=None, config_file=False)
    with reads() as found:
        watch.start()
        if part == PARTS - 1:
            close_all()
        else:
            answer_all(part, PARTS - 1)
        watch.stop()
    return found, watch.get_data().dumps()


def unexercised() -> Unexercised:
    """The report."""
    from careledger.policy import load_policy

    found, watch = run_all()
    policy = load_policy()
    ids = {id_ for _, id_, _ in found}
    every = sorted(_entries(policy))
    unread = tuple(dict.fromkeys(id_ for _, id_, _ in every if id_ not in ids))
    shown = tuple((id_, row.why) for row in told() for id_ in row.of(unread))
    others = tuple((id_, row.why) for row in elsewhere() for id_ in row.of(unread))
    explained = {id_ for id_, _ in (*shown, *others)}
    layered = {pattern for row in told() for pattern in row.patterns if " " in pattern}
    return Unexercised(
        values=tuple(
            f"{layer} {id_} from {since}"
            for layer, id_, since in every
            if id_ in ids and (layer, id_, since) not in found and f"{layer} {id_}" not in layered
        ),
        unread=tuple(id_ for id_ in unread if id_ not in explained),
        branches=tuple(_branches(watch)),
        told=shown,
        elsewhere=others,
    )


def _entries(policy: Policy) -> Iterator[Entry]:
    """Dated values. A declared absence is no value: a code it concerns is not in force, which the temporal tests cover."""
    for layer in policy.layers():
        for id_ in policy.ids(layer):
            yield from ((layer, id_, value.since) for value in policy.timeline(id_, layer) if not value.absent)


def _branches(watch: coverage.Coverage) -> Iterator[str]:
    for file in sorted(RULES.rglob("*.py")):
        if file.name in LISTS:
            continue
        analysis = watch._analyze(str(file))
        inside = _function_lines(file)
        for line in sorted(analysis.missing & inside):
            yield f"{file.relative_to(RULES)}:{line}"
        for start, ends in sorted(analysis.missing_branch_arcs().items()):
            for end in ends:
                if start in inside and start not in analysis.missing:
                    yield f"{file.relative_to(RULES)}:{start} -> {end}"


def _function_lines(file: Path) -> set[int]:
    """Lines inside functions; what runs on import is no branch of a rule."""
    import ast

    tree = ast.parse(file.read_text())
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for statement in node.body
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }


def main() -> None:
    """Print what is not exercised, a line each, and how much of each kind."""
    found = unexercised()
    for title, lines in (("values", found.values), ("branches", found.branches), ("ids nothing reads", found.unread)):
        print(f"{title}: {len(lines)}")
        for line in lines:
            print(f"  {line}")
    for title, rows in (("told to the reader", found.told), ("read elsewhere", found.elsewhere)):
        print(f"{title}: {len(rows)}")
        for why, count in sorted(Counter(why for _, why in rows).items()):
            print(f"  {count}  {why}")


if __name__ == "__main__":
    main()
