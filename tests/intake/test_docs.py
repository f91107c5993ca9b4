"""The documentation of tables and cases says what the code reads."""

from __future__ import annotations

from pathlib import Path

from careledger.facts import case, case_time, dictionary

DOCS = Path(__file__).parents[2] / "docs"


def test_the_data_dictionary_is_up_to_date() -> None:
    assert (DOCS / "tables.md").read_text() == dictionary.pages(), (
        "run: python -m careledger.facts.dictionary docs/tables.md"
    )


def test_every_key_of_a_case_is_documented() -> None:
    text = (DOCS / "case_format.md").read_text()
    keys = {*case.TOP_KEYS, *case_time.KEYS, "part_b", "qmb", "established", "last_seen_on"}
    assert [key for key in sorted(keys) if key not in text] == []
