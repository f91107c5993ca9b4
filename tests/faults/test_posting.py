"""Posting remittances and acknowledgements under faults at every step: each once, whole, with books that balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.claims.clinic import SECOND, paid, remittance
from tests.claims.remittances import CLAIM_ANSWER, REMITTANCE
from tests.faults.catalogue import BOTH, CLOCK, FULL, HALF, KILLED, NO_DATABASE, TWICE, TWO_SERVERS, Case, inject
from tests.faults.hatchery import Hatchery
from tests.faults.house import House, meet
from tests.faults.places import call, named, sql
from tests.web.cast import NOON

pytestmark = pytest.mark.xdist_group("faults-2")
AREA = "posting a remittance"
CASH = 8678
AT_COMMIT = sql("^COMMIT$")
SEEN = sql("FROM received_file", "after")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A remittance, one that cannot be trusted, and an acknowledgement."""
    contents = {
        "era.835": REMITTANCE.encode(),
        "odd.835": remittance(paid(SECOND.control_number), "48.13"),
        "answer.277": CLAIM_ANSWER.encode(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in contents}


def sound(hatchery: Hatchery, path: Path) -> dict[str, Any]:
    done = hatchery.run("acts:store_state", file=str(path))
    assert not done.raised, done.says
    assert done.returned["wrong"] == []
    return done.returned


def posted_once(hatchery: Hatchery, path: Path) -> None:
    found = sound(hatchery, path)
    assert (found["books"]["cash"], found["books"]["clearing"]) == (CASH, 0)
    assert (found["payments"], found["files"]) == (1, {"posted": 1})


POSTING = {
    "the transaction has begun": named("post.begun"),
    "the file is kept": named("posted.file_kept"),
    "before the commit": named("post.before_commit"),
    "after the commit": named("post.committed"),
}
STATEMENTS = {
    "before the payment's row": {**sql("^INSERT INTO payment"), "do": "kill"},
    "before the journal's rows": {**sql("^INSERT INTO entry"), "do": "kill"},
    "after the journal's rows": {**sql("^INSERT INTO entry", "after"), "do": "kill"},
}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the step", POSTING | STATEMENTS), ids=str)
def test_killed(hatchery: Hatchery, store_file: Path, files: dict[str, Path], case: Case) -> None:
    asked = {"file": str(store_file), "remitted": str(files["era.835"])}
    assert hatchery.run("acts:post_remittance", **asked, faults=[case.value]).was_killed
    assert sound(hatchery, store_file)["books"].get("cash", 0) == (CASH if case.step == "after the commit" else 0)
    assert not hatchery.run("acts:post_remittance", **asked).raised
    posted_once(hatchery, store_file)


FILLING = {
    "the transaction has begun": sql("^BEGIN IMMEDIATE", "after"),
    "before the payment's row": sql("^INSERT INTO payment"),
    "after the journal's rows": sql("^INSERT INTO entry", "after"),
    "before the commit": AT_COMMIT,
}


@pytest.mark.parametrize(
    "case", inject(AREA, FULL, "every write refused (EFBIG) from the statement on", FILLING), ids=str
)
def test_full_disk(hatchery: Hatchery, store_file: Path, files: dict[str, Path], case: Case) -> None:
    asked = {"file": str(store_file), "remitted": str(files["era.835"])}
    done = hatchery.run("acts:post_remittance", **asked, faults=[{**case.value, "do": "full"}])
    assert done.fired == ["full"]
    assert done.raised == "StoreError", done.says
    assert sound(hatchery, store_file)["payments"] == 0
    assert hatchery.run("acts:post_remittance", **asked).returned == "posted"
    posted_once(hatchery, store_file)


MEETING = {"after it was seen to be new": SEEN, "before the commit": AT_COMMIT}


@pytest.mark.parametrize("case", inject(AREA, TWICE, "the same file in two processes at once", MEETING), ids=str)
def test_twice_at_once(
    hatchery: Hatchery, store_file: Path, files: dict[str, Path], tmp_path: Path, case: Case
) -> None:
    act = {"act": "acts:post_remittance", "file": str(store_file), "remitted": str(files["era.835"])}
    ended = meet(hatchery, tmp_path / "meet", case.value, act, act)
    assert sorted(str(one.returned) for one in ended) == ["before", "posted"], ended
    posted_once(hatchery, store_file)


AGAIN = {
    "the same file again": "era.835",
    "the same file under another name": "renamed.835",
    "the same payment in a file with other line ends": "lines.835",
}


@pytest.mark.parametrize("case", inject(AREA, TWICE, "it arrives again", AGAIN), ids=str)
def test_it_arrives_again(
    hatchery: Hatchery, store_file: Path, files: dict[str, Path], tmp_path: Path, case: Case
) -> None:
    again = tmp_path / case.value
    if not again.exists():
        text = REMITTANCE if "name" in case.step else REMITTANCE.replace("\n", "\r\n")
        again.write_bytes(text.encode())
    for remitted in (files["era.835"], again):
        assert not hatchery.run("acts:post_remittance", file=str(store_file), remitted=str(remitted)).raised
    found = sound(hatchery, store_file)
    assert (found["books"]["cash"], found["books"]["clearing"], found["payments"]) == (CASH, 0, 1)


ASIDE = {
    "putting aside: before the commit": named("quarantine.before_commit"),
    "putting aside: after the commit": named("quarantine.committed"),
}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the step", ASIDE), ids=str)
def test_killed_while_putting_aside(hatchery: Hatchery, store_file: Path, files: dict[str, Path], case: Case) -> None:
    asked = {"file": str(store_file), "remitted": str(files["odd.835"])}
    assert hatchery.run("acts:post_remittance", **asked, faults=[case.value]).was_killed
    assert hatchery.run("acts:post_remittance", **asked).returned == "quarantined"
    found = sound(hatchery, store_file)
    assert (found["files"], found["payments"]) == ({"quarantined": 1}, 0)


@pytest.mark.parametrize(
    "case",
    inject(AREA, TWICE, "released by two people at once", {"releasing: before the commit": AT_COMMIT, "releasing: after it was seen": sql("state = 'quarantined'", "after")}),
    ids=str,
)  # fmt: skip
def test_released_twice_at_once(
    hatchery: Hatchery, store_file: Path, files: dict[str, Path], tmp_path: Path, case: Case
) -> None:
    asked = {"file": str(store_file), "remitted": str(files["odd.835"])}
    assert hatchery.run("acts:post_remittance", **asked).returned == "quarantined"
    act = {"act": "acts:release", "file": str(store_file), "file_id": _waiting(store_file)}
    ended = meet(hatchery, tmp_path / "meet", case.value, act, act)
    assert sorted(str(one.returned) for one in ended) in (["before", "posted"], ["None", "posted"]), ended
    assert all(one.is_ours for one in ended if one.raised)
    found = sound(hatchery, store_file)
    assert (found["payments"], found["books"]["cash"]) == (1, 4813)


def _waiting(path: Path) -> str:
    from careledger.claims.posting import quarantined
    from careledger.claims.store import Store

    with Store.open(path) as store:
        return str(quarantined(store)[0]["file_id"])


ANSWERS = {
    "acknowledgement: the transaction has begun": named("answers.begun"),
    "acknowledgement: the answers are kept": named("answers.kept"),
    "acknowledgement: the claims are marked": named("answers.marked"),
    "acknowledgement: after the commit": named("answers.committed"),
}


def answered_once(hatchery: Hatchery, path: Path) -> None:
    found = sound(hatchery, path)
    assert (found["files"], found["work"]) == ({"posted": 1}, 1)
    assert found["claims"] == {"exported": 1, "rejected": 1, "taken": 1}


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL at the step", ANSWERS), ids=str)
def test_killed_while_answered(hatchery: Hatchery, store_file: Path, files: dict[str, Path], case: Case) -> None:
    asked = {"file": str(store_file), "answered": str(files["answer.277"])}
    assert hatchery.run("acts:post_acknowledgement", **asked, faults=[case.value]).was_killed
    sound(hatchery, store_file)
    assert not hatchery.run("acts:post_acknowledgement", **asked).raised
    answered_once(hatchery, store_file)


@pytest.mark.parametrize("case", inject(AREA, FULL, "every write refused (EFBIG) from the statement on", {"acknowledgement: before the answers are kept": sql("^INSERT INTO answer")}), ids=str)  # fmt: skip
def test_full_disk_while_answered(hatchery: Hatchery, store_file: Path, files: dict[str, Path], case: Case) -> None:
    asked = {"file": str(store_file), "answered": str(files["answer.277"])}
    done = hatchery.run("acts:post_acknowledgement", **asked, faults=[{**case.value, "do": "full"}])
    assert (done.fired, done.raised) == (["full"], "StoreError"), done.says
    assert sound(hatchery, store_file)["answers"] == 0
    assert not hatchery.run("acts:post_acknowledgement", **asked).raised
    answered_once(hatchery, store_file)


@pytest.mark.parametrize("case", inject(AREA, TWICE, "the same file in two processes at once", {"acknowledgement: after it was seen to be new": SEEN, "acknowledgement: before the commit": AT_COMMIT}), ids=str)  # fmt: skip
def test_answered_twice_at_once(
    hatchery: Hatchery, store_file: Path, files: dict[str, Path], tmp_path: Path, case: Case
) -> None:
    act = {"act": "acts:post_acknowledgement", "file": str(store_file), "answered": str(files["answer.277"])}
    ended = meet(hatchery, tmp_path / "meet", case.value, act, act)
    assert sorted(str(one.returned) for one in ended) == ["before", "posted"], ended
    answered_once(hatchery, store_file)


CUT = {
    "cut within a segment": 700,
    "cut between two claims": REMITTANCE.index("CLP*2610CCM000009"),
    "cut before the envelope ends": REMITTANCE.index("GE*1*4"),
    "cut within the interchange's header": 60,
    "cut to nothing": 0,
}


@pytest.mark.parametrize("case", inject(AREA, HALF, "the file is cut before it is posted", CUT), ids=str)
def test_a_cut_file(hatchery: Hatchery, store_file: Path, files: dict[str, Path], tmp_path: Path, case: Case) -> None:
    """A cut remittance is refused or put aside whole; the whole one is then posted once."""
    cut = tmp_path / "cut.835"
    cut.write_bytes(REMITTANCE.encode()[: case.value])
    done = hatchery.run("acts:post_remittance", file=str(store_file), remitted=str(cut))
    assert done.returned == "quarantined" or done.is_ours
    assert sound(hatchery, store_file)["books"].get("cash", 0) == 0
    assert (
        hatchery.run("acts:post_remittance", file=str(store_file), remitted=str(files["era.835"])).returned == "posted"
    )
    found = sound(hatchery, store_file)
    assert (found["books"]["cash"], found["payments"]) == (CASH, 1)


CUT_ANSWER = {"acknowledgement: cut within a claim": CLAIM_ANSWER.index("STC*A3")}


@pytest.mark.parametrize("case", inject(AREA, HALF, "the file is cut before it is posted", CUT_ANSWER), ids=str)
def test_a_cut_acknowledgement(
    hatchery: Hatchery, store_file: Path, files: dict[str, Path], tmp_path: Path, case: Case
) -> None:
    """What a cut answer did say is not contradicted by the whole one, which brings the rest."""
    cut = tmp_path / "cut.277"
    cut.write_bytes(CLAIM_ANSWER.encode()[: case.value])
    hatchery.run("acts:post_acknowledgement", file=str(store_file), answered=str(cut))
    sound(hatchery, store_file)
    assert not hatchery.run("acts:post_acknowledgement", file=str(store_file), answered=str(files["answer.277"])).raised
    found = sound(hatchery, store_file)
    assert found["claims"] == {"exported": 1, "rejected": 1, "taken": 1}
    assert found["work"] == 1


# In the clinic.

EVENT = call("careledger.web.revenue.noting:record", nth=2)  # the first notes whose hand it came from


@pytest.mark.parametrize("case", inject(AREA, KILLED, "SIGKILL of the server", {"upload: posted, its audit event is not written": EVENT}, on=BOTH), ids=str)  # fmt: skip
def test_killed_between_the_books_and_the_event(house: House, files: dict[str, Path], case: Case) -> None:
    """The file is in the books; sent again it changes nothing there, and the log gets what the dead server owed it."""
    asked: dict[str, Any] = {"role": "biller", "path": "/claims/remittances/post/", "upload": str(files["era.835"])}
    assert house.run("press", **asked, faults=[{**case.value, "do": "kill"}]).was_killed
    assert house.do("press", **asked) == 302
    found = house.sound()
    assert (found["store"]["payments"], found["store"]["books"]["cash"]) == (1, CASH)
    assert found["audit"]["remittance.posted"] == 1


@pytest.mark.parametrize("case", inject(AREA, TWO_SERVERS, "two servers take the same upload", {"upload: before the commit": AT_COMMIT}, on=BOTH), ids=str)  # fmt: skip
def test_two_servers_take_one_upload(house: House, files: dict[str, Path], tmp_path: Path, case: Case) -> None:
    asked = {"role": "biller", "path": "/claims/remittances/post/", "upload": str(files["era.835"])}
    place = {**case.value, "match": "^INSERT INTO payment"}
    ended = house.meet(tmp_path / "meet", "press", place, **asked)
    assert [one.returned for one in ended] == [302, 302], ended
    found = house.sound()
    assert (found["store"]["payments"], found["store"]["books"]["cash"]) == (1, CASH)
    assert found["audit"]["remittance.posted"] == 1


@pytest.mark.parametrize("case", inject(AREA, NO_DATABASE, "the claims store is held by another process beyond patience", ["upload: before it is posted"], on=BOTH), ids=str)  # fmt: skip
def test_the_store_is_held(house: House, files: dict[str, Path], case: Case) -> None:
    import sqlite3

    (path,) = house.data.glob("claims/*/claims.db")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asked = {"role": "biller", "path": "/claims/remittances/post/", "upload": str(files["era.835"])}
    impatient = {"on": "call", "match": "careledger.web.revenue.book:store", "do": "impatient"}
    assert house.run("press", **asked, faults=[impatient]).returned == 302
    other.execute("ROLLBACK")
    other.close()
    assert house.sound()["store"]["payments"] == 0
    assert house.do("press", **asked) == 302
    assert house.sound()["store"]["books"]["cash"] == CASH


@pytest.mark.parametrize("case", inject(AREA, CLOCK, "the server's clock set back a year", ["upload: between sending and posting"], on=BOTH), ids=str)  # fmt: skip
def test_the_clock_is_set_back(house: House, files: dict[str, Path], case: Case) -> None:
    asked: dict[str, Any] = {"role": "biller", "path": "/claims/remittances/post/", "upload": str(files["era.835"])}
    assert house.do("press", **asked, at=NOON.replace(year=2025)) == 302
    assert house.do("press", **asked) == 302
    found = house.sound()
    assert (found["store"]["payments"], found["store"]["books"]["cash"]) == (1, CASH)
