"""Writing back to a server that we did not write, which checks every resource strictly."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.fhir_server.conftest import CLIENT_ID, Server
from tests.fhir_server.test_bulk import by_command, filled

from careledger.cli.main import group
from careledger.core.month import Month
from careledger.core.records import CarePlan, Consent, Goal, TimeEntry
from careledger.fhir.server.outgoing import Known, outgoing
from careledger.fhir.server.send import Sender, known_at

pytestmark = pytest.mark.xdist_group("fhir_server")

TABLES = {
    "practices": "practice_id,name,time_zone,setting\nlake,Lake Practice,America/New_York,office\n",
    "people": "person_id,kind,practice_id,name,credential\ndr-a,physician,lake,Dana Lake,MD\nrn-1,rn,lake,Robin Field,RN\n",
    "consents": "patient_id,program,given_on,form,documented,practitioner\np0,ccm,2026-01-05,verbal,true,dr-a\nelsewhere,ccm,2026-01-05,verbal,true,dr-a\n",
    "goals": "goal_id,patient_id,text,measure,target,due_on,status\ng1,p0,Walk daily,minutes of walking,20 minutes,2026-12-30,improving\n",
    "care_plans": "patient_id,program,established_on,reviewed_on,signed_by,copy_given_on,elements\np0,ccm,2026-01-05,2026-09-11,dr-a,2026-01-06,problem_list treatment_goals\n",
    "time_entries": "entry_id,patient_id,by,programs,start_s,end_s,activity,documented,note\n"
    "t1,p0,rn-1,ccm,1791460800,1791462000,call_patient,true,Asked about readings\n"
    "t2,p0,rn-1,ccm,1791547200,1791547800,review_results,true,Looked at results\n",
}  # fmt: skip


@pytest.fixture
def clinic(server: Server, tmp_path: Path) -> Path:
    """Tables imported from the server, with our own records beside them."""
    filled(server)
    folder = tmp_path / "tables"
    status, says = by_command(server, folder)
    assert status == 0, says
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def send(server: Server, folder: Path, *further: str) -> tuple[int, str]:
    told = ["fhir", "send", server.base, "--data", str(folder), "--month", "2026-10", "--client-id", CLIENT_ID]
    result = CliRunner().invoke(group, [*told, "--key", str(server.key_file), "--scope", "system/*.*", *further])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_everything_of_the_month_arrives_once(server: Server, clinic: Path) -> None:
    status, says = send(server, clinic)
    assert status == 0, says
    for kind in ("Consent", "Goal", "CarePlan", "Communication", "DocumentReference"):
        assert f"{kind}: 1 new" in says
        assert len(server.all(kind)) == 1
    (plan,) = server.all("CarePlan")
    (goal,) = server.all("Goal")
    assert plan["goal"] == [{"reference": f"Goal/{goal['id']}"}]
    assert plan["author"] == {"reference": "Practitioner/dr-a"}
    (note,) = server.all("DocumentReference")
    assert base64.b64decode(note["content"][0]["attachment"]["data"]).startswith(b"%PDF")
    (talk,) = server.all("Communication")
    assert talk["note"] == [{"text": "Asked about readings"}]

    status, says = send(server, clinic)
    assert "Goal: 0 new, 0 changed, 1 as before" in says
    assert len(server.all("Goal")) == 1


def test_what_changes_is_changed_there_even_when_our_memory_is_lost(server: Server, clinic: Path) -> None:
    send(server, clinic, "--only", "Goal")
    goals = (clinic / "goals.csv").read_text().replace("improving", "achieved")
    (clinic / "goals.csv").write_text(goals)
    assert "Goal: 0 new, 1 changed" in send(server, clinic, "--only", "Goal")[1]
    (clinic / ".fhir" / "sent.json").unlink()
    assert "Goal: 0 new, 1 changed" in send(server, clinic, "--only", "Goal")[1]
    (goal,) = server.all("Goal")
    assert goal["lifecycleStatus"] == "completed"
    assert goal["achievementStatus"]["coding"][0]["code"] == "achieved"


def test_a_resource_deleted_there_is_made_again(server: Server, clinic: Path) -> None:
    send(server, clinic, "--only", "Goal")
    (goal,) = server.all("Goal")
    server.delete(f"Goal/{goal['id']}")
    (clinic / "goals.csv").write_text((clinic / "goals.csv").read_text().replace("improving", "achieved"))
    status, says = send(server, clinic, "--only", "Goal")
    assert status == 0, says
    assert len(server.all("Goal")) == 1


def test_what_the_server_refuses_is_told_by_id_and_the_rest_goes_on(server: Server, clinic: Path) -> None:
    known = known_at(clinic / ".fhir" / "mirror")
    records = {"goals": [
        Goal(goal_id="bad", patient_id="p0", text=" ", target="x"),
        Goal(goal_id="good", patient_id="p0", text="Walk", target="20 minutes"),
    ]}  # fmt: skip
    with server.session() as session:
        report = Sender(session, clinic / ".fhir").send(outgoing(records, Month(2026, 10), known, lambda _: None))
    assert report.made["Goal"] + len(report.refused) == 2
    assert report.made["Goal"] >= 1
    assert all("Walk" not in line for line in report.refused)


def test_nothing_is_sent_before_anything_was_imported(tmp_path: Path, server: Server) -> None:
    (tmp_path / "goals.csv").write_text(TABLES["goals"])
    told = ["fhir", "send", server.base, "--data", str(tmp_path), "--month", "2026-10"]
    result = CliRunner().invoke(group, told)
    assert "import fhir-server" in str(result.exception)


def test_only_patients_the_server_knows_are_sent() -> None:
    known = Known(frozenset({"p0"}), frozenset())
    records = {
        "consents": [Consent(patient_id="p9", program="ccm")],
        "care_plans": [
            CarePlan(patient_id="p0", program="ccm", established_on=date(2025, 1, 1), signed_by="dr-a"),
            CarePlan(patient_id="p0", program="ccm", established_on=date(2026, 1, 1), signed_by="dr-a"),
        ],
        "time_entries": [TimeEntry(entry_id="t1", patient_id="p0", by="rn", programs=("ccm",), on=date(2026, 9, 30), seconds=60, activity="call_patient")],
    }  # fmt: skip
    (plan,) = outgoing(records, Month(2026, 10), known, lambda _: None)
    assert plan.resource["created"] == "2026-01-01"
    assert plan.resource["author"] == {"display": "dr-a"}
