"""The director's log: a statement fit for the contract's file, and a wall between it and any claim."""

from __future__ import annotations

import ast
import sqlite3
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

import careledger
from careledger.claims.store.database import Store
from careledger.core.errors import InputError
from careledger.core.month import Month
from careledger.core.records import TABLES, TimeEntry
from careledger.facts.tables import open_folder
from careledger.oversight.components.classify import Act, classify, components
from careledger.oversight.director.model import Agreement, Approval, DirectorEntry
from careledger.oversight.director.statement import statement
from careledger.oversight.director.store import DirectorLog
from careledger.policy import load_policy

OCTOBER = Month.parse("2026-10")
NINE = 1_791_205_200  # 2026-10-05 09:00 in New York
DAY = date(2026, 10, 5)
AGREEMENT = Agreement(
    agreement_id="md", director="dr-a", practice="Maple Clinic", approver="chair", signed_on=date(2025, 12, 15),
    starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), rate_cents_per_hour=18_000, cap_minutes_per_month=120,
    duties={"panel": "Review of the panel", "quality": "Quality meetings"},
    terms=("in_writing_and_signed", "services_named", "all_services_covered", "reasonable_and_necessary", "set_in_advance", "fair_market_value", "not_by_referrals"),
)  # fmt: skip
VIEW = load_policy().on(date(2026, 10, 31))


@pytest.fixture
def log(tmp_path: Path) -> DirectorLog:
    with DirectorLog.open(tmp_path / "director.db") as opened:
        opened.agree(AGREEMENT)
        yield opened


def work(
    log: DirectorLog,
    minutes: int,
    *,
    at: int = NINE,
    duty: str = "panel",
    what: str = "Reviewed patients at rising risk",
) -> int:
    return log.log("md", duty, at, at + minutes * 60, DAY, what, at + 86_400)


def test_it_pays_at_most_the_cap_at_the_rate_set_in_advance(log: DirectorLog) -> None:
    work(log, 100)
    work(log, 50, at=NINE + 7200, duty="quality", what="Quality meeting on overdue plans")
    told = statement(log, "md", OCTOBER, VIEW)
    assert (told.minutes, told.payable_minutes, told.amount_cents) == (150, 120, 36_000)
    assert told.warnings == ("30 minutes stand above the month's cap of 120; they are not payable",)


def test_it_is_silent_when_all_is_well(log: DirectorLog) -> None:
    work(log, 60)
    work(log, 60, at=NINE + 7200, duty="quality")
    assert statement(log, "md", OCTOBER, VIEW).warnings == ()


def test_it_warns_of_thin_words_overlap_and_duties_not_done(log: DirectorLog) -> None:
    work(log, 30, what="Meeting")
    work(log, 30, at=NINE + 1200)
    warnings = statement(log, "md", OCTOBER, VIEW, clinical=[("e7", NINE + 600, NINE + 900)]).warnings
    assert warnings == (
        "entry 1 says too little about what was done",
        "entry 1 overlaps clinical time entry e7 by 5 minutes; a minute is paid once",
        "entries 1 and 2 overlap",
        "duties paid for and not performed this month: quality",
    )


def test_it_warns_of_terms_that_were_not_seen(log: DirectorLog) -> None:
    log.agree(replace(AGREEMENT, agreement_id="short", ends_on=date(2026, 6, 30), terms=()))
    warnings = statement(log, "short", OCTOBER, VIEW).warnings
    assert len(warnings) == 8
    assert "the agreement was not seen to hold: a year at least (42cfr411-357)" in warnings


def test_it_corrects_by_adding(log: DirectorLog) -> None:
    number = work(log, 100)
    log.void(number, "wrong day", NINE)
    assert statement(log, "md", OCTOBER, VIEW).minutes == 0
    with pytest.raises(InputError):
        log.void(number, "again", NINE)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET end_s = end_s + 60",
        "DELETE FROM entry",
        "UPDATE agreement SET rate_cents_per_hour = 1",
        "DELETE FROM agreement",
    ],
)
def test_nothing_is_changed_or_deleted(log: DirectorLog, sql: str) -> None:
    work(log, 100)
    with pytest.raises(sqlite3.IntegrityError):
        log._connection.execute(sql)


def test_an_approved_month_takes_no_more(log: DirectorLog) -> None:
    approval = Approval(
        month="2026-10",
        approver="chair",
        approved_on=date(2026, 11, 2),
        minutes=0,
        amount_cents=0,
        signature="C. Chair",
    )
    with pytest.raises(InputError, match="names another approver"):
        log.approve("md", replace(approval, approver="dr-a"))
    log.approve("md", approval)
    with pytest.raises(InputError, match="the month is approved"):
        work(log, 10)


