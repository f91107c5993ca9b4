"""Facts on worlds drawn from the edges: both engines, alone and in a crowd, against a naive reading second by second."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.facts.naive import Naive
from tests.facts.worlds import MONTHS, Draw, Records, crowd_of, draw_worlds

from careledger.core.month import Month
from careledger.core.patient_month import PatientMonth
from careledger.facts import facts_for_case
from careledger.facts.dialect import DuckDb
from careledger.facts.program import run
from careledger.facts.rows import read_months
from careledger.facts.schema import create_tables, load_records
from careledger.policy import Policy, load_policy

COUNT = 150
"""Worlds in one query."""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def in_duckdb(records: Records, month: Month, policy: Policy) -> dict[tuple[str, str], PatientMonth]:
    """Facts as a batch computes them, by patient and biller."""
    with duckdb.connect(":memory:") as con:
        create_tables(con)
        load_records(con, records)
        run(DuckDb(con), month, policy)
        return {(fact.patient, fact.biller): fact for _, fact in read_months(DuckDb(con), month, None)}


def in_sqlite(records: Records, month: Month, policy: Policy) -> dict[tuple[str, str], PatientMonth]:
    """Facts as a single case computes them."""
    return {(fact.patient, fact.biller): fact for fact, _ in facts_for_case(records, month, policy)}


def differences(
    world: Records, facts: dict[tuple[str, str], PatientMonth], month: Month, policy: Policy
) -> Iterator[str]:
    """What the naive reading finds otherwise."""
    naive = Naive(world, month, policy)
    for panel in world["panel"]:
        fact = facts[panel.patient_id, panel.biller_id]
        clocks = naive.clocks(panel)
        for name in {*clocks, *fact.programs}:
            program, expected = fact.program(name), clocks.get(name)
            found = (
                program.staff_s,
                program.own_s,
                program.team_s,
                program.logged_s,
                program.untimed_s,
                dict(program.lost),
            )
            wanted = (0, 0, 0, 0, 0, {})
            if expected is not None:
                lost = {reason: seconds for reason, seconds in expected.lost.items() if seconds}
                wanted = (
                    expected.staff_s,
                    expected.own_s,
                    expected.team_s,
                    expected.logged_s,
                    expected.untimed_s,
                    lost,
                )
            if found != wanted:
                yield f"{panel.patient_id} {panel.biller_id} {name}: {found} is not {wanted}"
        for name, program in fact.programs.items():
            states = (program.consent if name == "ccm" else None, program.initiating)
            wished = (naive.consent(panel, name) if name == "ccm" else None, naive.initiating(panel, name)[0])
            if states != wished:
                yield f"{panel.patient_id} {panel.biller_id} {name}: {states} is not {wished}"
        counts = (
            fact.chronic_conditions,
            fact.chronic_conditions_possible,
            fact.significant_risk,
            fact.days_in_facility,
        )
        expected_counts = (*naive.chronic(panel.patient_id), naive.days_in_facility(panel.patient_id))
        if counts != expected_counts:
            yield f"{panel.patient_id}: {counts} is not {expected_counts}"


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_sql_agrees_with_second_by_second(month: Month, policy: Policy) -> None:
    """Every clock and every lost second, of many worlds in one query, on DuckDB."""
    worlds = draw_worlds(2026, month, COUNT)
    facts = in_duckdb(crowd_of(worlds), month, policy)
    found = [line for world in worlds for line in differences(world, facts, month, policy)]
    assert found == []


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_both_engines_and_alone_and_in_a_crowd_agree(month: Month, policy: Policy) -> None:
    """A patient's facts do not depend on who else is in the database, nor on the engine."""
    worlds = draw_worlds(7, month, COUNT)
    crowd = in_duckdb(crowd_of(worlds), month, policy)
    assert in_sqlite(crowd_of(worlds), month, policy) == crowd
    for world in worlds[::5]:
        alone = in_sqlite(world, month, policy)
        assert alone == {key: crowd[key] for key in alone}


@pytest.mark.parametrize("month", MONTHS[:2], ids=str)
def test_logged_is_counted_and_lost(month: Month, policy: Policy) -> None:
    """No second vanishes: what is logged either counts or is lost for a named reason."""
    facts = in_duckdb(crowd_of(draw_worlds(11, month, COUNT)), month, policy)
    programs = [program for fact in facts.values() for program in fact.programs.values()]
    assert sum(program.logged_s for program in programs) > 0
    assert [p for p in programs if p.logged_s != p.team_s + sum(p.lost.values())] == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), month=st.sampled_from(MONTHS))
def test_one_world_agrees_with_second_by_second(seed: int, month: Month) -> None:
    """The same on worlds alone, where hypothesis looks for the smallest one that differs."""
    from random import Random

    policy = load_policy()
    world = Draw(Random(seed), month, "w.").world()
    assert list(differences(world, in_sqlite(world, month, policy), month, policy)) == []


def test_looking_up_to_a_day_is_as_if_nothing_came_later(policy: Policy) -> None:
    """``through`` cuts minutes off, entries that run over its midnight included."""
    from datetime import timedelta

    month = MONTHS[0]
    for world in draw_worlds(5, month, 40):
        for day in (month.first_on, month.first_on + timedelta(days=9), month.last_on - timedelta(days=1)):
            early = {(fact.patient, fact.biller): fact for fact, _ in facts_for_case(world, month, policy, through=day)}
            whole = in_sqlite(world, month, policy)
            for key, fact in early.items():
                for name, program in fact.programs.items():
                    assert program.logged_s <= whole[key].program(name).logged_s
                    assert program.logged_s == program.team_s + sum(program.lost.values())
