"""Our own FHIR server before outside judges: a conformance tester, two bulk clients, and three validators. None is ours."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from fhir.resources.R4B import get_fhir_model_class
from tests.fhir_server.clinic import ROOT, Clinic, running
from tests.fhir_server.conftest import Server
from tests.web.fhir_calls import TYPES

from careledger.cli.main import group
from careledger.fhir.held.server import deletions

pytestmark = pytest.mark.xdist_group("fhir_server")
SEKMET = str(Path(sys.executable).with_name("sekmet"))
SMART_FETCH = str(Path(sys.executable).with_name("smart-fetch"))
VALIDATOR = ROOT / "build" / "fhir_validator"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with running(tmp_path_factory.mktemp("clinic")) as found:
        yield found


@pytest.fixture(scope="module")
def resources(clinic: Clinic) -> list[dict[str, Any]]:
    """Everything the clinic holds, as it serves it."""
    return [one for kind in TYPES for one in clinic.all(kind)]


@pytest.fixture(scope="module")
def around(clinic: Clinic) -> list[dict[str, Any]]:
    """What stands around resources: the statement of what is served, a page of a search, refusals, a note as Binary."""
    with clinic.session("compliance", "system/*.rs system/Binary.rs") as session:

        def got(path: str) -> dict[str, Any]:
            told = session.request("GET", session.url(path), headers={"Accept": "application/fhir+json"}).json()
            return {"id": f"around-{path.count('/')}", **told}

        (note,) = clinic.all("DocumentReference")
        paths = (
            "metadata",
            "Encounter?_count=2",
            "Goal?_include=Goal:subject",
            "Encounter?nonsense=1",
            "Patient/nobody",
            f"Binary/{note['id']}",
        )
        found = [got(path) for path in paths]
    gone = {"id": "gone", **deletions(["Condition/1", "Encounter/v2"])}
    return [*found, gone]


@pytest.fixture
def sekmet(clinic: Clinic, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs the outside tester with the clinic as the peer ``ours``."""

    def run(*words: str, role: str, scope: str) -> tuple[int, str]:
        told = {"data_dir": str(tmp_path / "sekmet"), "peers": {"ours": clinic.peer(role, scope)}}
        (tmp_path / "settings.yaml").write_text(yaml.safe_dump(told))
        command = [SEKMET, *words, "--peer", "ours", "-c", str(tmp_path / "settings.yaml")]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout + ran.stderr

    return run


def reported(folder: Path) -> list[dict[str, Any]]:
    """The steps of the one scenario that was run."""
    (file,) = [one for one in folder.rglob("*.json") if "steps" in one.read_text()]
    told = json.loads(file.read_text())
    return [step for scenario in told for step in scenario["steps"]]


