"""Several writers, and a writer that is killed: nothing that was acknowledged is lost, nothing is torn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from careledger.ledger import Ledger, create, verify

WRITER = """
import sys
from pathlib import Path
from careledger.core.records import TimeEntry
from careledger.ledger import Ledger
name, count = sys.argv[2], int(sys.argv[3])
with Ledger(Path(sys.argv[1])) as ledger:
    for number in range(count):
        start_s = 1_700_000_000 + 60 * number
        work = TimeEntry(entry_id=f"{name}-{number}", patient_id="p", by=name, programs=("ccm",), start_s=start_s, end_s=start_s + 60)
        ledger.log(work, recorded_by=name)
        print(work.entry_id, flush=True)
"""


def start(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_several_processes_write_one_chain(path: Path) -> None:
    create(path).close()
    writers = [start(path, name, 25) for name in ("rn-1", "rn-2", "rn-3")]
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    found = verify(path)
    assert found.is_sound
    assert found.count == 75


def test_a_writer_killed_in_the_middle_loses_nothing_it_acknowledged(path: Path) -> None:
    create(path).close()
    for round_, name in enumerate(("rn-1", "rn-2", "rn-3"), start=1):
        writer = start(path, name, 100_000)
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(7 * round_)]
        writer.kill()
        told += writer.stdout.read().split()
        writer.stdout.close()
        assert writer.wait(timeout=60) == -9
        with Ledger(path) as ledger:
            kept = {entry.entry_id for entry in ledger.entries()}
        assert set(told) <= kept
        assert verify(path).is_sound
