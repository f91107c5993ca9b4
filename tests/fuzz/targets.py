"""One function a reader: bytes go in, and only our own errors may stop it.

``scripts/fuzz`` drives these with coverage guidance; ``test_found.py`` drives them with what once broke them.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import duckdb

from careledger.claims.history.events import read_file
from careledger.claims.posting.paper import _Reading
from careledger.claims.x12.check_837p import FileCheck
from careledger.claims.x12.read_835 import read_835
from careledger.claims.x12.read_ack import read_acknowledgement
from careledger.core.errors import CareLedgerError
from careledger.core.records import TABLES
from careledger.facts.case import cases_of_text
from careledger.facts.mapped import ROSTER, columns_wanted, guess, map_csv
from careledger.facts.tables import open_folder
from careledger.facts.timelog import import_timelog, read_csv
from careledger.fhir.importer import import_fhir
from careledger.fhir.reading import resources
from careledger.policy import load_policy
from careledger.policy.compile import compiled
from careledger.policy.strict_yaml import decoded, load

Target = Callable[[bytes], None]
_policy = lru_cache(maxsize=1)(load_policy)


@lru_cache(maxsize=1)
def room() -> Path:
    """A folder of this process, in memory where the system has it: readers of files read from here."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="careledger-fuzz-", dir=memory if memory.is_dir() else None))


def _emptied(name: str) -> Path:
    folder = room() / name
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    return folder


def check_837p(data: bytes) -> None:
    """The check of any 837P, structure and numbered checks."""
    for finding in FileCheck(_policy()).findings(io.BytesIO(data)):
        str(finding)


def remittance(data: bytes) -> None:
    """The reader of 835 files."""
    for _ in read_835(io.BytesIO(data)):
        pass


def acknowledgement(data: bytes) -> None:
    """The reader of TA1, 999, 997 and 277CA."""
    for _ in read_acknowledgement(io.BytesIO(data)):
        pass


def fhir_reading(data: bytes) -> None:
    """Resources out of a file; the first byte says how the file is named."""
    names = ("a.json", "a.ndjson", "a.json.gz", "a.ndjson.gz", "a.zip")
    file = _emptied("reading") / names[(data[0] if data else 0) % len(names)]
    file.write_bytes(data[1:])
    for _ in resources(file, lambda *_: None):
        pass


def fhir_import(data: bytes) -> None:
    """The importer of FHIR resources, from NDJSON to our tables."""
    file = _emptied("source") / "a.ndjson"
    file.write_bytes(data)
    import_fhir(file, _emptied("imported"))


def timelog(data: bytes) -> None:
    """The importer of another system's time log."""
    file = _emptied("log") / "log.csv"
    file.write_bytes(data)
    import_timelog(file, _emptied("logged"))


def tables(data: bytes) -> None:
    """A folder of tables: the first byte chooses the table, the rest is its CSV."""
    names = ["patients", *(name for name in TABLES if name != "patients")]
    chosen = names[(data[0] if data else 0) % len(names)]
    folder = _emptied("tables")
    (folder / "patients.csv").write_bytes(b"patient_id,birth_date\np1,1950-02-03\n")
    (folder / f"{chosen}.csv").write_bytes(data[1:])
    with duckdb.connect(":memory:", config={"threads": "1", "memory_limit": "300MB"}) as con:
        open_folder(con, folder)


def roster(data: bytes) -> None:
    """A CSV with columns of its own, mapped by guessing: the first byte says whether its days are written month first."""
    file = _emptied("roster") / "roster.csv"
    file.write_bytes(data[1:])
    columns = guess(read_csv(file)[0], list(columns_wanted(ROSTER)))
    map_csv(file, _emptied("mapped"), ROSTER, columns, us_days=bool(data[:1] and data[0] % 2))


def history(data: bytes) -> None:
    """Claims or remittances of another system, whichever the file calls itself."""
    file = _emptied("history") / "old.x12"
    file.write_bytes(data)
    for _ in read_file(file, _policy()):
        pass


def paper(data: bytes) -> None:
    """A keyed paper remittance, up to where its events would be posted."""
    for event in _Reading(load(decoded(data, "paper.yaml"), "paper.yaml")).events():
        str(event)


def case(data: bytes) -> None:
    """The reader of case files, YAML or JSON."""
    cases_of_text(decoded(data, "case.yaml"), "case.yaml")


def policy(data: bytes) -> None:
    """The reader of policy files."""
    compiled({"ccm/fuzzed.yaml": decoded(data, "ccm/fuzzed.yaml")}, "fuzzed")


TARGETS: dict[str, Target] = {
    one.__name__: one
    for one in (
        check_837p,
        remittance,
        acknowledgement,
        fhir_reading,
        fhir_import,
        timelog,
        tables,
        roster,
        history,
        paper,
        case,
        policy,
    )
}


def guarded(target: Target) -> Target:
    """A target that lets our own errors pass, and nothing else."""

    def run(data: bytes) -> None:
        with suppress(CareLedgerError):
            target(data)

    return run


def seeds(name: str) -> list[bytes]:
    """Small whole files for a target to start from, all our own."""
    return [one for one in _SEEDS[name]() if len(one) <= 16_384]


