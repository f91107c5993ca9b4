"""``careledger check``: the JSON answer's exact shape, the readable proof, the exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.vignettes.expand import Vignette


def case(month: str = "2026-03", **given: Any) -> dict[str, Any]:
    return Vignette("case", 1, "", "", month, given, []).case()


def run(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from careledger.cli.main import main; main()", "check", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "case.yaml"
    path.write_text(json.dumps(case(staff_minutes=45, asked=["99491", "99358"])))
    return path


def test_it_answers_in_the_shape_of_the_case_format(file: Path) -> None:
    done = run(str(file), "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert list(answer) == ["id", "month", "policy_version", "billable", "refused", "alternatives", "warnings"]
    billable = {line["code"]: line for line in answer["billable"]}
    assert set(billable) == {"99490", "99439"}
    assert list(billable["99490"]) == [
        "code", "units", "practitioner", "date_of_service", "allowed_cents", "patient_share_cents", "because",
    ]  # fmt: skip
    assert billable["99490"]["allowed_cents"] == 6613
    assert billable["99490"]["patient_share_cents"] == 1323
    for item in answer["refused"]:
        assert list(item) == ["code", "practitioner", "verdict", "because", "next"]
        assert item["verdict"] in ("no", "not_yet", "human_decides")
    reasons = [reason for line in answer["billable"] + answer["refused"] for reason in line["because"]]
    assert all(list(reason) == ["rule", "says", "facts", "cite"] for reason in reasons)
    assert {"99491", "99437", "99487", "99489", "99358"} == {item["code"] for item in answer["refused"]}


def test_it_shows_a_proof_that_ends_in_numbered_sources(file: Path) -> None:
    shown = run(str(file)).stdout
    first, last = shown.index("BILL"), shown.index("Sources")
    assert first < shown.index("why it is billable") < last
    assert "✓ consent is documented and in force" in shown
    assert "MLN909188" in shown[last:]
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_every_finding_of_a_refusal_can_be_shown(file: Path) -> None:
    assert len(run(str(file), "--all").stdout) > len(run(str(file)).stdout)


def test_the_day_of_asking_tells_whether_the_month_is_over(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(json.dumps(case(staff_minutes=12)))
    verdicts = {
        day: next(item["verdict"] for item in json.loads(run(str(path), "--json", "--on", day).stdout)["refused"])
        for day in ("2026-03-31", "2026-04-01")
    }
    assert verdicts == {"2026-03-31": "not_yet", "2026-04-01": "no"}


def test_several_cases_are_answered_in_their_order() -> None:
    several = {"cases": [case(staff_minutes=25) | {"id": "one"}, case(staff_minutes=12) | {"id": "two"}]}
    answers = json.loads(run("-", "--json", text=json.dumps(several)).stdout)
    assert [answer["id"] for answer in answers] == ["one", "two"]
    assert [len(answer["billable"]) for answer in answers] == [1, 0]
    alone = json.loads(run("-", "--json", text=json.dumps({"cases": several["cases"][:1]})).stdout)
    assert [answer["id"] for answer in alone] == ["one"]


@pytest.mark.parametrize(
    ("change", "named"),
    [({"monht": "2026-03"}, "month"), ({"month": "2026-13"}, "month"), ({"payer": "no_such_payer"}, "payer")],
)
def test_a_malformed_case_has_status_two_and_one_clear_line(tmp_path: Path, change: dict[str, str], named: str) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(json.dumps(case(staff_minutes=25) | change, indent=1))
    done = run(str(path), "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_an_answer_does_not_wait_for_heavy_modules() -> None:
    heavy = ["rich", "pyarrow", "reportlab", "typst", "pyspark", "orjson", "numpy", "pandas"]
    program = (
        "import sys; from careledger.cli.check import check; import careledger.engine.check, careledger.engine.explain; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
