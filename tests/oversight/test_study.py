"""The study recovers what was put into a made-up population, and finds every line of a public one."""

from __future__ import annotations

import csv
import gzip
import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from careledger.cli.study import study as study_command
from careledger.core.errors import InputError
from careledger.oversight.study.run import Study, run_study
from careledger.policy import load_policy

TODAY = date(2026, 11, 23)
PEOPLE = 240
CLAIM = ("claim_id", "claim_line_number", "patient_id", "claim_start_date", "claim_line_end_date", "service_unit_quantity", "hcpcs_code", "rendering_npi", "billing_npi", "allowed_amount", "diagnosis_code_1", "diagnosis_code_2", "diagnosis_code_3")  # fmt: skip
MEMBER = (
    "patient_id",
    "birth_date",
    "death_date",
    "enrollment_start_date",
    "enrollment_end_date",
    "dual_status_code",
    "state",
)
DIAGNOSES = ("I10", "E119", "E785", "I509", "N183", "J449", "F329", "M810", "I480", "E039", "G20")


def conditions(n: int) -> int:
    """How many conditions a person has: 1, 2, 6 or 11 in turn."""
    return (1, 2, 6, 11)[n % 4]


def months(n: int) -> int:
    """Months of service of 2025: every fifth person is a user of 1, 3 or 8 months."""
    return (1, 3, 8)[n % 3] if n % 5 == 0 else 0


