"""``python -m bench.web``: the clinic application at full size, each list page as a ratio to an empty answer of the same run.

It fills a database of its own (``--data`` keeps and reuses it), serves it with gunicorn as a real install does, and asks for
every page over HTTP. ``--together`` lets many people log time at once and counts that nothing is lost or doubled.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TARGET_MS = (150, 400)
TIMER_MS = 50
EMPTY = "/access/state/"
"""Behind the same doors as a page, and says nothing: what the frame alone costs."""
LISTS = (
    ("Today, mine", "nurse", "/"),
    ("Today, everyone", "nurse", "/?whose=all"),
    ("Today, one state", "nurse", "/?whose=all&state=minutes"),
    ("Today, by condition", "nurse", "/?whose=all&q=E11"),
    ("Patients", "nurse", "/patients/"),
    ("Patients, a name", "nurse", "/patients/?q=ab"),
    ("Patients, page 60", "nurse", "/patients/?page=60"),
    ("Patients, enrolled", "nurse", "/patients/?status=enrolled"),
    ("Enrolment", "nurse", "/enrolment/"),
    ("Enrolment, everyone", "nurse", "/enrolment/ccm/?state=any&status="),
    ("Enrolment, a diagnosis", "nurse", "/enrolment/ccm/?state=any&status=&condition=E11"),
    ("Month", "biller", "/month/"),
    ("Month before", "biller", "/month/{before}/"),
    ("Month, ready", "biller", "/month/{before}/?state=ready"),
    ("Month, one blocker", "biller", "/month/{before}/?rule=ccm.consent.in_force"),
    ("Month, a name", "biller", "/month/{before}/?q=ab"),
    ("Oversight", "director", "/oversight/"),
    ("Audit log", "compliance", "/audit/"),
    ("Audit log, reads", "compliance", "/audit/?kind=reads"),
)


def settings_of(data: Path) -> None:
    """Django on the bench's own data folder, or the database ``DATABASE_URL`` names."""
    os.environ.update(
        CARELEDGER_DATA=str(data), CARELEDGER_DEMO="yes", DJANGO_SETTINGS_MODULE="careledger.web.settings"
    )
    import django

    django.setup()


def prepare(patients: int, entries: int) -> None:
    """An empty database gets the clinic; one that holds it is used as it is."""
    from django.core.management import call_command

    from bench.web_clinic import load
    from careledger.web.tenancy.models import Organisation

    call_command("migrate", verbosity=0)
    if not Organisation.objects.exists():
        start = time.perf_counter()
        load(patients, entries)
        print(
            f"loaded {patients:,} patients and {entries:,} entries in {time.perf_counter() - start:.0f} s", flush=True
        )


@contextmanager
def served(workers: int = 2) -> Iterator[int]:
    """The clinic behind gunicorn on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    bind = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", "4", "--log-level", "warning"]
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", *bind, "careledger.web.wsgi"])
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def measure(port: int, rounds: int) -> bool:
    """Every list page and the timer; prints a table, returns whether every target is met."""
    from bench.web_people import Browser

    browsers = {role: Browser(port, role) for role in {role for _, role, _ in LISTS}}
    for browser in browsers.values():
        browser.get(EMPTY)
    floor = statistics.median(_times(browsers["nurse"], EMPTY, rounds))
    print(f"empty answer: p50 {floor:.1f} ms\n{'page':<22}{'p50 ms':>8}{'p95 ms':>8}{'ratio':>7}")
    good = True
    for name, role, path in LISTS:
        times = _times(browsers[role], path.format(before=_month_before()), rounds)
        good &= _row(name, times, floor, TARGET_MS)
    for name, times in timer_times(browsers["nurse"], rounds).items():
        good &= _row(name, times, floor, (TIMER_MS, TARGET_MS[1]))
    return good


def timer_times(browser: object, rounds: int) -> dict[str, list[float]]:
    """Starting and stopping a timer, one after the other."""
    from bench.web_people import patient_ids

    found: dict[str, list[float]] = {"timer start": [], "timer stop": []}
    note = {"activity": "call_patient", "note": "Reviewed the plan with the patient.", "program": "ccm"}
    for patient in patient_ids(rounds):
        found["timer start"].append(browser.post(f"/time/timer/start/{patient}/", {"program": "ccm"}))  # type: ignore[attr-defined]
        time.sleep(1.1)  # a stretch of no second is refused
        found["timer stop"].append(browser.post("/time/timer/stop/", note))  # type: ignore[attr-defined]
    return found


def _times(browser: object, path: str, rounds: int) -> list[float]:
    browser.get(path)  # type: ignore[attr-defined]
    return [browser.get(path) for _ in range(rounds)]  # type: ignore[attr-defined]


def _row(name: str, times: list[float], floor: float, target: tuple[int, int]) -> bool:
    middle, late = statistics.median(times), sorted(times)[max(0, round(len(times) * 0.95) - 1)]
    is_met = middle <= target[0] and late <= target[1]
    print(f"{name:<22}{middle:>8.0f}{late:>8.0f}{middle / floor:>7.1f}{'' if is_met else '  over ' + str(target)}")
    return is_met


def _month_before() -> str:
    from django.utils import timezone

    from careledger.core.month import Month

    return str(Month.of(timezone.localdate()).previous())


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def main() -> None:
    """Fill, serve, measure."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--patients", type=int, default=5000)
    asked.add_argument("--entries", type=int, default=500_000)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--together", type=int, default=0, metavar="SECONDS", help="40 people log time at once, so long")
    asked.add_argument("--people", type=int, default=40)
    asked.add_argument("--only-together", action="store_true", help="no page is measured")
    asked.add_argument("--data", type=Path, help="a folder to keep and use again")
    said = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="careledger-bench-") as spare:
        settings_of(said.data or Path(spare))
        prepare(said.patients, said.entries)
        with served() as port:
            good = said.only_together or measure(port, said.rounds)
            if said.together:
                from bench.web_people import together

                good &= together(port, said.people, said.together)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
