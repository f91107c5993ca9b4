"""Claims of other shapes: CMS carrier and DE-SynPUF for the study, an 837P and our own tables for the radar."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from careledger.oversight.radar.run import scan
from careledger.oversight.study.run import run_study
from careledger.policy import load_policy

TODAY = date(2026, 11, 23)


def test_the_study_reads_cms_carrier_files(tmp_path: Path) -> None:
    claims, members = tmp_path / "carrier.txt", tmp_path / "bene.txt"
    head = "BENE_ID|CLM_ID|CLM_THRU_DT|PRF_PHYSN_NPI|TAX_NUM|PRVDR_SPCLTY|LINE_SRVC_CNT|LINE_1ST_EXPNS_DT|LINE_LAST_EXPNS_DT|HCPCS_CD|LINE_ALOWD_CHRG_AMT|ICD_DGNS_CD1|ICD_DGNS_CD2|LINE_ICD_DGNS_CD"
    rows = [
        "1|a|05-MAY-2018|n1|t1|50|1|05-MAY-2018|05-MAY-2018|99213|80|I10|E119|I10",
        "1|b|28-FEB-2019|n1|t1|50|1|28-FEB-2019|28-FEB-2019|99490|42.17|I10|E119|I10",
        "2|c|05-MAY-2018|n2|t2|11|1|05-MAY-2018|05-MAY-2018|99213|80|I10|J449|I10",
        "2|d|05-MAY-2019|n2|t2|11|1|05-MAY-2019|05-MAY-2019|99213|80|I10|J449|I10",
    ]
    claims.write_text("\n".join([head, *rows]))
    bene = [
        f"{n}|GA|{state}|01-JAN-1940||{year}|12|{dual}"
        for n, state, dual in ((1, 11, 12), (2, 47, 0))
        for year in (2018, 2019)
    ]
    members.write_text("\n".join(["BENE_ID|X|STATE_CODE|BENE_BIRTH_DT|DEATH_DT|RFRNC_YR|B_MO_CNT|DUAL_MO_CNT", *bene]))
    study = run_study(claims, members, load_policy(), TODAY)
    told = {(f.id, f.cut, f.stratum): (f.numerator, f.denominator) for f in study.figures if f.year == 2019}
    assert told["any_ccm_rate", "all", "all"] == (1, 2)
    assert told["any_ccm_rate", "dual", "dual"] == (1, 1)
    assert told["any_ccm_rate", "region", "Northeast"] == (0, 1)
    assert told["practitioner_share", "kind", "NP, PA or CNS"] == (1, 1)
    assert told["practitioner_share", "kind", "physician"] == (0, 1)


def test_the_study_reads_thirteen_lines_a_row_and_flags_of_the_year(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "bene").mkdir()
    lines = ",".join(
        f"{name}_{n}" for name in ("HCPCS_CD", "PRF_PHYSN_NPI", "TAX_NUM", "LINE_ALOWD_CHRG_AMT") for n in (1, 2)
    )
    (tmp_path / "claims/carrier.csv").write_text(
        f"DESYNPUF_ID,CLM_ID,CLM_FROM_DT,CLM_THRU_DT,ICD9_DGNS_CD_1,{lines}\nA,1,20090405,20090405,4019,99213,99490,n1,n1,t1,t1,70,42\n"
    )
    head = "DESYNPUF_ID,BENE_BIRTH_DT,BENE_DEATH_DT,SP_STATE_CODE,BENE_SMI_CVRAGE_TOT_MONS,BENE_HMO_CVRAGE_TOT_MONS,SP_CHF,SP_DIABETES"
    for year in (2008, 2009):
        (tmp_path / f"bene/summary_{year}.csv").write_text(
            f"{head}\nA,19300101,,11,12,0,1,1\nB,19300101,,11,12,0,1,2\nC,19300101,,11,12,5,1,1\n"
        )
    study = run_study(tmp_path / "claims", tmp_path / "bene", load_policy(), TODAY)
    rate = study.of("any_ccm_rate")[-1]
    assert (rate.year, rate.numerator, rate.denominator) == (2009, 1, 1)


def test_the_radar_reads_our_own_tables(tmp_path: Path) -> None:
    tables = {
        "practices": ["practice_id", "g"],
        "people": ["person_id,kind,practice_id", "dr,physician,g"],
        "patients": ["patient_id,died_on", "p1,", "p2,2026-03-01"],
        "other_claims": [
            "patient_id,practitioner,code,on",
            "p1,dr,99490,2026-03-31",
            "p1,dr,99490,2026-03-30",
            "p2,dr,99490,2026-03-31",
        ],
    }
    for name, lines in tables.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    with duckdb.connect() as con:
        radar = scan(con, tmp_path, load_policy(), TODAY)
    assert radar.count("base_twice") == 1
    assert radar.count("after_death") == 1
    assert radar.count("no_logged_work") == 3


SEGMENTS = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260401*1200*^*00501*000000001*0*P*:",
    "GS*HC*SENDER*RECEIVER*20260401*1200*1*X*005010X222A1", "ST*837*0001*005010X222A1", "BHT*0019*00*1*20260401*1200*CH",
    "NM1*41*2*MAPLE*****46*SENDER", "PER*IC*ANN*TE*5555550100", "NM1*40*2*PAYER*****46*RECEIVER", "HL*1**20*1",
    "NM1*85*2*MAPLE CLINIC*****XX*1234567893", "N3*1 MAIN", "N4*ALBANY*NY*122070001", "REF*EI*123456789", "HL*2*1*22*0", "SBR*P*18*******MB",
    "NM1*IL*1*DOE*JANE****MI*1EG4TE5MK73", "N3*2 MAIN", "N4*ALBANY*NY*122070001", "DMG*D8*19500101*F", "NM1*PR*2*MEDICARE*****PI*13282",
    *(part for n, code, units in ((1, "99490", 1), (2, "99490", 1), (3, "99439", 1)) for part in (
        f"CLM*c{n}*60***11:B:1*Y*A*Y*Y", "HI*ABK:I10*ABF:E119", "LX*1", f"SV1*HC:{code}*60*UN*{units}***1", f"DTP*472*D8*2026033{n % 2}")),
    "SE*34*0001", "GE*1*1", "IEA*1*000000001",
)  # fmt: skip


def test_the_radar_reads_an_837_and_never_shows_a_member_number(tmp_path: Path) -> None:
    file = tmp_path / "claims.x12"
    file.write_text("~".join(SEGMENTS) + "~")
    with duckdb.connect() as con:
        radar = scan(con, file, load_policy(), TODAY)
    assert radar.read.lines == 3
    assert [finding.check for finding in radar.findings] == ["base_twice"]
    assert "1EG4TE5MK73" not in str(radar.findings)
    assert radar.findings[0].patient.startswith("m-")
