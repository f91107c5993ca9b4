"""The page of faults says what the tests inject, and there is something at every step."""

from __future__ import annotations

from collections import Counter

from tests.faults.catalogue import AREAS, FAULTS, PAGE, every_case
from tests.faults.page import page


def test_the_page_lists_every_injection() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.faults.page"


def test_every_area_meets_every_fault_that_can_befall_it() -> None:
    """Sixty are asked for; each is a step and a fault of its own."""
    cases = every_case()
    assert len({(case.area, case.fault, case.step) for case in cases}) == len(cases) >= 60
    met = Counter((case.area, case.fault) for case in cases)
    cannot = {("backing up and restoring", "lost client connection")}
    missing = [(area, fault) for area in AREAS for fault in FAULTS if not met[area, fault]]
    assert set(missing) == cannot
