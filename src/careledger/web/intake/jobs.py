"""Background work of imports and exports."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from careledger.core.errors import CareLedgerError
from careledger.web.accounts.models import Membership
from careledger.web.intake import actions, desk, exports
from careledger.web.intake.models import Import
from careledger.web.intake.pouring import Poured, look_ahead, pour
from careledger.web.intake.reading import bring
from careledger.web.work.kinds import Tell, kind


@kind("intake.read", "Read an import")
def read(arguments: dict[str, Any], by: Membership, tell: Tell) -> dict[str, Any]:
    """Read an import and look ahead at what it would write."""
    row = Import.objects.get(pk=arguments["import"])
    if row.state != "reading":
        return _result(row, "read before")
    try:
        with desk.fresh_tables(row) as folder:
            brought = bring(row, folder, tell)
            tell("looking ahead", 1, 2)
            poured = look_ahead(folder, brought, by, _source(row))
    except CareLedgerError as refused:
        actions.keep_failed(row=row, says=str(refused))
        raise
    actions.keep_ready(row=row, poured=poured)
    return _result(row, f"{_told(poured)} would be written, {len(poured.faults):,} faults")


@kind("intake.write", "Write an import")
def write(arguments: dict[str, Any], by: Membership, tell: Tell) -> dict[str, Any]:
    """Write an import that was looked at: all of it or nothing."""
    row = Import.objects.get(pk=arguments["import"])
    if row.state == "done":
        return _result(row, "written before")
    with desk.fresh_tables(row) as folder:
        brought = bring(row, folder, tell)
        tell("writing", 1, 2)
        with transaction.atomic():
            # Another worker may have taken the job of this one for dead: who comes second finds the import written.
            if Import.objects.select_for_update(no_key=True).get(pk=row.pk).state == "done":
                return _result(row, "written before")
            poured = pour(folder, brought, by, _source(row))
            actions.keep_written(acting_user=by, row=row, poured=poured)
    desk.clear(row)
    return _result(row, f"{_told(poured)} written")


@kind("intake.export", "Export everything")
def export(arguments: dict[str, Any], by: Membership, tell: Tell) -> dict[str, Any]:
    """Put everything of the organisation into one archive."""
    rows = exports.make(arguments["name"], lambda says: tell(says, 0, 0))
    return {"says": f"{rows:,} rows are ready to be downloaded", "next": reverse("exports"), "name": arguments["name"]}


def _source(row: Import) -> str:
    return f"import-{row.pk}"


def _told(poured: Poured) -> str:
    entries = poured.added.get("time_entries", 0)
    told = [f"{poured.new_patients:,} new patients", f"{poured.changed_patients:,} changed"]
    return ", ".join([*told, f"{entries:,} time entries"] if entries else told)


def _result(row: Import, says: str) -> dict[str, Any]:
    return {"says": says, "next": reverse("import", args=[row.pk])}
