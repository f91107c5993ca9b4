"""Making and sending claims under faults at every step: each claim is made once and leaves in one batch, with its charges."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.claims.clinic import CLAIMS, put
from tests.faults.catalogue import (
    BOTH,
    CLOCK,
    FULL,
    HALF,
    KILLED,
    NO_DATABASE,
    ON_POSTGRES,
    TWICE,
    TWO_SERVERS,
    Case,
    inject,
)
from tests.faults.hatchery import Hatchery
from tests.faults.house import House, meet
from tests.faults.places import call, file, named, sql
from tests.web.cast import NOON

from careledger.claims.store import Store

pytestmark = pytest.mark.xdist_group("faults-1")
AREA = "writing claims"
CHARGED = sum(claim.total_cents for claim in CLAIMS)
SENT = {"charges": -CHARGED, "receivable": CHARGED}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A store with claims that are ready."""
    with Store.open(tmp_path / "claims.db") as store:
        put(store)
        return store.path


def sound(hatchery: Hatchery, path: Path) -> dict[str, object]:
    done = hatchery.run("acts:store_state", file=str(path))
    assert not done.raised, done.says
    assert done.returned["wrong"] == []
    assert done.returned["twice_sent"] == 0
    return done.returned


BUILDING = {
    "building: the transaction has begun": named("build.begun"),
    "building: after the first claim": named("build.claim"),
    "building: before the commit": named("build.before_commit"),
    "building: after the commit": named("build.committed"),
}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the step", BUILDING), ids=str)
def test_killed_while_building(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    path = tmp_path / "claims.db"
    assert hatchery.run("acts:build_claims", file=str(path), faults=[case.value]).was_killed
    assert sound(hatchery, path)["claims"] == ({"ready": len(CLAIMS)} if "after the commit" in case.step else {})
    assert not hatchery.run("acts:build_claims", file=str(path)).raised
    assert sound(hatchery, path)["claims"] == {"ready": len(CLAIMS)}


SENDING = {
    "sending: the transaction has begun": named("export.begun"),
    "sending: the file is made": named("export.file_made"),
    "sending: the batch is recorded": named("export.batch_recorded"),
    "sending: the claims are marked": named("export.claims_marked"),
    "sending: the charges are posted": named("export.charges_posted"),
    "sending: before the commit": named("export.before_commit"),
    "sending: after the commit": named("export.committed"),
    "sending: the copy is half written": named("export.copy_half"),
    "sending: the copy has not its name yet": named("export.copy_beside"),
    "sending: the copy is there, not noted": named("export.copy_in_place"),
}


def left_once(hatchery: Hatchery, path: Path, out: Path) -> None:
    """Every claim left in one batch whose one whole copy lies in the folder."""
    found = sound(hatchery, path)
    assert (found["claims"], found["batches"], found["in_batches"]) == ({"exported": len(CLAIMS)}, 1, len(CLAIMS))
    assert found["books"] == SENT
    (copy,) = (one for one in out.iterdir() if not one.name.startswith("."))
    assert copy.read_bytes().endswith(b"IEA*1*000000001~\n")
    assert [one.name for one in out.iterdir() if one.name.endswith(".part")] == []


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the step", SENDING), ids=str)
def test_killed_while_sending(hatchery: Hatchery, built: Path, tmp_path: Path, case: Case) -> None:
    out = tmp_path / "out"
    asked = {"file": str(built), "out": str(out)}
    assert hatchery.run("acts:send_claims", **asked, faults=[case.value]).was_killed
    sound(hatchery, built)
    for copy in out.glob("*.x12"):
        assert copy.read_bytes().endswith(b"IEA*1*000000001~\n")
    assert not hatchery.run("acts:send_claims", **asked).raised
    left_once(hatchery, built, out)


FILLING = {
    "sending: before the batch's row": sql("^INSERT INTO batch "),
    "sending: before the journal's rows": sql("^INSERT INTO entry"),
    "sending: before the commit": sql("^COMMIT$"),
    "sending: before the copy is written": file(r"open .*\.x12\.part"),
    "sending: before the copy takes its name": file(r"os.rename .*\.x12\.part"),
}


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the step on", FILLING), ids=str)
def test_full_disk_while_sending(hatchery: Hatchery, built: Path, tmp_path: Path, case: Case) -> None:
    out = tmp_path / "out"
    asked = {"file": str(built), "out": str(out)}
    done = hatchery.run("acts:send_claims", **asked, faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert done.is_ours or done.raised == "OSError", done.says
    sound(hatchery, built)
    assert not hatchery.run("acts:send_claims", **asked).raised
    left_once(hatchery, built, out)


@pytest.mark.parametrize(
    "case", inject(AREA, FULL, "every write refused (EFBIG) from the step on", {"building: after the first claim": sql("^INSERT INTO claim ", "after")}), ids=str,
)  # fmt: skip
def test_full_disk_while_building(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    path = tmp_path / "claims.db"
    with Store.open(path):
        pass
    done = hatchery.run("acts:build_claims", file=str(path), faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert done.is_ours, done.says
    assert sound(hatchery, path)["claims"] == {}
    assert not hatchery.run("acts:build_claims", file=str(path)).raised
    assert sound(hatchery, path)["claims"] == {"ready": len(CLAIMS)}


MEETING = {
    "sending: before the commit": sql("^COMMIT$"),
    "sending: while the copy is written": file(r"os.rename .*\.x12\.part"),
}


@pytest.mark.parametrize(
    "case", inject(AREA, TWO_SERVERS, "one batch each by two processes that meet", MEETING), ids=str
)
def test_two_send_at_once(hatchery: Hatchery, built: Path, tmp_path: Path, case: Case) -> None:
    act = {"act": "acts:send_claims", "file": str(built), "out": str(tmp_path / "out")}
    ended = meet(hatchery, tmp_path / "meet", case.value, act, act)
    assert [one.says for one in ended] == ["", ""]
    left_once(hatchery, built, tmp_path / "out")


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "both build, held so that they meet", ["building: before the commit"]), ids=str)  # fmt: skip
def test_two_build_at_once(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    path = tmp_path / "claims.db"
    with Store.open(path):
        pass
    act = {"act": "acts:build_claims", "file": str(path)}
    ended = meet(hatchery, tmp_path / "meet", sql("^COMMIT$"), act, act)
    assert [one.says for one in ended] == ["", ""]
    assert sound(hatchery, path)["claims"] == {"ready": len(CLAIMS)}


@pytest.mark.parametrize("case", inject(AREA, TWICE, "the act is repeated", ["building and sending"]), ids=str)
def test_twice_one_after_the_other(hatchery: Hatchery, tmp_path: Path, case: Case) -> None:
    path, out = tmp_path / "claims.db", tmp_path / "out"
    for _ in range(2):
        assert not hatchery.run("acts:build_claims", file=str(path)).raised
        assert not hatchery.run("acts:send_claims", file=str(path), out=str(out)).raised
    left_once(hatchery, path, out)


# In the clinic: claims are made by a background job, and sent by a button.

JOB = {
    "job: taken, before it begins": call("careledger.web.work.actions:_do"),
    "job: while the month is closed": call("careledger.batch.outputs:_copy", nth=3),
    "job: claims are in the store, its audit event is not": sql('INSERT INTO "audit_auditevent"'),
    "job: before its end is written": call("careledger.web.work.actions:_end"),
}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL of the server's worker", JOB, on=BOTH), ids=str)
def test_the_worker_is_killed(house: House, case: Case) -> None:
    """Another server takes the job once the dead one is silent; the claims are made once."""
    house.do("file_job")
    assert house.run("do_jobs", faults=[{**case.value, "do": "kill"}]).was_killed
    assert house.do("do_jobs") == 0
    assert house.do("do_jobs", at=house.later) == 1
    found = house.sound()
    assert found["jobs"] == [["claims.make", "done"]]
    assert sum(found["store"]["claims"].values()) == len(CLAIMS) + 1


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "workers of two servers that meet", ["job: while the month is closed"], on=BOTH), ids=str)  # fmt: skip
def test_two_workers(house: House, case: Case, tmp_path: Path) -> None:
    house.do("file_job")
    ended = house.meet(tmp_path / "meet", "do_jobs", call("careledger.batch.outputs:_copy", nth=3))
    assert sorted(one.returned for one in ended) == [0, 1]
    found = house.sound()
    assert found["audit"]["claims.made"] == 1
    assert sum(found["store"]["claims"].values()) == len(CLAIMS) + 1


@pytest.mark.parametrize("case", inject(AREA, TWICE, "asked for twice at once", ["job: before it is filed"], on=BOTH), ids=str)  # fmt: skip
def test_the_job_filed_twice(house: House, case: Case, tmp_path: Path) -> None:
    ended = house.meet(tmp_path / "meet", "file_job", sql('INSERT INTO "work_job"'))
    assert ended[0].returned == ended[1].returned
    assert house.sound()["jobs"] == [["claims.make", "waiting"]]


ENDED = {"job: at its beginning": call("careledger.web.revenue.jobs:close_month"), "job: before its audit event": sql('INSERT INTO "audit_auditevent"')}  # fmt: skip


@pytest.mark.parametrize("case", inject(AREA, NO_DATABASE, "pg_terminate_backend at the step", ENDED, on=ON_POSTGRES), ids=str)  # fmt: skip
def test_the_worker_loses_its_session(postgres_house: House, case: Case) -> None:
    """The worker rests; the job is begun anew once it is silent, or ends as failed and can be asked for again."""
    postgres_house.do("file_job")
    assert postgres_house.run("do_jobs", faults=[{**case.value, "do": "cut"}]).fired == ["cut"]
    postgres_house.do("do_jobs", at=postgres_house.later)
    found = postgres_house.sound()
    if found["jobs"] == [["claims.make", "failed"]]:
        postgres_house.do("file_job")
        postgres_house.do("do_jobs")
        found = postgres_house.sound()
    assert ["claims.make", "done"] in found["jobs"]
    assert sum(found["store"]["claims"].values()) == len(CLAIMS) + 1


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL of the server", {"button: the batch has left, its audit event is not written": call("careledger.web.revenue.claim_views:note_batches")}, on=BOTH), ids=str)  # fmt: skip
def test_killed_between_the_batch_and_its_event(house: House, case: Case) -> None:
    """What left is in the audit log in the end: the next press of the button writes what a dead server could not."""
    house.do("sign_october")
    house.do("file_job")
    house.do("do_jobs")
    asked = {"role": "biller", "path": "/claims/send/"}
    assert house.run("press", **asked, faults=[{**case.value, "do": "kill"}]).was_killed
    assert house.do("press", **asked) == 302
    found = house.sound()
    assert found["store"]["batches"] == 2
    assert found["audit"]["claims.sent"] == 2


@pytest.mark.parametrize("case", inject(AREA, CLOCK, "the server's clock set back a year", ["button: between two batches"], on=BOTH), ids=str)  # fmt: skip
def test_the_clock_is_set_back(house: House, case: Case) -> None:
    """Batches keep their order and a number of their own, whatever the clock says."""
    asked = {"role": "biller", "path": "/claims/send/"}
    house.do("build_more")
    assert house.do("press", **asked, at=NOON.replace(year=2025)) == 302
    assert house.do("press", **asked) == 302
    found = house.sound()
    assert (found["store"]["batches"], found["audit"]["claims.sent"]) == (2, 2)
    assert found["store"]["in_batches"] == len(CLAIMS) + 1


CUT = {"building: the close's decisions are cut": "decisions.parquet", "building: the settings are cut": "claims.yaml"}


@pytest.mark.parametrize("case", inject(AREA, HALF, "the file is cut before it is read", CUT), ids=str)
def test_a_cut_file(hatchery: Hatchery, built: Path, tmp_path: Path, case: Case) -> None:
    """A cut file is refused in one line; nothing changes in the store, and no folder of claims appears."""
    import pyarrow
    import pyarrow.parquet

    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    columns = ("patient", "practitioner", "code", "verdict", "units", "date_of_service", "allowed_cents")
    empty = pyarrow.table({name: pyarrow.array([], pyarrow.string()) for name in columns})
    pyarrow.parquet.write_table(empty, data / "decisions.parquet")
    (data / "claims.yaml").write_text(
        'submitter: {name: Lakeside, number: "SUBMIT77", contact: Jo, phone: "5185550100"}\n'
    )
    content = (data / case.value).read_bytes()
    (data / case.value).write_bytes(content[: len(content) // 2])
    told = ["claims", "build", "--decisions", str(data), "--data", str(data), "--out", str(out), "--store", str(built)]
    assert hatchery.run("acts:cli", told=told).returned == 2
    assert not out.exists()
    assert sound(hatchery, built)["claims"] == {"ready": len(CLAIMS)}
