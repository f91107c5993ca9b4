"""The benchmark measures what it says: files without a finding, every claim posted."""

from __future__ import annotations

from bench.claims import measure


def test_it_measures_each_way_of_a_claim() -> None:
    rows = measure(40, with_pyx12=False, repeats=1)
    assert [row.what for row in rows] == [
        "check an 837P", "its structure alone", "read an 835", "write an 837P", "post the 835 into SQLite",
    ]  # fmt: skip
    assert all(row.seconds > 0 for row in rows)