def _837p() -> list[bytes]:
    from tests.claims import cast

    from careledger.claims.x12.write_837p import write_837p

    found = []
    for claim in cast.ALL:
        stream = io.StringIO()
        write_837p(stream, (claim,), cast.ENVELOPE)
        found.append(stream.getvalue().encode())
    return found


def _answers(*names: str) -> Callable[[], list[bytes]]:
    def found() -> list[bytes]:
        from tests.claims import remittances

        return [getattr(remittances, name).encode() for name in names]

    return found


def _resources() -> list[dict[str, object]]:
    at = {"reference": "Patient/p1"}
    return [
        {"resourceType": "Patient", "id": "p1", "birthDate": "1950-02-03", "name": [{"family": "Test"}], "gender": "female"},
        {"resourceType": "Practitioner", "id": "d1", "identifier": [
            {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}]},
        {"resourceType": "Organization", "id": "g1", "name": "Practice"},
        {"resourceType": "Condition", "id": "c1", "subject": at, "onsetDateTime": "2020-01", "code": {"coding": [
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}]}},
        {"resourceType": "Encounter", "id": "e1", "status": "finished", "subject": at, "class": {"code": "AMB"},
         "period": {"start": "2026-09-01T10:00:00-05:00", "end": "2026-09-01T10:30:00-05:00"}},
        {"resourceType": "Coverage", "id": "v1", "status": "active", "beneficiary": at, "payor": [{"display": "Medicare"}]},
        {"resourceType": "CarePlan", "id": "k1", "status": "active", "intent": "plan", "subject": at,
         "created": "2026-01-05", "author": {"reference": "Practitioner/d1"}},
        {"resourceType": "Goal", "id": "o1", "subject": at, "lifecycleStatus": "active", "description": {"text": "Walk"}},
        {"resourceType": "Consent", "id": "s1", "status": "active", "patient": at, "dateTime": "2026-01-05"},
    ]  # fmt: skip


def _ndjson() -> list[bytes]:
    lines = [json.dumps(one).encode() for one in _resources()]
    return [*lines, b"\n".join(lines)]


def _named_files() -> list[bytes]:
    import gzip
    import zipfile

    lines = b"\n".join(_ndjson()[:-1])
    bundle = json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in _resources()[:3]]}).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.ndjson", lines)
    return [
        b"\0" + bundle,
        b"\1" + lines,
        b"\2" + gzip.compress(bundle),
        b"\3" + gzip.compress(lines),
        b"\4" + packed.getvalue(),
    ]


def _log() -> list[bytes]:
    head = b"patient_id,staff_id,program,started_at,minutes\n"
    return [head + b"p1,n1,ccm,2026-10-01T10:00:00-05:00,20\np1,n1,ccm,2026-10-02 10:00,5\n"]


def _tables() -> list[bytes]:
    found = []
    for place, name in enumerate(["patients", *(name for name in TABLES if name != "patients")]):
        columns = list(TABLES[name].__dataclass_fields__)
        found.append(bytes([place]) + ",".join(columns).encode() + b"\n" + b",".join(b"1" for _ in columns) + b"\n")
    return found


def _rosters() -> list[bytes]:
    head = b"MRN,Last Name,First Name,DOB,Sex,Insurance,MBI,PCP,Conditions,Part B\n"
    return [
        b"\1"
        + head
        + b'7,Test,Ann,02/03/1950,F,medicare_ffs,1EG4TE5MK73,dr-1,"I10; E11.9",yes\n8,"Te""st",,1950-02-03,,,,,,\n',
        b"\0patient_id,born_on,conditions\np1,1950-02-03,I10 E11.9\n",
    ]


def _keyed() -> list[bytes]:
    head = "source: letter of 2 November, page 1\nkeyed_by: biller\ntrace: '77'\namount: 12.50\npaid_on: 2026-11-02\n"
    claim = "claims:\n  - claim: A1\n    charge: 20.00\n    paid: 12.50\n    lines:\n      - {code: '99490', charge: 20.00, paid: 12.50}\n"
    return [
        (head + claim).encode(),
        (head + "payer: {id: '1', name: Payer}\nprovider:\n  - {code: WO, amount: 1.00}\n" + claim).encode(),
    ]


def _cases() -> list[bytes]:
    root = Path(__file__).parents[2]
    return [(root / "examples/first_case.yaml").read_bytes()]


def _policies() -> list[bytes]:
    data = Path(__file__).parents[2] / "src/careledger/policy/data"
    return [file.read_bytes() for file in sorted(data.rglob("*.yaml")) if file.stat().st_size < 6_000][:12]


_SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "check_837p": _837p,
    "remittance": _answers("REMITTANCE"),
    "acknowledgement": _answers("SYNTAX_ANSWER", "CLAIM_ANSWER"),
    "fhir_reading": _named_files,
    "fhir_import": _ndjson,
    "timelog": _log,
    "tables": _tables,
    "roster": _rosters,
    "history": lambda: [*_837p(), *_answers("REMITTANCE")()],
    "paper": _keyed,
    "case": _cases,
    "policy": _policies,
}
