"""Every value of every topic, for every month of ten years: exactly one says something, or its absence is declared."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careledger.core.month import Month
from careledger.policy import Policy
from careledger.policy.model import BASE, BEGIN, HORIZON

MONTHS = tuple(Month.of(BEGIN).through(Month.of(HORIZON)))


def test_ten_years_are_covered() -> None:
    assert len(MONTHS) == 120
    assert (str(MONTHS[0]), str(MONTHS[-1])) == ("2018-01", "2027-12")


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_exactly_one_entry_of_each_value_holds_at_both_ends_of_a_month(month: Month, policy: Policy) -> None:
    for id_ in policy.ids():
        for day in (month.first_on, month.last_on):
            holding = [value for value in policy.timeline(id_) if value.covers(day)]
            assert len(holding) == 1, (id_, day)


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_overlays_never_say_two_things_and_only_of_what_the_base_knows(month: Month, policy: Policy) -> None:
    base = set(policy.ids())
    for layer in policy.layers():
        for id_ in policy.ids(layer):
            assert id_ in base
            assert sum(value.covers(month.last_on) for value in policy.timeline(id_, layer)) <= 1, (layer, id_)


def test_a_view_holds_every_value_or_its_declared_absence(policy: Policy) -> None:
    for payer in policy.payers:
        for month in MONTHS:
            view = policy.on(month.last_on, payer)
            assert set(view.all_ids()) == set(policy.ids())
            for id_ in view.all_ids():
                assert view.has(id_) or (view.absence(id_) is not None), (payer, month, id_)


def test_every_change_is_a_cut_date(policy: Policy) -> None:
    cuts = set(policy.cut_dates())
    for day in (BEGIN + timedelta(days=n) for n in range(1, (HORIZON - BEGIN).days)):
        if day.day <= 2 or day in cuts:
            today, before = policy.on(day), policy.on(day - timedelta(days=1))
            same = all(today.peek(id_) == before.peek(id_) for id_ in policy.ids())
            assert same or day in cuts, day
    assert policy.cut_dates() == tuple(sorted(cuts))


def test_doubt_is_always_explained_and_certainty_always_cited(policy: Policy) -> None:
    for layer in policy.layers():
        for id_ in policy.ids(layer):
            for value in policy.timeline(id_, layer):
                assert value.cite or not value.confirmed, id_
                assert value.note or (value.confirmed and not value.disputed and not value.absent), id_
                for source in value.cite:
                    assert policy.source(source).title


def test_a_value_keeps_its_kind(policy: Policy) -> None:
    for id_ in policy.ids():
        kinds = {type(v.value) for layer in policy.layers() for v in policy.timeline(id_, layer) if not v.absent}
        assert len(kinds) <= 1, id_


def test_cut_dates_name_the_turns_of_the_law(policy: Policy) -> None:
    turns = {
        date(2019, 1, 1),
        date(2020, 1, 1),
        date(2020, 3, 1),
        date(2021, 1, 1),
        date(2022, 1, 1),
        date(2025, 10, 1),
    }
    assert turns <= set(policy.cut_dates())
    assert BASE in policy.layers()
