"""What the ledger takes in, what it refuses, and what it shows of corrections and late work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.ledger_cast import NOW_S, START_S, Clock, work

from careledger.core.errors import LedgerError
from careledger.core.ledger import LedgerEntry, canonical, parse, seal
from careledger.core.records import PROGRAMS, TimeEntry
from careledger.ledger import EntryRefused, Ledger, create, verify, write_time_entries

DAY_S = 24 * 3600


def test_the_same_entry_delivered_twice_is_recorded_once(ledger: Ledger, clock: Clock) -> None:
    first = ledger.log(work(1), recorded_by="rn-1")
    clock.now_s += 60
    second = ledger.log(work(1), recorded_by="rn-1")
    assert (first.is_new, second.is_new) == (True, False)
    assert second.entry == first.entry
    assert len(list(ledger.entries())) == 1


def test_the_same_id_with_other_content_is_refused(ledger: Ledger) -> None:
    ledger.log(work(1), recorded_by="rn-1")
    with pytest.raises(EntryRefused, match="other content"):
        ledger.log(work(1, note="something else"), recorded_by="rn-1")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"end_s": START_S}, "ends before or when it starts"),
        ({"start_s": START_S, "end_s": START_S}, "ends before or when it starts"),
        ({"start_s": NOW_S - 30 * 3600, "end_s": NOW_S}, "longer than 24 hours"),
        ({"end_s": NOW_S + 1}, "in the future"),
        ({"start_s": None}, "by halves"),
        ({"start_s": 5, "end_s": 10}, "before the year 2000"),
        ({"start_s": None, "end_s": None}, "neither start and end"),
        ({"start_s": None, "end_s": None, "on": date(2026, 4, 2), "seconds": 60}, "in the future"),
        ({"start_s": None, "end_s": None, "on": date(2026, 3, 2), "seconds": 86401}, "not between 1 and 86400"),
        ({"programs": ("knitting",)}, "no such program"),
        ({"programs": ()}, "no such program"),
        ({"patient_id": " "}, "patient_id is empty"),
        ({"start_s": 1.5}, "start_s has a value of the wrong kind"),
        ({"note": "\ud800"}, "note has a value of the wrong kind"),
        ({"recorded_s": NOW_S}, "own clock"),
    ],
)
def test_impossible_entries_are_refused_and_leave_no_trace(
    ledger: Ledger, changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(EntryRefused, match=problem):
        ledger.log(work(1, **changes), recorded_by="rn-1")
    assert list(ledger.entries()) == []


def test_an_overlap_of_one_person_is_refused_unless_it_is_to_be_flagged(ledger: Ledger) -> None:
    ledger.log(work(1), recorded_by="rn-1")
    crossing = work(1, entry_id="x", patient_id="p-2", end_s=START_S + 901)
    touching = work(2)
    with pytest.raises(EntryRefused, match="in entry e1"):
        ledger.log(replace(crossing, start_s=START_S), recorded_by="rn-1")
    assert ledger.log(replace(crossing, start_s=START_S), recorded_by="rn-1", allow_overlap=True).entry.flags == (
        "overlap",
    )
    assert ledger.log(replace(touching, entry_id="y", by="rn-2"), recorded_by="rn-2").entry.flags == ()
    assert ledger.log(touching, recorded_by="rn-1").entry.flags == ()


def test_late_work_is_flagged_and_recorded_all_the_same(ledger: Ledger, clock: Clock) -> None:
    clock.now_s = work(1).end_s + 3 * DAY_S  # type: ignore[operator]
    assert ledger.log(work(1), recorded_by="rn-1").entry.flags == ()
    clock.now_s = work(2).end_s + 3 * DAY_S + 1  # type: ignore[operator]
    assert ledger.log(work(2), recorded_by="rn-1").entry.flags == ("late",)
    day = TimeEntry(entry_id="d", patient_id="p-1", by="rn-2", programs=("ccm",), on=date(2026, 3, 1), seconds=600)
    assert ledger.log(day, recorded_by="rn-2").entry.flags == ("late",)


def test_corrections_are_new_entries_and_the_old_ones_stay_readable(eight: Ledger) -> None:
    eight.replace("e2", work(2, entry_id="e2b", note="right"), reason="wrong note", recorded_by="rn-1")
    eight.void("e3", entry_id="v3", reason="wrong patient", recorded_by="rn-1")
    assert [entry.entry_id for entry in eight.current()] == ["e1", "e4", "e5", "e6", "e7", "e8", "e2b"]
    assert eight.find("e2") is not None
    assert verify(eight.path).is_sound
    for refers_to in ("e2", "e3", "v3", "nothing"):
        with pytest.raises(EntryRefused):
            eight.void(refers_to, entry_id=f"again-{refers_to}", reason="again", recorded_by="rn-1")
    with pytest.raises(EntryRefused, match="without a reason"):
        eight.void("e1", entry_id="v1", reason=" ", recorded_by="rn-1")


def test_a_clock_set_far_back_is_refused(eight: Ledger, clock: Clock) -> None:
    clock.now_s -= 301
    with pytest.raises(EntryRefused, match="clock"):
        eight.log(work(-20), recorded_by="rn-1")


def test_a_ledger_is_never_overwritten(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="never overwritten"):
        create(ledger.path)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_export_has_what_holds_with_the_time_it_was_recorded(eight: Ledger, tmp_path: Path, ending: str) -> None:
    eight.void("e1", entry_id="v1", reason="wrong patient", recorded_by="rn-1")
    assert write_time_entries(eight.current(), tmp_path / f"time_entries.{ending}") == 7
    if ending == "parquet":
        rows = pyarrow.parquet.read_table(tmp_path / "time_entries.parquet").to_pylist()
        assert [row["entry_id"] for row in rows] == [f"e{number}" for number in range(2, 9)]
        assert {row["recorded_s"] for row in rows} == {NOW_S}
        assert {row["programs"] for row in rows} == {"ccm"}
    else:
        assert f",{NOW_S}\n" in (tmp_path / "time_entries.csv").read_text()


def test_imported_work_keeps_the_time_the_other_system_recorded_it(ledger: Ledger) -> None:
    recorded_s = work(1).end_s + 60  # type: ignore[operator]
    entry = ledger.log(work(1, recorded_s=recorded_s), recorded_by="rn-1", imported=True).entry
    assert entry.flags == ("imported",)
    assert entry.work_recorded_s() == recorded_s
    with pytest.raises(EntryRefused, match="recorded in the future"):
        ledger.log(work(2, recorded_s=NOW_S + 1), recorded_by="rn-1", imported=True)


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
entries = st.builds(
    LedgerEntry,
    sequence=st.integers(1, 10**9),
    entry_id=texts,
    kind=st.just("replaced"),
    recorded_s=st.integers(0, 2**40),
    recorded_by=texts,
    previous_hash=texts,
    refers_to=texts,
    reason=st.none() | texts,
    flags=st.sets(st.sampled_from(["late", "overlap"])).map(lambda found: tuple(sorted(found))),
    work=st.builds(
        TimeEntry,
        entry_id=st.just(""),
        patient_id=texts,
        by=texts,
        programs=st.lists(st.sampled_from(PROGRAMS), max_size=3).map(tuple),
        start_s=st.none() | st.integers(0, 2**40),
        on=st.none() | st.dates(),
        documented=st.none() | st.booleans(),
        note=st.none() | texts,
    ),
).map(lambda entry: replace(entry, work=replace(entry.work, entry_id=entry.entry_id)))


@given(entries)
def test_the_canonical_text_is_read_back_to_the_same_entry(entry: LedgerEntry) -> None:
    assert parse(canonical(entry)) == seal(entry)
    assert canonical(entry).isascii()


@given(entries, entries)
def test_different_entries_have_different_canonical_texts(one: LedgerEntry, other: LedgerEntry) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)


def test_what_is_left_unknown_is_not_written_so_that_later_columns_change_no_hash() -> None:
    entry = LedgerEntry(
        sequence=1, entry_id="e1", kind="logged", recorded_s=NOW_S, recorded_by="rn-1", previous_hash="00", work=work(1)
    )
    assert seal(entry).hash == "b137c796c463f5331b51ac4500104b2484d32d7187139670195c90e091e435d3"
