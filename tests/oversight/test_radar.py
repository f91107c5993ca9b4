"""The radar finds what is planted, once, and nothing in a clean file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from careledger.core.errors import InputError
from careledger.oversight.radar.run import CHECKS, Radar, scan
from careledger.oversight.radar.sheets import Clock, write_sheets
from careledger.policy import load_policy

TODAY = date(2026, 11, 23)
HEAD = (
    "claim_id",
    "patient_id",
    "rendering_npi",
    "billing_npi",
    "hcpcs_code",
    "date_of_service",
    "units",
    "paid_amount",
)
Scan = Callable[..., Radar]


def row(
    patient: str, code: str, on: str, *, by: str = "A", units: str = "1", paid: str = "60.00", group: str = "G"
) -> tuple[str, ...]:
    return (f"c-{patient}", patient, by, group, code, on, units, paid)


@pytest.fixture
def scan_rows(tmp_path: Path) -> Scan:
    def scanned(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, records: Path | None = None) -> Radar:
        file = tmp_path / "claims.csv"
        with file.open("w", newline="") as stream:
            csv.writer(stream).writerows([head, *rows])
        with duckdb.connect() as con:
            return scan(con, file, load_policy(), TODAY, records=records)

    return scanned


@pytest.mark.parametrize(
    ("check", "rows", "refunds"),
    [
        ("base_twice", [row("p1", "99490", "2026-03-05"), row("p1", "99490", "2026-03-31", by="B")], (3,)),
        ("overlapping_families", [row("p1", "99490", "2026-03-31"), row("p1", "99426", "2026-03-30", paid="50")], (3,)),
        (
            "overlapping_families",
            [row("p1", "99490", "2026-03-31"), row("p1", "G0181", "2026-03-30", paid="100")],
            (2,),
        ),
        ("add_on_alone", [row("p1", "99439", "2026-03-31")], (2,)),
        ("add_on_alone", [row("p1", "99490", "2026-03-31"), row("p1", "99439", "2026-04-30")], (3,)),
        ("units_over_cap", [row("p1", "99490", "2026-03-31"), row("p1", "99439", "2026-03-31", units="3")], (3,)),
    ],
)
def test_it_finds_what_is_planted_and_nothing_else(
    scan_rows: Scan, check: str, rows: list[tuple[str, ...]], refunds: tuple[int, ...]
) -> None:
    radar = scan_rows(*rows)
    assert [(finding.check, finding.refund_rows) for finding in radar.findings] == [(check, refunds)]
    assert radar.findings[0].cite
    assert radar.findings[0].mend


@pytest.mark.parametrize(
    "rows",
    [
        [row("p1", "99490", "2026-03-31"), row("p1", "99439", "2026-03-31", units="2")],
        [row("p1", "99490", "2026-03-31"), row("p1", "99490", "2026-04-30"), row("p2", "99490", "2026-03-31")],
        [row("p1", "99490", "2026-03-31"), row("p1", "99495", "2026-03-20")],
        [row("p1", "99490", "2026-03-31"), row("p1", "99454", "2026-03-20")],
        [row("p1", "99490", "2026-03-31"), row("p1", "99426", "2026-03-30", by="B", group="H")],
    ],
    ids=[
        "at the cap",
        "two months, two patients",
        "transitional care beside",
        "device beside",
        "principal care by another",
    ],
)
def test_it_finds_nothing_where_nothing_is_wrong(scan_rows: Scan, rows: list[tuple[str, ...]]) -> None:
    assert scan_rows(*rows).findings == []


def test_it_asks_by_the_law_of_the_day(scan_rows: Scan) -> None:
    told = scan_rows(row("p1", "99490", "2019-03-31"), row("p1", "99495", "2019-03-20")).findings
    assert [finding.check for finding in told] == ["overlapping_families"]


def test_it_tells_a_service_after_death(scan_rows: Scan) -> None:
    radar = scan_rows((*row("p1", "99490", "2026-03-31"), "2026-03-30"), head=(*HEAD, "death_date"))
    assert [(finding.check, finding.detail) for finding in radar.findings] == [
        ("after_death", "99490 1 days after death")
    ]


def test_it_counts_and_explains_a_bad_file_and_drops_nothing(scan_rows: Scan) -> None:
    good = row("p1", "99490", "2026-03-31")
    radar = scan_rows(
        good, good, row("p2", "99490", "2026-02-30"), row("p3", "ZZ", "2026-03-31"), row("p4", "11111", "2026-03-31"),
        row("p5", "99490", "2027-03-31"), row("p6", "99490", "2026-03-31", units="many"), row("", "99490", "2026-03-31"),
    )  # fmt: skip
    assert radar.read.lines == 8
    told = {fault.problem: (fault.count, fault.first_rows) for fault in radar.read.faults}
    assert told == {
        "lines without a patient": (1, (9,)),
        "impossible or missing days of service": (1, (4,)),
        "units that are no whole number": (1, (8,)),
        "lines equal to an earlier one in every column": (1, (3,)),
        "that are no procedure code": (1, (5,)),
        "codes that policy does not know": (1, (6,)),
        "days of service after 2026-11-23": (1, (7,)),
    }


def test_it_reads_a_cell_with_a_line_break(scan_rows: Scan) -> None:
    rows = [(*row(f"p{n}", "99490", "2026-03-31"), "seen by phone\nand called back") for n in range(3)]
    radar = scan_rows(*rows, (*row("p0", "99490", "2026-03-05", by="B"), "again"), head=(*HEAD, "note"))
    assert (radar.read.lines, radar.read.faults) == (4, [])
    assert [finding.check for finding in radar.findings] == ["base_twice"]


def test_it_names_the_column_that_is_missing(scan_rows: Scan) -> None:
    with pytest.raises(
        InputError, match=r"claims.csv:1: no column for on \(known as on, .*; rename or add it; the file has claim_id"
    ):
        scan_rows(("c", "p", "99490"), head=("claim_id", "patient_id", "code"))


@pytest.fixture
def record(tmp_path: Path) -> Path:
    folder = tmp_path / "record"
    folder.mkdir()
    tables = {
        "practices": ["practice_id,time_zone", "g,America/New_York"],
        "people": ["person_id,kind,practice_id,credential", "A,physician,g,MD", "rn,rn,g,RN", "ma,ma,g,", "bot,bot,g,", "clerk,clerical,g,"],
        "patients": ["patient_id", *(f"p{n}" for n in range(1, 13))],
        "consents": ["patient_id,program,given_on,documented,revoked_on", "p1,ccm,2026-01-05,true,", "p2,ccm,2026-01-05,true,2026-02-10"],
        "care_plans": ["patient_id,program,established_on", "p1,ccm,2026-01-05", "p2,ccm,2026-01-05"],
        "visits": ["patient_id,practitioner,on,face_to_face", "p1,A,2026-03-10,true"],
        "time_entries": [
            "entry_id,patient_id,by,programs,start,end,note",
            "e1,p1,rn,ccm,2026-03-03T10:00:00,2026-03-03T10:20:30,talked about pain",
            "e2,p1,bot,ccm,2026-03-04T10:00:00,2026-03-04T10:10:00,",
            "e3,p1,clerk,ccm,2026-03-05T10:00:00,2026-03-05T10:10:00,",
            "e4,p1,A,ccm,2026-03-10T10:00:00,2026-03-10T10:10:00,",
            "e5,p2,ma,ccm,2026-03-07T22:00:00,2026-03-07T22:10:00,",
            "e6,p3,rn,ccm,2026-03-03T10:10:00,2026-03-03T10:25:00,as before",
            "e7,p4,rn,ccm,2026-03-03T11:10:00,2026-03-03T11:25:00,As  before",
            "e8,p5,rn,ccm,2026-03-03T12:10:00,2026-03-03T21:25:00,as before ",
        ],
    }  # fmt: skip
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_it_reads_the_record_beside_the_claims(scan_rows: Scan, record: Path) -> None:
    radar = scan_rows(
        row("p1", "99490", "2026-03-31"),
        row("p2", "99490", "2026-03-31"),
        row("p6", "99490", "2026-03-31"),
        records=record,
    )
    found = {(finding.check, finding.patient or finding.who) for finding in radar.findings}
    assert found == {
        ("no_consent", "p2"), ("no_consent", "p6"), ("no_plan", "p6"), ("no_logged_work", "p6"), ("minutes_below_code", "p2"),
        ("bot_as_staff", "p1"), ("not_clinical_staff", "p1"), ("not_credentialed", "ma"), ("visit_same_day", "p1"),
        ("same_note", "rn"), ("more_than_a_day", "rn"), ("two_patients_at_once", "p3"), ("night_or_day_off", "ma"),
    }  # fmt: skip
    assert not radar.not_asked


def test_it_finds_months_filled_up_to_the_unit(scan_rows: Scan, record: Path) -> None:
    log = [
        "entry_id,patient_id,by,programs,on,seconds",
        *(f"e{n},p{n},rn,ccm,2026-03-03,{1200 + n}" for n in range(1, 13)),
    ]
    (record / "time_entries.csv").write_text("\n".join(log))
    radar = scan_rows(row("p1", "99490", "2026-03-31"), records=record)
    assert [finding.detail for finding in radar.findings if finding.check == "just_over_the_unit"] == [
        "12 of 12 patient-months end between 20 and 21 minutes"
    ]


def test_it_says_what_it_could_not_ask(scan_rows: Scan) -> None:
    radar = scan_rows(row("p1", "99490", "2026-03-31"))
    assert {check.id for check, _ in radar.not_asked} == {
        check.id for check in CHECKS if check.needs and check.needs != ("deaths",)
    }


def test_its_worksheet_has_the_clock(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("patient,cpt,dos,units,paid\np1,99490,03/05/2026,1,60\np1,99490,03/31/2026,1,60\n")
    policy = load_policy()
    with duckdb.connect() as con:
        radar = scan(con, file, policy, TODAY)
        counts = write_sheets(con, radar, tmp_path / "out", Clock.on(policy, TODAY), TODAY)
    assert counts == {"findings.csv": 1, "worksheet.csv": 1, "faults.csv": 0}
    sheet = next(csv.DictReader((tmp_path / "out/worksheet.csv").read_text().splitlines()))
    assert (sheet["line"], sheet["on"], sheet["return_by"], sheet["clock_rests_on"]) == (
        "3",
        "2026-03-31",
        "2027-01-22",
        "81fr7653",
    )


def test_every_rule_it_names_is_in_policy() -> None:
    view = load_policy().on(TODAY)
    for check in CHECKS:
        for part in check.sql.split("' AS rule")[:-1]:
            rule = part.rpartition("'")[2]
            assert rule == ".base_code" or view.find(rule), check.id
