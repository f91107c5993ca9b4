"""The process is really killed at every step; what it leaves is as if the step had never begun, or had ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.claims.clinic import CLAIMS, LATER, SECOND, paid, put, remittance, send, sent
from tests.claims.remittances import CLAIM_ANSWER, REMITTANCE

from careledger.claims.answers import post_answers
from careledger.claims.follow import correct
from careledger.claims.posting import Release, post_835, quarantined, release_file
from careledger.claims.store import Store
from careledger.claims.store.journals import balances, unbalanced
from careledger.claims.store.steps import VARIABLE, restart
from careledger.policy import load_policy

POLICY = load_policy()
CHARGED = sum(claim.total_cents for claim in CLAIMS)
MAIN = "from careledger.cli.main import main; main()"
Act = Callable[[], None]


def killed_at_every_step(act: Act) -> Iterator[int]:
    """Run in a child process that is killed at its first step, then its second, and so on until it ends by itself."""
    for step in range(1, 200):
        child = os.fork()
        if child == 0:
            restart()
            os.environ[VARIABLE] = str(step)
            try:
                act()
            except BaseException:
                os._exit(3)
            os._exit(0)
        _, ended = os.waitpid(child, 0)
        if os.WIFEXITED(ended):
            assert os.WEXITSTATUS(ended) == 0
            assert step > 2, "there is no step to be killed at"
            return
        assert os.WTERMSIG(ended) == signal.SIGKILL
        yield step
    raise AssertionError("the steps have no end")


def sound(file: Path) -> dict[str, int]:
    with Store.open(file) as store:
        assert unbalanced(store) == []
        assert [row[0] for row in store.rows("PRAGMA integrity_check")] == ["ok"]
        assert store.rows("PRAGMA foreign_key_check") == []
        return balances(store)


def test_building(tmp_path: Path) -> None:
    file = tmp_path / "s.db"

    def act() -> None:
        with Store.open(file) as store:
            put(store)

    for _ in killed_at_every_step(act):
        with Store.open(file) as store:
            assert store.number("SELECT COUNT(*) FROM claim") in (0, len(CLAIMS))
    with Store.open(file) as store:
        assert store.number("SELECT COUNT(*) FROM claim") == len(CLAIMS)


def test_exporting(tmp_path: Path) -> None:
    file, out = tmp_path / "s.db", tmp_path / "out"
    with Store.open(file) as store:
        put(store)

    def act() -> None:
        with Store.open(file) as store:
            send(store, out)

    for _ in killed_at_every_step(act):
        sound(file)
        for path in out.glob("*.x12"):
            assert path.read_bytes().endswith(b"IEA*1*000000001~\n")
        with Store.open(file) as store:
            states = {row["state"] for row in store.rows("SELECT DISTINCT state FROM claim")}
            assert states in ({"ready"}, {"exported"})
            assert store.number("SELECT COUNT(*) FROM batch") == (states == {"exported"})
    assert [path.name for path in out.glob("*.x12")] == ["837p_000000001_13282.x12"]
    assert sound(file) == {"charges": -CHARGED, "receivable": CHARGED}


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    for store in sent(tmp_path):
        return store.path
    raise AssertionError


def test_posting(store_file: Path) -> None:
    def act() -> None:
        with Store.open(store_file) as store:
            post_835(store, REMITTANCE.encode(), "a.835", POLICY, LATER)

    for _ in killed_at_every_step(act):
        assert sound(store_file).get("cash", 0) in (0, 8678)
    books = sound(store_file)
    assert (books["cash"], books["clearing"]) == (8678, 0)
    with Store.open(store_file) as store:
        assert store.number("SELECT COUNT(*) FROM payment") == 1
        assert store.number("SELECT COUNT(*) FROM remitted_claim") == 4


def test_putting_aside_and_releasing(store_file: Path) -> None:
    content = remittance(paid(SECOND.control_number), "48.13")

    def aside() -> None:
        with Store.open(store_file) as store:
            post_835(store, content, "a.835", POLICY, LATER)

    for _ in killed_at_every_step(aside):
        assert "cash" not in sound(store_file)
    with Store.open(store_file) as store:
        (waiting,) = [str(row["file_id"]) for row in quarantined(store)]

    def release() -> None:
        with Store.open(store_file) as store:
            if quarantined(store):
                release_file(store, waiting, POLICY, LATER, Release(by="jo", because="rounded"))

    for _ in killed_at_every_step(release):
        assert sound(store_file).get("cash", 0) in (0, 4813)
    assert sound(store_file)["cash"] == 4813


def test_answers(store_file: Path) -> None:
    def act() -> None:
        with Store.open(store_file) as store:
            post_answers(store, CLAIM_ANSWER.encode(), "a.277", LATER)

    for _ in killed_at_every_step(act):
        sound(store_file)
    with Store.open(store_file) as store:
        assert store.number("SELECT COUNT(*) FROM work WHERE kind = 'rejected'") == 1


def test_correcting(store_file: Path) -> None:
    def act() -> None:
        with Store.open(store_file) as store:
            if store.number("SELECT COUNT(*) FROM claim") == len(CLAIMS):
                correct(store, SECOND.control_number, LATER, "ICN1")

    for _ in killed_at_every_step(act):
        sound(store_file)
    with Store.open(store_file) as store:
        assert store.number("SELECT COUNT(*) FROM claim WHERE frequency = '7'") == 1


def test_the_command_itself(store_file: Path, tmp_path: Path) -> None:
    remitted = tmp_path / "a.835"
    remitted.write_text(REMITTANCE)
    command = [sys.executable, "-c", MAIN, "claims", "post", str(remitted), "--store", str(store_file)]
    killed = subprocess.run(
        command, env={**os.environ, VARIABLE: "post.before_commit"}, check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL
    assert "cash" not in sound(store_file)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert sound(store_file)["cash"] == 8678
