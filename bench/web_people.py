"""People who use the clinic over HTTP: a signed-in browser without a screen, and many of them logging time at once."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_MINUTE = 60


class Browser:
    """A signed-in member; every call answers the milliseconds it took."""

    def __init__(self, port: int, role: str = "", member: Any = None) -> None:
        from careledger.web.accounts.models import Membership

        self.member = member or Membership.objects.select_related("user").get(role=role, organisation__slug="lakeside")
        self.port = port
        self.token = "b" * 32
        self.cookie = f"careledger={_session(self.member.user)}; careledger_csrf={self.token}"
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.status, self.body = 0, b""

    def get(self, path: str) -> float:
        took = self._send("GET", path)
        if self.status != 200:
            raise SystemExit(f"{path} answered {self.status}")
        return took

    def post(self, path: str, cells: dict[str, str]) -> float:
        took = self._send("POST", path, urlencode({**cells, "csrfmiddlewaretoken": self.token}))
        if self.status != 302:
            raise SystemExit(f"{path} answered {self.status}")
        return took

    def try_post(self, path: str, cells: dict[str, str]) -> int:
        """The status, whatever it is."""
        self._send("POST", path, urlencode({**cells, "csrfmiddlewaretoken": self.token}))
        return self.status

    def _send(self, method: str, path: str, body: str | None = None) -> float:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        start = time.perf_counter()
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        except (http.client.HTTPException, ConnectionError):
            self.line.close()
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        self.body = answer.read()
        self.status = answer.status
        return (time.perf_counter() - start) * 1000


def patient_ids(count: int) -> list[int]:
    """Some patients of the clinic."""
    from careledger.web.patients.models import Patient
    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.scope import acting_in

    with acting_in(Organisation.objects.get(slug="lakeside")):
        return list(Patient.objects.order_by("pk").values_list("pk", flat=True)[:count])


@dataclass(slots=True)
class Tally:
    """What the people sent, and what they were told."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    ended: int = 0


def together(port: int, people: int, seconds: int) -> bool:
    """Many people type time at once, each sending everything twice; what was accepted stands once, and nothing else."""
    members = _members(people)
    patients = patient_ids(people)
    tally = Tally()
    ends = time.monotonic() + seconds
    hands = [
        threading.Thread(target=_work, args=(Browser(port, member=member), place, patients, ends, tally))
        for place, member in enumerate(members)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return _told(tally, people, seconds)


def _work(browser: Browser, place: int, patients: list[int], ends: float, tally: Tally) -> None:
    """One person: a minute of work after the other, of days of this run alone; every form is sent twice."""
    number = 0
    opening = datetime(2006, 1, 1, 8, tzinfo=UTC) + timedelta(days=int(time.time()) % 6_000)
    patient = patients[place % len(patients)]
    while time.monotonic() < ends:
        start = opening + timedelta(days=number // 600, minutes=number % 600)
        once = f"together-{place}-{number}-{browser.port}"
        cells = {
            "program": "ccm", "on": f"{start:%Y-%m-%d}", "start": f"{start:%H:%M}", "end": _minute_later(start),
            "activity": "call_patient", "note": "Called.", "once": once,
        }  # fmt: skip
        began = time.perf_counter()
        first = browser.try_post(f"/time/patient/{patient}/", cells)
        took = (time.perf_counter() - began) * 1000
        second = browser.try_post(f"/time/patient/{patient}/", cells)
        with tally.lock:
            tally.statuses.update([first, second])
            tally.times.append(took)
            if 302 in (first, second):
                tally.accepted.append(once)
        number += 1
    with tally.lock:
        tally.ended += 1


def _minute_later(start: datetime) -> str:
    return f"{datetime.fromtimestamp(start.timestamp() + _MINUTE, UTC):%H:%M}"


def _told(tally: Tally, people: int, seconds: int) -> bool:
    from careledger.web.tenancy.models import Organisation
    from careledger.web.tenancy.scope import acting_in
    from careledger.web.timers.ledger import ledger_faults
    from careledger.web.timers.models import TimeEntry

    with acting_in(Organisation.objects.get(slug="lakeside")):
        stored = Counter(
            TimeEntry.objects.filter(entry_id__in=tally.accepted).values_list("entry_id", flat=True)
            if len(tally.accepted) < 30_000
            else [one for one in TimeEntry.objects.values_list("entry_id", flat=True) if one in set(tally.accepted)]
        )
        faults = ledger_faults()
    lost = [one for one in tally.accepted if not stored[one]]
    doubled = [one for one, count in stored.items() if count > 1]
    middle = sorted(tally.times)[len(tally.times) // 2] if tally.times else 0
    print(
        f"{people} people for {seconds} s: {len(tally.accepted):,} entries, each sent twice; lost {len(lost)}, doubled "
        f"{len(doubled)}, ledger faults {len(faults)}, p50 {middle:.0f} ms, answers {dict(tally.statuses)}"
    )
    return not (lost or doubled or faults) and set(tally.statuses) == {302} and tally.ended == people


def _members(count: int) -> list[Any]:
    """So many nurses with a login, made where they are missing."""
    from careledger.web.accounts.models import Membership, User
    from careledger.web.tenancy.models import Organisation, Person
    from careledger.web.tenancy.scope import acting_in

    house = Organisation.objects.get(slug="lakeside")
    made = []
    with acting_in(house):
        for place in range(count):
            code = f"together-{place}"
            person, _ = Person.objects.get_or_create(code=code, defaults={"kind": "rn", "name": f"Together {place}"})
            user = User.objects.filter(email=f"{code}@lakeside.example").first() or User.objects.create_user(
                f"{code}@lakeside.example"
            )
            member, _ = Membership.objects.get_or_create(
                user=user, organisation=house, defaults={"role": "nurse", "person": person}
            )
            made.append(member)
    return made


def _session(user: Any) -> str:
    """A session as signing in leaves it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    key: str = session.session_key or ""
    return key