def population(folder: Path) -> None:
    """Everyone is 70, a member of 2024 and 2025; each tenth person is dual, each third lives in Georgia."""
    claims, members = [], []
    for n in range(PEOPLE):
        person = f"p{n}"
        members.append(
            (
                person,
                "1955-03-01",
                "",
                "2024-01-01",
                "2025-12-31",
                "02" if n % 10 == 0 else "00",
                "Georgia" if n % 3 == 0 else "VT",
            )
        )
        for place in range(conditions(n)):
            claims.append(  # noqa: PERF401
                (
                    f"v{n}-{place}",
                    1,
                    person,
                    "2024-05-05",
                    "2024-05-05",
                    1,
                    "99214",
                    f"d{n % 7}",
                    f"g{n % 7}",
                    100,
                    DIAGNOSES[place],
                    "",
                    "",
                )
            )
        claims.append(
            (f"w{n}", 1, person, "2025-01-05", "2025-01-05", 1, "99214", f"d{n % 7}", f"g{n % 7}", 100, "Z000", "", "")
        )
        for month in range(1, months(n) + 1):
            group = "elsewhere" if n % 20 == 0 else f"g{n % 7}"
            claims.append(
                (
                    f"c{n}-{month}",
                    1,
                    person,
                    f"2025-{month:02}-28",
                    f"2025-{month:02}-28",
                    1,
                    "99490",
                    f"d{n % 7}",
                    group,
                    60,
                    "I10",
                    "",
                    "",
                )
            )
    claims.append(("again", 1, "p5", "2025-01-29", "2025-01-29", 1, "99490", "d5", "g5", 60, "I10", "", ""))
    claims.append(("over", 1, "p5", "2025-01-29", "2025-01-29", 1, "99426", "d5", "g5", 60, "I10", "", ""))
    claims.append(("bad", 1, "p5", "2025-02-31", "2025-02-31", 1, "99490", "d5", "g5", 60, "I10", "", ""))
    for name, head, rows in (("claims", CLAIM, claims), ("enrollment", MEMBER, members)):
        (folder / name).mkdir()
        with (folder / name / "part.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([head, *rows])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("population")
    population(folder)
    return run_study(folder / "claims", folder / "enrollment", load_policy(), TODAY)


def truth(cut: str = "all") -> dict[str, tuple[int, int]]:
    """Users and eligible people by stratum, counted from the rules above."""
    names = {
        "all": lambda n: "all",
        "conditions": lambda n: {2: "2-5", 6: "6-9", 11: "10+"}[conditions(n)],
        "dual": lambda n: "dual" if n % 10 == 0 else "not dual",
        "region": lambda n: "South" if n % 3 == 0 else "Northeast",
    }
    found: dict[str, tuple[int, int]] = {}
    for n in range(PEOPLE):
        if conditions(n) >= 2:
            users, people = found.get(names[cut](n), (0, 0))
            found[names[cut](n)] = (users + (months(n) > 0), people + 1)
    return found


@pytest.mark.parametrize("cut", ["all", "conditions", "dual", "region"])
def test_it_recovers_the_rates(study: Study, cut: str) -> None:
    told = {f.stratum: (f.numerator, f.denominator) for f in study.of("any_ccm_rate", cut) if f.year == 2025}
    assert told == truth(cut)


def test_it_recovers_use(study: Study) -> None:
    used = [months(n) for n in range(PEOPLE) if months(n) and conditions(n) >= 2]
    one = {f.id: f for f in study.figures if f.year == 2025 and f.cut == "all"}
    assert one["months_per_user"].value == pytest.approx(sum(used) / len(used))
    assert one["one_month_share"].value == pytest.approx(100 * used.count(1) / len(used))
    assert (one["one_month_share"].low or 0) < (one["one_month_share"].value or 0) < (one["one_month_share"].high or 0)
    every = sum(months(n) for n in range(PEOPLE)) + 1
    outside = sum(months(n) for n in range(PEOPLE) if n % 20 == 0)
    assert (one["outside_practice_share"].numerator, one["outside_practice_share"].denominator) == (outside, every)
    assert (one["repeated_share"].numerator, one["repeated_share"].denominator) == (1, every)
    assert one["overlap_share"].numerator == 2


def test_a_year_without_a_year_before_has_nobody_eligible_and_says_so(study: Study) -> None:
    rate = next(f for f in study.of("any_ccm_rate") if f.year == 2024)
    assert (rate.denominator, rate.value) == (0, None)


def test_it_counts_what_it_cannot_use(study: Study) -> None:
    assert [note for note in study.loaded.notes if "impossible" in note] == [
        f"part.csv: 1 of {study.loaded.lines:,} lines with an impossible or missing day: counted, in no figure"
    ]


def test_it_refuses_a_folder_without_claims(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one,two\n1,2\n")
    with pytest.raises(InputError, match="no file of professional claims"):
        run_study(tmp_path, tmp_path, load_policy(), TODAY)


SUMMARY = ("DESYNPUF_ID", "BENE_BIRTH_DT", "BENE_DEATH_DT", "SP_STATE_CODE", "BENE_SMI_CVRAGE_TOT_MONS", "BENE_HMO_CVRAGE_TOT_MONS", "SP_CHF", "SP_DIABETES", "SP_COPD")  # fmt: skip


def synpuf(folder: Path) -> Path:
    """DE-SynPUF without carrier claims: summaries of two years beside stays, and a file that is neither."""
    people = [("a", "1"), ("b", "1"), ("c", "2")]
    for year in (2009, 2010):
        rows = [(id_, "19350101", "", "39", 12, 0, "1", flag, "2") for id_, flag in people]
        with (folder / f"DE1_0_{year}_Beneficiary_Summary.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([SUMMARY, *rows])
    (folder / "DE1_0_Inpatient_Claims.csv").write_text(
        "DESYNPUF_ID,CLM_ID,CLM_FROM_DT,CLM_THRU_DT\na,1,20090101,20090103\n"
    )
    (folder / "readme.csv").write_text("one,two\n1,2\n")
    return folder


def test_without_carrier_claims_it_gives_who_is_eligible_and_says_what_it_cannot(tmp_path: Path) -> None:
    folder = synpuf(tmp_path)
    told = CliRunner().invoke(study_command, ["--claims", str(folder), "--enrollment", str(folder), "--out", str(folder / "out"), "--as-of", "2026-11-23"])  # fmt: skip
    assert told.exit_code == 0, told.output
    with (folder / "out" / "figures.csv").open(newline="") as stream:
        rows = {(row["year"], row["cut"], row["stratum"]): row for row in csv.DictReader(stream)}
    assert {row["figure"] for row in rows.values()} == {"eligible"}, "no rate is made up of services nobody knows"
    people = {where: int(row["denominator"]) for where, row in rows.items()}
    assert people["2009", "all", "all"] == 0, "the flags of a year count from its end"
    assert people["2010", "all", "all"] == people["2010", "conditions", "2-5"] == people["2010", "dual", "unknown"] == 2
    assert "no file of professional claims" in told.output
    assert "2010: 2 eligible people" in told.output
    assert [line.strip() for line in told.output.splitlines() if "unread" in line] == [
        "readme.csv: no claims or enrollment file of a known shape, left unread"
    ]
    page = (folder / "out" / "study.html").read_text()
    assert "Eligible people by number of conditions" in page
    assert "Codes and practitioners" not in page


def test_it_counts_the_public_synpuf_sample_as_counting_by_hand_does() -> None:
    folder = next((up / "shared/data/claims/desynpuf_10k" for up in Path(__file__).resolve().parents if (up / "shared/data/claims/desynpuf_10k").is_dir()), None)  # fmt: skip
    if folder is None:
        pytest.skip("the DE-SynPUF sample is not here")
    flags: dict[str, set[str]] = {}
    members: set[str] = set()
    for year in (2008, 2009):
        (file,) = folder.glob(f"*{year}_Beneficiary*.gz")
        with gzip.open(file, "rt") as stream:
            for row in csv.DictReader(stream):
                id_, dead = row["DESYNPUF_ID"], row["BENE_DEATH_DT"]
                if year == 2008:
                    flags[id_] = {
                        name for name in row if name.startswith("SP_") and name != "SP_STATE_CODE" and row[name] == "1"
                    }
                elif row["BENE_HMO_CVRAGE_TOT_MONS"] == "0" and row["BENE_SMI_CVRAGE_TOT_MONS"] != "0":
                    old = row["BENE_BIRTH_DT"] <= "19440101"
                    members |= {id_} if old and (not dead or dead >= "20090101") else set()
    expected = sum(len(flags.get(id_, ())) >= 2 for id_ in members)
    found = run_study(folder, folder, load_policy(), TODAY)
    assert [f.numerator for f in found.of("eligible") if f.year == 2009] == [expected]
    assert expected > 1000
    assert not [note for note in found.loaded.notes if "unread" in note], "every file of it was of use"


def test_it_finds_every_line_of_the_tuva_demo() -> None:
    found = os.environ.get("CARELEDGER_TUVA_DEMO", "")
    folder = Path(found) if found else next((up / "shared/data/claims/tuva_demo" for up in Path(__file__).resolve().parents if (up / "shared/data/claims/tuva_demo").is_dir()), None)  # fmt: skip
    if folder is None or not folder.is_dir():
        pytest.skip("the Tuva demo claims are not here; name their folder in CARELEDGER_TUVA_DEMO")
    claims, members = folder / "medical_claim_2023sample.csv.gz", folder / "eligibility_2023sample.csv.gz"
    with gzip.open(claims, "rt") as stream:
        wanted = sum(line["hcpcs_code"] == "99490" for line in csv.DictReader(stream))
    study = run_study(claims, members, load_policy(), TODAY)
    assert study.lines_by_code["99490"] == wanted > 0
