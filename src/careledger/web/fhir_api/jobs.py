"""Long work of the FHIR server: writing a bulk export."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import orjson
from django.utils import timezone

from careledger.core.errors import CareLedgerError
from careledger.fhir.held.server import deletions
from careledger.web.accounts.models import Membership
from careledger.web.accounts.roles import may
from careledger.web.audit.actions import record
from careledger.web.fhir_api.exports import KIND, folder_of, patients_of, release
from careledger.web.fhir_api.models import Export
from careledger.web.fhir_api.shelves import Shelf
from careledger.web.fhir_api.sight import Sight, removed_since
from careledger.web.fhir_api.views import OF_MANY, SHELVES
from careledger.web.work.kinds import Tell, kind


class ExportStopped(CareLedgerError):
    """An export that nobody waits for any more, or that may not be made."""


@kind(KIND, "FHIR export")
def export(arguments: dict[str, Any], by: Membership, tell: Tell) -> dict[str, Any]:
    """Write the files of an export aside and put them in their place whole. Safe to repeat: it begins anew."""
    asked = Export.objects.get(pk=arguments["export"])
    if asked.files is not None:
        return {"says": "written before"}
    if not (may(by.role, "export.all") and may(by.role, "chart.read")):
        raise ExportStopped("the member's role no longer allows an export")
    taken_at = timezone.now()
    aside, place = _folders(asked)
    patients = patients_of(asked)
    sight = Sight(asked.base)
    files: list[dict[str, Any]] = []
    seen: set[int] = set()
    shelves = [SHELVES[name] for name in asked.types if name in SHELVES]
    for number, shelf in enumerate(shelves):
        tell(f"writing {shelf.name}", number, len(shelves))
        count = _write(aside / f"{shelf.name}.ndjson", shelf, sight, asked, patients, seen)
        if count:
            files.append({"type": shelf.name, "url": f"{shelf.name}.ndjson", "count": count})
    if _deletions(aside / "deleted.ndjson", asked, patients):
        files.append({"type": "Bundle", "url": "deleted.ndjson", "count": 1})
    shutil.rmtree(place, ignore_errors=True)
    aside.rename(place)
    _settle(asked, taken_at, files)
    after = {"patients": len(seen), "files": {one["type"]: one["count"] for one in files}}
    record(acting_user=by, action="fhir.export.written", target=asked, after=after)
    return {
        "says": f"{sum(one['count'] for one in files if one['type'] != 'Bundle'):,} resources of {len(seen):,} patients"
    }


def _folders(asked: Export) -> tuple[Path, Path]:
    place = folder_of(asked)
    aside = place.with_name(f".{place.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    return aside, place


def _write(
    file: Path, shelf: Shelf, sight: Sight, asked: Export, patients: frozenset[int] | None, seen: set[int]
) -> int:
    """A file of one type; returns how many resources it holds. None leaves no file."""
    count = 0
    with file.open("wb") as out:
        for found in shelf.all(sight, patients):
            _stop_if_released(asked)
            kept = _kept(shelf, found.resources, asked)
            out.writelines(orjson.dumps(one) + b"\n" for one in kept)
            count += len(kept)
            seen |= found.patients
    if not count:
        file.unlink()
    return count


def _kept(shelf: Shelf, resources: list[dict[str, Any]], asked: Export) -> list[dict[str, Any]]:
    """Of the groups, only the one whose patients are exported."""
    if asked.group and shelf.name in OF_MANY:
        return [one for one in resources if one["id"] == f"enrolled-{asked.group}"]
    return resources


def _deletions(file: Path, asked: Export, patients: frozenset[int] | None) -> int:
    """The file of what is no more since the instant asked for; returns how many."""
    if asked.since is None:
        return 0
    gone = [one for one in removed_since(asked.since, patients) if one.partition("/")[0] in asked.types]
    if gone:
        file.write_bytes(orjson.dumps(deletions(gone)) + b"\n")
    return len(gone)


def _stop_if_released(asked: Export) -> None:
    if Export.objects.filter(pk=asked.pk, released_at__isnull=False).exists():
        release(asked)
        raise ExportStopped("the client needs the export no more")


def _settle(asked: Export, taken_at: Any, files: list[dict[str, Any]]) -> None:
    written = Export.objects.filter(pk=asked.pk, released_at=None).update(taken_at=taken_at, files=files)
    if not written:
        release(asked)
        raise ExportStopped("the client needs the export no more")
