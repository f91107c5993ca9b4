"""Steps and checks side by side: in an order that keeps what each reads, whatever runs beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Barrier, Lock
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careledger.facts.dialect import Database, DuckDb
from careledger.facts.lanes import run_in_lanes
from careledger.facts.program import Step
from careledger.facts.working import lanes, side_by_side, working_database

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    with working_database(threads=2) as made:
        yield made


@st.composite
def programs(draw: st.DrawFn) -> dict[str, frozenset[str]]:
    """Steps and what each reads of those before it."""
    names = [f"step_{place}" for place in range(draw(st.integers(1, 12)))]
    return {name: draw(st.frozensets(st.sampled_from(names[:place]))) if place else frozenset() for place, name in enumerate(names)}  # fmt: skip


class _Lane:
    """A lane that has nothing behind it."""


@settings(max_examples=60, deadline=None)
@given(reads=programs(), count=st.integers(2, 3))
def test_a_step_begins_when_all_that_it_reads_has_ended(reads: dict[str, frozenset[str]], count: int) -> None:
    ended, begun, lock = set[str](), list[str](), Lock()
    busy: list[object] = []

    def run(lane: Database, step: Step) -> None:
        with lock:
            assert reads[step.name] <= ended
            assert lane not in busy
            busy.append(lane)
            begun.append(step.name)
        time.sleep(0.0005)
        with lock:
            busy.remove(lane)
            ended.add(step.name)

    run_in_lanes([_Lane() for _ in range(count)], [Step(name, "", "") for name in reads], reads, run)  # type: ignore[misc]
    assert sorted(begun) == sorted(reads)


def test_two_steps_that_do_not_read_each_other_run_at_once() -> None:
    meet = Barrier(2, timeout=20)
    steps = [Step(name, "", "") for name in ("one", "other")]
    run_in_lanes([_Lane(), _Lane()], steps, {"one": frozenset(), "other": frozenset()}, lambda *_: meet.wait())  # type: ignore[arg-type, list-item]


def test_what_a_step_raises_ends_the_program() -> None:
    ran = []

    def run(_: Database, step: Step) -> None:
        ran.append(step.name)
        if step.name == "broken":
            raise ZeroDivisionError

    steps = [Step(name, "", "") for name in ("broken", "after")]
    reads = {"broken": frozenset[str](), "after": frozenset({"broken"})}
    with pytest.raises(ZeroDivisionError):
        run_in_lanes([_Lane(), _Lane()], steps, reads, run)  # type: ignore[list-item]
    assert ran == ["broken"]


def test_what_one_lane_makes_the_other_sees(con: DuckDBPyConnection) -> None:
    one, other = DuckDb(con).lanes()
    one.execute("CREATE TABLE made AS SELECT 42 AS answer")
    assert other.execute("SELECT answer FROM made").fetchall() == [(42,)]


def test_one_thread_has_one_lane() -> None:
    with working_database(threads=1) as con:
        assert lanes(con) == [con]
        assert side_by_side(con, [lambda lane: lane is con] * 3) == [True, True, True]


def test_answers_come_in_the_order_asked(con: DuckDBPyConnection) -> None:
    def asked(place: int) -> int:
        time.sleep(0.02 if place == 0 else 0)
        return place

    acts = [lambda lane, place=place: asked(place) + lane.execute("SELECT 0").fetchall()[0][0] for place in range(6)]
    assert side_by_side(con, acts) == [0, 1, 2, 3, 4, 5]


def test_what_one_act_raises_is_raised(con: DuckDBPyConnection) -> None:
    def broken(_: DuckDBPyConnection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        side_by_side(con, [broken, lambda lane: lane.execute("SELECT 1")])