@pytest.mark.parametrize(
    ("change", "what"),
    [({"duty": "golf"}, "names no such duty"), ({"minutes": 0}, "refused"), ({"minutes": 1441}, "refused")],
)
def test_it_refuses_what_the_agreement_does_not_cover(log: DirectorLog, change: dict[str, object], what: str) -> None:
    with pytest.raises(InputError, match=what):
        work(log, **{"minutes": 10, **change})  # type: ignore[arg-type]


def test_nobody_approves_their_own_time(log: DirectorLog) -> None:
    with pytest.raises(InputError, match="refused"):
        log.agree(replace(AGREEMENT, agreement_id="own", approver="dr-a"))


# The wall: from the type, the table, the import, the claim's store, and the code.


def test_the_type_has_nothing_to_bill(log: DirectorLog) -> None:
    names = {field.name for field in fields(DirectorEntry)}
    assert not names & {"patient_id", "patient", "code", "programs", "practitioner"}
    assert DirectorEntry not in TABLES.values()
    assert not issubclass(DirectorEntry, TimeEntry)
    columns = {row[1] for row in log._connection.execute("PRAGMA table_info(entry)")}
    assert not columns & {"patient_id", "patient", "code", "programs"}


def test_the_claims_store_and_the_log_do_not_open_each_other(log: DirectorLog, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no claims store"):
        Store.open(log.path)
    Store.open(tmp_path / "claims.db").close()
    with pytest.raises(InputError, match="no director's log"):
        DirectorLog.open(tmp_path / "claims.db")


def test_an_export_of_the_log_in_a_folder_of_tables_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("patient_id\np1\n")
    (tmp_path / "director_entries.csv").write_text("entry_id,duty\n1,panel\n")
    with duckdb.connect() as con:
        report = open_folder(con, tmp_path)
    assert any("director_entries.csv: not a table, left unread" in line for line in report.warnings)


def test_an_export_of_the_log_is_no_time_log(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("patient_id\np1\n")
    (tmp_path / "time_entries.csv").write_text("entry_id,duty,start_s,end_s,what\n1,panel,1,61,Reviewed the panel\n")
    with duckdb.connect() as con, pytest.raises(InputError, match="unknown column"):
        open_folder(con, tmp_path)


def test_no_code_is_paid_for_director_time_whatever_is_laid_over_policy() -> None:
    policy = load_policy()
    for payer in policy.payers:
        view = policy.on(date(2026, 10, 31), payer=payer)
        assert view.words("house.director.codes") == ()
        assert view.flag("house.director.minutes_reach_a_claim") is False
    assert all(policy.on(DAY).code(code).program != "director" for code in policy.codes())


def test_nothing_that_makes_claims_knows_the_log_and_the_log_knows_no_claims() -> None:
    root = Path(careledger.__file__).parent
    for folder in ("core", "policy", "facts", "rules", "engine", "batch", "claims", "ledger", "fhir"):
        for file in (root / folder).rglob("*.py"):
            assert not [name for name in imported(file) if name.startswith("careledger.oversight")], file
    barred = ("careledger.claims", "careledger.batch", "careledger.engine", "careledger.facts", "careledger.ledger")
    for file in (root / "oversight/director").rglob("*.py"):
        assert not [name for name in imported(file) if name.startswith(barred)], file


def imported(file: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    return [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)] + [
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    ]


ACT = Act(
    act_id="a1",
    component="communication",
    activity="call specialist",
    by="dr-a",
    kind="physician",
    on=DAY,
    minutes=12,
    patient="p1",
)


@pytest.mark.parametrize(
    ("change", "is_for", "minutes"),
    [
        ({"under_agency_plan": True}, "cpo_minutes", 12),
        ({}, "ccm_minutes", 12),
        ({"under_agency_plan": True, "activity": "call patient"}, "ccm_minutes", 12),
        ({"under_agency_plan": True, "kind": "rn"}, "ccm_minutes", 12),
        ({"part_of_visit": True}, "part_of_visit", 0),
        ({"kind": "clerical"}, "not_counted", 0),
        ({"patient": None}, "administrative", 0),
        ({"activity": "panel review", "component": "monitoring_and_quality"}, "administrative", 0),
    ],
)
def test_it_says_what_an_act_is_for_billing(change: dict[str, object], is_for: str, minutes: int) -> None:
    found = classify(replace(ACT, **change), VIEW)  # type: ignore[arg-type]
    assert (found.is_for, found.minutes) == (is_for, minutes)
    assert found.cite


def test_every_component_has_a_template_and_known_kinds_of_work() -> None:
    assert len(components()) == 5
    for one in components().values():
        assert one["template"]
        assert all(activity in VIEW.activities() for activity in one["activities"])
