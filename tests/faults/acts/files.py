"""Acts on files, as the command line does them."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

from tests.claims.clinic import LATER, put, send
from tests.faults.acts.inside import MONTH


def cli(*, told: list[str], cwd: str = "") -> Any:
    """A ``careledger`` command; its exit status."""
    from careledger.cli import main

    if cwd:
        os.chdir(cwd)
    import sys

    sys.argv = ["careledger", *told]
    main.main()
    return 0


def ledger_log(path: str, name: str, now_s: int = 0, minute: int = 0) -> bool:
    """A minute into a ledger's file; is it new?"""
    from careledger.core.records import TimeEntry
    from careledger.ledger import Ledger
    from careledger.ledger.store import system_clock

    start_s = 1_700_000_000 + 60 * minute
    work = TimeEntry(entry_id=name, patient_id="p", by="rn-1", programs=("ccm",), start_s=start_s, end_s=start_s + 60)
    with Ledger(Path(path), clock=(lambda: now_s) if now_s else system_clock) as ledger:
        return ledger.log(work, recorded_by="rn-1").is_new


def build_claims(file: str) -> None:
    """Claims into a store."""
    from careledger.claims.store import Store

    with Store.open(Path(file)) as store:
        put(store)


def send_claims(file: str, out: str) -> int:
    """Ready claims leave."""
    from careledger.claims.store import Store

    with Store.open(Path(file)) as store:
        return len(send(store, Path(out)))


def post_remittance(file: str, remitted: str) -> str:
    """A remittance into the books; what became of it."""
    from careledger.claims.posting import post_835
    from careledger.claims.store import Store
    from careledger.policy import load_policy

    with Store.open(Path(file)) as store:
        return post_835(store, Path(remitted).read_bytes(), Path(remitted).name, load_policy(), LATER).state


def post_acknowledgement(file: str, answered: str) -> str:
    """An acknowledgement into the store; what became of it."""
    from careledger.claims.answers import post_answers
    from careledger.claims.store import Store

    with Store.open(Path(file)) as store:
        return post_answers(store, Path(answered).read_bytes(), Path(answered).name, LATER).state


def release(file: str, file_id: str) -> str:
    """A file that was put aside is posted on a person's word."""
    from careledger.claims.posting import Release, release_file
    from careledger.claims.store import Store
    from careledger.policy import load_policy

    with Store.open(Path(file)) as store:
        return release_file(store, file_id, load_policy(), LATER, Release(by="jo", because="rounded")).state


def close_folder(data: str, out: str) -> dict[str, Any]:
    """Close October in a folder of tables."""
    from careledger.batch.close import close_month
    from careledger.core.month import Month
    from careledger.policy import load_policy

    done = close_month(Path(data), Path(out), Month.parse(MONTH), load_policy(), as_of=date(2026, 11, 20), threads=1)
    return done.totals


def import_log(file: str, out: str) -> dict[str, int]:
    """A time log into the tables."""
    from careledger.facts.timelog import import_timelog

    found = import_timelog(Path(file), Path(out))
    return {"new": found.new, "there": found.already_there, "faults": len(found.faults)}


def import_resources(path: str, out: str) -> dict[str, Any]:
    """FHIR resources into the tables."""
    from careledger.fhir.importer import import_fhir

    found = import_fhir(Path(path), Path(out))
    return {"kept": dict(found.kept), "faults": found.faults}
