"""Measures: each number opens to who stands behind it, an empty denominator says so, small cells stay hidden."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from careledger.claims.store.database import Store
from careledger.core.errors import InputError
from careledger.core.month import Month
from careledger.oversight.measures.catalogue import MEASURES
from careledger.oversight.measures.compute import Cockpit, cockpit, hidden_cells
from careledger.oversight.measures.money import money
from careledger.policy import load_policy

MARCH = Month.parse("2026-03")
VIEW = load_policy().on(MARCH.last_on)
TABLES = {
    "practices": ["practice_id,time_zone", "g,America/New_York"],
    "people": ["person_id,kind,practice_id", "dr,physician,g", "rn,rn,g"],
    "patients": ["patient_id,born_on,died_on,language", "p1,1950-01-01,,en", "p2,1940-01-01,,es", "p3,1955-01-01,,en", "p4,1945-01-01,2026-01-10,en"],
    "panel": ["patient_id,biller_id", "p1,dr", "p2,dr", "p3,dr", "p4,dr"],
    "conditions": [
        "patient_id,icd10,chronic,expected_months,significant_risk",
        *(f"p{n},{code},true,12,true" for n in (1, 2, 4) for code in ("I10", "E119")),
        "p3,I10,true,12,true",
    ],
    "consents": ["patient_id,program,given_on,documented,revoked_on", "p1,ccm,2026-01-05,true,", "p2,ccm,2026-01-05,true,2026-03-10"],
    "care_plans": ["patient_id,program,established_on,reviewed_on,copy_given_on", "p1,ccm,2026-01-05,2026-01-05,"],
    "goals": ["goal_id,patient_id,text,status,due_on,reviewed_on", "g1,p1,walk,achieved,2026-02-01,", "g2,p1,eat,improving,2026-02-01,2026-02-02"],
    "time_entries": ["entry_id,patient_id,by,programs,on,seconds,activity", "e1,p1,rn,ccm,2026-03-03,1260,call patient", "e2,p1,rn,ccm,2026-03-04,60,call_patient", "e3,p2,rn,ccm,2026-01-09,1200,call patient"],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, lines in TABLES.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def numbers(told: Cockpit) -> dict[str, tuple[int, int]]:
    return {one.measure.id: (one.numerator, one.denominator) for one in told.measured}


def test_it_counts_each_measure_by_its_definition(folder: Path) -> None:
    told = cockpit(folder, MARCH, VIEW)
    assert numbers(told) == {
        "eligible": (2, 3), "consented": (1, 2), "enrolled": (1, 2), "with_plan": (1, 1), "active": (1, 1), "one_month_only": (1, 1),
        "goals_met": (1, 2), "goals_at_risk": (0, 2), "goals_stale": (1, 2), "no_contact": (0, 1), "no_copy": (1, 1), "plan_unreviewed": (1, 1),
    }  # fmt: skip
    assert next(one.units for one in told.measured if one.measure.id == "enrolled") == ("p1",)
    assert told.minutes_by_activity == [("call_patient", 22, 1)]


def test_an_empty_denominator_has_no_value(folder: Path) -> None:
    early = cockpit(folder, Month.parse("2025-03"), VIEW)
    active = next(one for one in early.measured if one.measure.id == "active")
    assert (active.denominator, active.value) == (0, None)


def test_it_says_what_it_could_not_measure(folder: Path) -> None:
    told = dict(cockpit(folder, MARCH, VIEW).not_measured)
    assert set(told) == {"billable", "billed", "paid", "claims_denied", "invited"}


def test_it_refuses_what_is_no_store(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no close was written here"):
        cockpit(folder, MARCH, VIEW, decisions=tmp_path)


GROUPS = (("43999-0001", "en-US", 30), ("43998", "es", 20), ("44998", "vi", 15), ("", "xx", 12))


def test_it_cuts_by_language_and_by_how_far_patients_live(folder: Path) -> None:
    ids = iter(range(1, 1000))
    people = [(f"q{next(ids)}", zip_code, language) for zip_code, language, count in GROUPS for _ in range(count)]
    tables = {
        "practices": ["practice_id,time_zone,zip", "g,America/New_York,439990009"],
        "patients": [
            "patient_id,born_on,zip,language",
            *(f"{id_},1950-01-01,{code},{tag}" for id_, code, tag in people),
        ],
        "panel": ["patient_id,biller_id", *(f"{id_},dr" for id_, _, _ in people)],
        "conditions": [
            "patient_id,icd10,chronic,expected_months,significant_risk",
            *(f"{id_},{code},true,12,true" for id_, _, _ in people for code in ("I10", "E119")),
        ],
    }
    for file in folder.glob("*.csv"):
        file.unlink()
    for name, lines in {"people": TABLES["people"], **tables}.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    cuts = cockpit(folder, MARCH, VIEW).cuts
    assert {(cut.stratum, cut.denominator) for cut in cuts if cut.name == "language"} == {
        ("English", 30), ("Spanish", 20), ("Vietnamese", 15), ("xx", 12),
    }  # fmt: skip
    assert [(cut.stratum, cut.denominator) for cut in cuts if cut.name == "distance"] == [
        ("same ZIP code", 30), ("same ZIP area", 20), ("another ZIP area", 15), ("unknown", 12),
    ]  # fmt: skip


def test_small_cells_are_hidden_and_never_alone() -> None:
    assert hidden_cells([(40, 80), (5, 60), (30, 90)], 11) == {0, 1}
    assert hidden_cells([(40, 80), (30, 90)], 11) == set()
    assert hidden_cells([(3, 40)], 11) == {0}


def test_every_measure_has_a_definition_and_known_figures() -> None:
    for measure in MEASURES:
        assert ", of " in measure.says
        assert not measure.published or VIEW.find(f"house.published.{measure.published}")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    file = tmp_path / "claims.db"
    Store.open(file).close()
    with closing(sqlite3.connect(file)) as con:
        for id_, patient in (("c1", "p1"), ("c2", "p2")):
            insert(
                con,
                "claim",
                claim_id=id_,
                patient_id=patient,
                month="2026-03",
                state="taken",
                payer_policy="medicare_ffs",
            )
            insert(con, "claim_line", claim_id=id_, line_no=1, code="99490", charge_cents=10_000)
        for seq, (id_, paid) in enumerate((("c1", 4_000), ("c2", 0))):
            insert(con, "remitted_claim", payment_id=1, seq=seq, claim_id=id_, paid_cents=paid, charge_cents=10_000)
            insert(
                con,
                "remitted_line",
                payment_id=1,
                seq=seq,
                line_seq=1,
                code="99490",
                paid_cents=paid,
                allowed_cents=paid + 1_000,
                charge_cents=10_000,
            )
        con.commit()
    return file


def insert(con: sqlite3.Connection, table: str, **given: object) -> None:
    """A row whose other required columns are empty."""
    columns = con.execute(f"PRAGMA table_info({table})").fetchall()
    row = {
        name: "" if "TEXT" in type_ else 0
        for _, name, type_, needed, default, _ in columns
        if needed and default is None
    }
    row |= given
    con.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def test_it_follows_money_by_payer_and_code(store: Path) -> None:
    told = money(store, MARCH)
    assert [
        (m.payer, m.code, m.lines, m.charged_cents, m.allowed_cents, m.collected_cents, m.denied_lines) for m in told
    ] == [("medicare_ffs", "99490", 2, 20_000, 6_000, 4_000, 1)]
    assert told[0].collected_percent == 20
    assert money(store, Month.parse("2026-04")) == []


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database, only words of some length" * 40)
    with pytest.raises(InputError, match="no claims store"):
        money(tmp_path / "x.db", MARCH)
