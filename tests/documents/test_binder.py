"""The binder holds what reviewers ask for, in their order, on pages that name the patient; it hides nothing."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pypdfium2
import pytest
from click.testing import CliRunner
from tests.documents.binder_cast import Records, changed, entry, records, write
from tests.documents.conftest import Made

from careledger.cli.binder import binder
from careledger.core.month import Month
from careledger.core.records import Goal, Stay
from careledger.documents import BinderData, build_binder, write_binders
from careledger.documents.missing import gaps
from careledger.policy import Policy

Pages = Callable[[bytes], list[str]]
TITLES = (
    "Eligibility and risk", "Initiating visit", "Consent", "Care plan", "Time log", "Totals against thresholds",
    "Supervision and staff", "Decision", "Signatures and attestation", "Abbreviations", "Missing items", "Hash manifest",
)  # fmt: skip


def whats(data: BinderData) -> list[str]:
    return [gap.what for gap in gaps(data)]


def test_parts_stand_in_the_order_in_which_reviewers_ask(data_of: Made, pages_of: Pages) -> None:
    text = "\n".join(pages_of(build_binder(data_of(records()))))
    places = [re.search(rf"^{number} {title}$", text, re.MULTILINE) for number, title in enumerate(TITLES, start=1)]
    assert all(places)
    starts = [place.start() for place in places if place]
    assert starts == sorted(starts)


def test_every_page_names_beneficiary_month_provider_and_its_number(data_of: Made, pages_of: Pages) -> None:
    pages = pages_of(build_binder(data_of(records())))
    for number, page in enumerate(pages, start=1):
        for words in ("Testa, Vera", "1EG4TE5MK73", "Service month 2026-03", "Ada Quill, MD", "1234567893"):
            assert words in page
        assert f"Page {number} of {len(pages)}" in page


def test_the_index_names_the_page_a_part_starts_on(data_of: Made, pages_of: Pages) -> None:
    pages = pages_of(build_binder(data_of(records())))
    for number, title in enumerate(TITLES, start=1):
        listed = re.search(rf"^{number} {title}[ .]+(\d+)$", pages[0], re.MULTILINE)
        assert listed
        assert re.search(rf"^{number} {title}$", pages[int(listed[1]) - 1], re.MULTILINE)


def test_it_holds_what_the_record_says(data_of: Made, pages_of: Pages) -> None:
    text = re.sub(r"\s+", " ", " ".join(pages_of(build_binder(data_of(records())))))
    for words in (
        "99490 CCM by clinical staff", "E11.22 yes", "2026-01-12", "99214", "verbal", "Ruth Nye, RN", "how: portal",
        "under 81 kg", "2026-03-10 10:00 10:14 14:00", "2026-03-17 09:30 09:39 9:00", "[t-2]", "99490 × 1: bill",
        "Counts: clinical staff 23 min", "general",
    ):  # fmt: skip
        assert words in text, words


def test_the_log_adds_up_to_the_clocks_that_were_decided_on(data_of: Made) -> None:
    found = records()
    found["time_entries"] += [
        entry("t-3", "2026-03-10T10:10:00", "2026-03-10T10:20:00", by="rn-2"),
        entry("t-4", "2026-03-20T10:00:00", "2026-03-20T10:10:00", activity="travel"),
        entry("t-5", "2026-03-17T09:00:00", "2026-03-17T09:33:00", patient_id="p-2"),
        entry("t-6", "2026-03-25T11:00:00", "2026-03-25T11:07:00"),
    ]
    found["stays"] = [Stay(patient_id="p-1", kind="inpatient", since=date(2026, 3, 24), until=date(2026, 3, 27))]
    data = data_of(found)
    shares = {share.entry_id: (share.counted_s, dict(share.lost)) for share in data.shares}
    assert shares == {
        "t-1": (840, {}),
        "t-2": (360, {"same_person_twice": 180}),
        "t-3": (360, {"two_at_once": 240}),
        "t-4": (0, {"activity_not_counted": 600}),
        "t-6": (0, {"in_facility": 420}),
    }
    assert sum(counted for counted, _ in shares.values()) == data.facts.program("ccm").team_s


def test_late_entries_are_visible_wherever_one_looks(data_of: Made, pages_of: Pages) -> None:
    found = records()
    found["time_entries"].append(
        entry("t-9", "2026-03-20T10:00:00", "2026-03-20T10:05:00", recorded="2026-04-01T10:05:00")
    )
    data = data_of(found)
    text = re.sub(r"\s+", " ", " ".join(pages_of(build_binder(data))))
    assert "LATE by" in text
    assert "1 of 3 entries were recorded late" in text
    assert "entry t-9 was recorded late" in whats(data)
    assert "LATE by" not in " ".join(pages_of(build_binder(data_of(records()))))


@pytest.mark.parametrize(
    ("table", "cells", "what"),
    [
        ("care_plans", {"copy_given_on": None}, "proof that a copy reached patient or caregiver"),
        ("care_plans", {"delivered_by": None}, "how the copy was given"),
        ("care_plans", {"signed_by": None}, "the practitioner's signature on the plan"),
        ("goals", {"target": None}, "measure or target of goal 1"),
        ("consents", {"documented": None}, "documentation of the consent to chronic care management"),
        ("consents", {"covers": ("availability",)}, "that the patient was told: the patient may stop at any time, from the end of the month"),
        ("coverage", {"member_id": None}, "Medicare or member number"),
        ("people", {"credential": None}, "credential of dr-a"),
        ("time_entries", {"recorded_s": None}, "when entry t-1 was recorded"),
        ("time_entries", {"note": None, "documented": None}, "what was done in entry t-1"),
    ],
)  # fmt: skip
def test_what_is_missing_is_listed(
    data_of: Made, pages_of: Pages, table: str, cells: dict[str, object], what: str
) -> None:
    assert what not in whats(data_of(records()))
    data = data_of(changed(records(), table, **cells))
    assert what in whats(data)
    last = " ".join(pages_of(build_binder(data)))
    assert re.sub(r"\s+", "", what)[:20] in re.sub(r"\s+", "", last[last.rindex("Missing items") :])


def test_an_attestation_that_is_recorded_is_printed_and_not_missing(
    tmp_path: Path, data_of: Made, pages_of: Pages
) -> None:
    assert "the practitioner's attestation" in whats(data_of(records()))
    header = "practitioner,month,signed_on,patient,signed_by\n"
    (tmp_path / "data" / "attestations.csv").write_text(header + "dr-a,2026-03,2026-04-02,,dr-a\n")
    data = data_of(records())
    assert "the practitioner's attestation" not in whats(data)
    assert "Signed electronically by Ada Quill, MD on 2026-04-02" in " ".join(pages_of(build_binder(data)))


HOSTILE = (
    "#panic() $x^2$ *bold* _it_ `raw` = Heading @ref <label> #include \"/etc/passwd\" \\ // /* ] [ } {",
    "W" * 400,
    "\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627 \u202eabc\u202c",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \u0301\u0301 \ufeff",
    "line one\nline two\n\n\n| a | b |",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printed_as_text(data_of: Made, pages_of: Pages, text: str) -> None:
    found = changed(records(), "time_entries", note=text)
    found = changed(found, "patients", family_name=text.replace("\n", " "))
    found = changed(found, "goals", text=text)
    pages = pages_of(build_binder(data_of(found)))
    assert len(pages) < 60
    if text.isascii():
        compact = re.sub(r"\s+", "", " ".join(pages))
        assert re.sub(r"\s+", "", text)[:8] in compact


def test_nothing_runs_over_the_edge_of_the_page(data_of: Made) -> None:
    import pdfplumber

    found = changed(records(), "time_entries", note="W" * 400)
    with pdfplumber.open(io.BytesIO(build_binder(data_of(found)))) as opened:
        for page in opened.pages:
            assert max(char["x1"] for char in page.chars) < page.width - 50


def test_a_long_log_repeats_its_heading_on_every_page(data_of: Made, pages_of: Pages) -> None:
    found = records()
    found["time_entries"] += [
        entry(f"m-{number}", f"2026-03-{number % 28 + 1:02d}T12:{number // 28 * 10:02d}:00", f"2026-03-{number % 28 + 1:02d}T12:{number // 28 * 10 + 1:02d}:00")
        for number in range(84)
        if number % 28 + 1 > 8
    ]  # fmt: skip
    pages = pages_of(build_binder(data_of(found)))
    log_pages = [page for page in pages if re.search(r"(?<!time_entries)\[m-\d+\]", page)]
    assert len(log_pages) > 2
    assert all("What was done, with whom" in page for page in log_pages)


def test_equal_input_gives_equal_bytes(data_of: Made) -> None:
    assert build_binder(data_of(records())) == build_binder(data_of(records()))


def attached_to(pdf: bytes) -> str:
    """The text of the data that stands behind the binder's pages."""
    opened = pypdfium2.PdfDocument(pdf)
    assert [opened.get_attachment(at).get_name() for at in range(opened.count_attachments())] == ["binder-data.json"]
    return bytes(opened.get_attachment(0).get_data()).decode()