def test_the_conformance_tester_finds_nothing_wrong(sekmet: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    status, says = sekmet(
        "scenario", "run", "conformance_smoke", "--no-serve", "--report-dir", "reports",
        role="nurse", scope="system/*.rs system/Patient.cu",
    )  # fmt: skip
    steps = {step["name"]: (step["status"], step.get("message")) for step in reported(tmp_path / "reports")}
    passed = [name for name, (state, _) in steps.items() if state == "passed"]
    skipped = [why for state, why in steps.values() if state == "skipped"]
    assert status == 0, says
    assert len(passed) >= 10, steps
    assert {state for state, _ in steps.values()} == {"passed", "skipped"}, steps
    assert all("does not advertise" in str(why) for why in skipped), skipped


@pytest.mark.parametrize(
    ("level", "more"),
    [("system", ()), ("group", ("--group", "enrolled-ccm", "--type", "Patient,CarePlan,Goal"))],
)
def test_the_testers_bulk_client_takes_every_file_as_valid(
    sekmet: Callable[..., tuple[int, str]], level: str, more: tuple[str, ...]
) -> None:
    status, says = sekmet(
        "bulk", "export", "--level", level, *more, "--timeout", "300", role="compliance", scope="system/*.rs"
    )
    assert status == 0, says
    assert "Patient" in says


def test_an_outside_bulk_client_exports_the_clinic(clinic: Clinic, tmp_path: Path) -> None:
    kinds = ("Patient", "Condition", "Encounter", "DocumentReference")
    command = [
        SMART_FETCH, "export", str(tmp_path / "out"), "--fhir-url", clinic.base, "--smart-client-id", clinic.ids["compliance"],
        "--smart-key", str(clinic.jwks_file), "--export-mode", "bulk", "--type", ",".join(kinds), "--no-compression",
        "--hydration-tasks", "none",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    files = list((tmp_path / "out").rglob("*.ndjson"))
    got: dict[str, dict[str, Any]] = {}
    for file in files:
        for line in file.read_text().splitlines():
            one = json.loads(line)
            if "resourceType" in one:
                got[f"{one['resourceType']}/{one['id']}"] = one
    served = [one for kind in kinds for one in clinic.all(kind)]
    assert set(got) == {f"{one['resourceType']}/{one['id']}" for one in served}
    assert all(got[f"Patient/{one['id']}"] == one for one in served if one["resourceType"] == "Patient")


def test_our_own_import_takes_the_clinic_in_and_then_only_what_changed(clinic: Clinic, tmp_path: Path) -> None:
    def run() -> str:
        told = ["import", "fhir-server", clinic.base, "--out", str(tmp_path), "--client-id", clinic.ids["compliance"]]
        result = CliRunner().invoke(group, [*told, "--key", str(clinic.key_file), "--kid", "k1"])
        assert result.exit_code == 0, result.output
        return result.output

    assert "everything:" in run()
    assert (tmp_path / "patients.csv").read_text().count("\n") == len(clinic.all("Patient")) + 1
    before = {file.name: file.read_text() for file in tmp_path.glob("*.csv")}
    assert "changed since" in run()
    assert {file.name: file.read_text() for file in tmp_path.glob("*.csv")} == before


def test_every_resource_is_valid_to_an_independent_validator(
    resources: list[dict[str, Any]], around: list[dict[str, Any]]
) -> None:
    if shutil.which("node") is None or not (VALIDATOR / "node_modules" / "@medplum" / "definitions").is_dir():
        pytest.skip("the outside FHIR validator is not here: run scripts/fhir_validator (it needs the npm registry)")
    wrong = {"resourceType": "Goal", "id": "wrong", "lifecycleStatus": "active"}
    lines = "".join(json.dumps(one) + "\n" for one in (*resources, *around, wrong))
    command = ["node", str(ROOT / "tests" / "fhir_server" / "validate.mjs"), str(VALIDATOR)]
    ran = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    *said, count = ran.stdout.splitlines()
    assert [one.partition(":")[0] for one in said] == ["Goal/wrong"], said
    assert count == f"{len(resources) + len(around) + 1} resources"
    kinds = [one["resourceType"] for one in around]
    assert kinds == [
        "CapabilityStatement",
        "Bundle",
        "Bundle",
        "OperationOutcome",
        "OperationOutcome",
        "Binary",
        "Bundle",
    ]


def test_every_resource_is_one_to_the_python_models(
    resources: list[dict[str, Any]], around: list[dict[str, Any]]
) -> None:
    assert {one["resourceType"] for one in resources} == set(TYPES)
    for one in (*resources, *around):
        model = get_fhir_model_class(one["resourceType"]).model_validate(one)
        assert model.id == one["id"]


def test_a_strict_server_takes_every_resource(server: Server, resources: list[dict[str, Any]]) -> None:
    headers = {"Content-Type": "application/fhir+json"}
    with server.session() as session:
        for one in resources:
            where = session.url(f"{one['resourceType']}/{one['id']}")
            answer = session.request("PUT", where, headers=headers, content=json.dumps(one).encode())
            assert answer.status_code in (200, 201), answer.text
    assert len(server.all("CarePlan")) == len([one for one in resources if one["resourceType"] == "CarePlan"])