def test_printed_fingerprints_are_those_of_the_attached_data(data_of: Made, pages_of: Pages) -> None:
    pdf = build_binder(data_of(records()))
    attached = json.loads(attached_to(pdf))
    printed = re.sub(r"\s+", "", "".join(pages_of(pdf)))
    assert {"eligibility", "time_log", "decision", "missing"} <= set(attached["sections"])
    assert {"time_entries[t-1]", "people[rn-1]", "consents[0]"} <= set(attached["records"])
    for parts in attached.values():
        for value in parts.values():
            text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
            assert hashlib.sha256(text.encode()).hexdigest() in printed


def test_a_decision_that_the_records_no_longer_bear_is_told(tmp_path: Path, policy: Policy, pages_of: Pages) -> None:
    folder = write(tmp_path / "data", records())
    row = {"patient": ["p-1"], "practitioner": ["dr-a"], "code": ["99490"], "units": pa.array([1], pa.int32()), "date_of_service": [date(2026, 3, 31)]}  # fmt: skip
    out = tmp_path / "out"
    out.mkdir()
    for verdict, told in (("bill", False), ("no", True)):
        pyarrow.parquet.write_table(pa.table({**row, "verdict": [verdict]}), out / "decisions.parquet")
        made = write_binders(folder, tmp_path / "made", Month.parse("2026-03"), policy, prepared_on=date(2026, 4, 6), decisions=out, patients=["p-1"])  # fmt: skip
        assert [path.name for path in made] == ["binder_2026-03_p-1_dr-a.pdf"]
        assert ("99490: the close decided" in re.sub(r"\s+", " ", " ".join(pages_of(made[0].read_bytes())))) is told


def test_records_of_others_stay_out(data_of: Made, pages_of: Pages) -> None:
    found: Records = records()
    found["goals"].append(Goal(goal_id="goal-2", patient_id="p-2", text="Somebody else's secret goal"))
    found["time_entries"].append(
        entry("x-1", "2026-03-10T10:05:00", "2026-03-10T10:06:00", patient_id="p-2", note="secret note")
    )
    pdf = build_binder(data_of(found))
    attached = attached_to(pdf)
    assert "secret" not in " ".join(pages_of(pdf)) + attached
    assert "p-2" not in attached


def test_the_command_writes_the_binder_and_refuses_an_unknown_patient(tmp_path: Path) -> None:
    folder, out = write(tmp_path / "data", records()), tmp_path / "binder.pdf"
    words = ["--data", str(folder), "--month", "2026-03", "--out", str(out), "--prepared-on", "2026-04-06"]
    assert CliRunner().invoke(binder, [*words, "--patient", "p-1"]).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")
    failed = CliRunner().invoke(binder, [*words, "--patient", "nobody"])
    assert "no patient nobody" in str(failed.exception)
