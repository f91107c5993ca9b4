"""Every table as a CSV file with a dictionary and a manifest, from either database and back into either."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, models, transaction
from django.db.migrations.executor import MigrationExecutor

from careledger import __version__
from careledger.core.errors import InputError, Place
from careledger.core.records import TABLES as RECORDS
from careledger.web.keeping.cells import cell_of, value_of
from careledger.web.tenancy.scope import organisation_in_scope
from careledger.web.tenancy.walls import tell, walled_tables

MANIFEST, DICTIONARY, FORMAT = "manifest.json", "dictionary.csv", 1
TRANSIENT = ("sessions.session", "usersessions.usersession", "fhir_api.accesstoken", "fhir_api.seenassertion")
"""Tables of who is signed in at the moment; nobody is, after a restore."""
SIGN_IN = ("mfa.authenticator", "api.apitoken")
"""Tables of secrets; a full export leaves them out unless asked for them, a backup does not."""
ROWS = 2_000
_ALIAS = "snapshot"
Progress = Callable[[str], None]
Model = type[models.Model]


def dump(
    folder: Path, *, with_sign_in: bool = False, organisation: int | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Write every table into an empty folder, all as of one moment, while the clinic works on.

    Args:
        with_sign_in: second factors, tokens and passphrase hashes too.
        organisation: only this organisation's rows and users; everybody's when None.

    Returns:
        The manifest: what was written, rows and fingerprint of each file, and the schema it belongs to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InputError(Place(str(folder)), "the folder is not empty", "name a new one; nothing is overwritten")
    tell_progress = progress or (lambda _: None)
    files: dict[str, dict[str, Any]] = {}
    csv.field_size_limit(sys.maxsize)
    with _snapshot() as alias:
        organisations = sorted(
            apps.get_model("tenancy.Organisation")._base_manager.using(alias).values_list("pk", flat=True)
        )
        if organisation is not None:
            organisations = [organisation]
        for model in _models(with_sign_in):
            name = f"{model._meta.label_lower}.csv"
            tell_progress(name)
            only = None if organisation is None else _belongs(model, organisation)
            files[name] = _write(folder / name, model, alias, organisations, with_sign_in, only)
        migrations = _leaves(alias)
    _write_dictionary(folder / DICTIONARY, with_sign_in)
    manifest = {
        "format": FORMAT,
        "version": __version__,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "with_sign_in": with_sign_in,
        "migrations": migrations,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return manifest


def load(folder: Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """Fill an empty database from such a folder: the schema it was written under, its rows, then what came since.

    Raises:
        InputError: the folder is not whole, was altered, or the database holds something.
    """
    manifest = verified(folder)
    tell_progress = progress or (lambda _: None)
    refuse_full_database(folder)
    connection = connections["default"]
    executor = MigrationExecutor(connection)
    targets = [tuple(one) for one in manifest["migrations"]]
    unknown = [f"{app} {name}" for app, name in targets if (app, name) not in executor.loader.graph.nodes]
    if unknown:
        mend = "install the version that wrote it, or a later one"
        raise InputError(Place(str(folder / MANIFEST)), f"written by a later version ({unknown[0]})", mend)
    executor.migrate(_all(executor))
    executor = MigrationExecutor(connection)
    state = executor.loader.project_state(targets).apps
    if {*targets} != {*_all(executor)}:
        executor.migrate(targets)
    csv.field_size_limit(sys.maxsize)
    with transaction.atomic(), connection.constraint_checks_disabled():
        found = [state.get_model(name.removesuffix(".csv")) for name in manifest["files"]]
        for model in found:
            _empty(model, connection)
        for model in found:
            tell_progress(model._meta.label_lower)
            _read(folder / f"{model._meta.label_lower}.csv", model)
        tell(None)
        connection.check_constraints()
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), found):
                cursor.execute(sql)
    MigrationExecutor(connection).migrate(_all(MigrationExecutor(connection)))
    return manifest


def verified(folder: Path) -> dict[str, Any]:
    """The manifest of a folder whose files are all there and unaltered."""
    file = folder / MANIFEST
    if not file.is_file():
        raise InputError(Place(str(folder)), "no manifest.json", "name a folder that 'export_all' wrote")
    manifest: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if manifest.get("format") != FORMAT:
        raise InputError(Place(str(file)), "another format than this version reads", "use the version that wrote it")
    for name, told in manifest["files"].items():
        part = folder / name
        if not part.is_file():
            raise InputError(Place(str(part)), "the file is missing", "copy the whole folder again")
        if fingerprint(part) != told["sha256"]:
            raise InputError(Place(str(part)), "the file was altered or cut", "copy the whole folder again")
    return manifest


def fingerprint(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _snapshot() -> Iterator[str]:
    """A connection that sees one moment and stops nobody from writing."""
    settings = {**connections.databases["default"]}
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = {**settings.get("OPTIONS", {}), "transaction_mode": "DEFERRED"}
    settings["CONN_MAX_AGE"] = 0
    connections.databases[_ALIAS] = settings
    try:
        with transaction.atomic(using=_ALIAS):
            connection = connections[_ALIAS]
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield _ALIAS
    finally:
        connections[_ALIAS].close()
        del connections.databases[_ALIAS]
        delattr(connections._connections, _ALIAS)


def _models(with_sign_in: bool) -> list[Model]:
    left = {*TRANSIENT, *(() if with_sign_in else SIGN_IN)}
    found = (
        model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
    )
    return sorted(
        (model for model in found if model._meta.label_lower not in left), key=lambda one: one._meta.label_lower
    )


def _fields(model: Model) -> list[models.Field[Any, Any]]:
    return list(model._meta.concrete_fields)


def _belongs(model: Model, organisation: int) -> dict[str, Any]:
    """The filter by which a table's rows belong to an organisation; tables that hold nobody's rows go whole."""
    label, names = model._meta.label_lower, {field.name for field in _fields(model)}
    if label == "tenancy.organisation":
        return {"pk": organisation}
    if label == "accounts.user":
        return {"memberships__organisation": organisation}
    if "organisation" in names:
        return {"organisation": organisation}
    found = next((name for name in ("user", "membership", "email_address") if name in names), None)
    path = {
        "user": "user__memberships",
        "membership": "membership",
        "email_address": "email_address__user__memberships",
    }
    return {f"{path[found]}__organisation": organisation} if found else {}


def _write(
    file: Path,
    model: Model,
    alias: str,
    organisations: Iterable[int],
    with_sign_in: bool,
    only: dict[str, Any] | None = None,
) -> dict[str, Any]:
    fields = _fields(model)
    count = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)  # lines end in CR LF, so that a cell that holds a CR is quoted
        writer.writerow(field.attname for field in fields)
        for row in _rows(model, alias, organisations, only or {}):
            cells = [cell_of(value, field) for value, field in zip(row, fields, strict=True)]
            if not with_sign_in and model._meta.label_lower == "accounts.user":
                cells[next(place for place, field in enumerate(fields) if field.name == "password")] = "!"
            writer.writerow(cells)
            count += 1
    return {"rows": count, "sha256": fingerprint(file)}


def _rows(model: Model, alias: str, organisations: Iterable[int], only: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in _fields(model)]
    everything = model._base_manager.using(alias).filter(**only).order_by("pk").values_list(*names)
    if model._meta.db_table not in walled_tables():
        yield from everything.iterator(chunk_size=ROWS)
        return
    for organisation in organisations:
        tell(organisation)
        yield from everything.filter(organisation_id=organisation).iterator(chunk_size=ROWS)
    tell(None if (scope := organisation_in_scope()) is None else scope.pk)


def _read(file: Path, model: Model) -> None:
    fields = {field.attname: field for field in _fields(model)}
    with file.open(encoding="utf-8", newline="") as text:
        reader = csv.reader(text)
        named = [fields[name] for name in next(reader)]
        rows = ([value_of(cell, field) for cell, field in zip(row, named, strict=True)] for row in reader)
        names = [field.attname for field in named]
        made = (model(**dict(zip(names, row, strict=True))) for row in rows)
        for organisation, group in groupby(made, key=lambda one: getattr(one, "organisation_id", None)):
            tell(organisation)
            _insert(model, named, group)


def _insert(model: Model, fields: list[models.Field[Any, Any]], rows: Iterator[models.Model]) -> None:
    """Insert rows as they are: no default, no time of now, no check of a scope."""
    connection = connections["default"]
    most = min(ROWS, connection.ops.bulk_batch_size(fields, range(ROWS)))
    while batch := list(islice(rows, max(1, most))):
        model._base_manager._insert(batch, fields=fields, using="default", raw=True)


def _empty(model: Model, connection: Any) -> None:
    """What migrating itself wrote (kinds of content, permissions) makes room for the rows that come."""
    if model._meta.app_label in ("contenttypes", "auth"):
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")


def refuse_full_database(folder: Path) -> None:
    """InputError when the database holds a clinic already."""
    organisation = apps.get_model("tenancy.Organisation")
    there = organisation._meta.db_table in connections["default"].introspection.table_names()
    if there and organisation._base_manager.exists():
        raise InputError(Place("the database"), "it holds a clinic already", f"restore {folder.name} into an empty one")


def _leaves(alias: str) -> list[list[str]]:
    """The last applied migration of every app: the schema the rows belong to."""
    executor = MigrationExecutor(connections[alias])
    return sorted([app, name] for app, name in _all(executor) if (app, name) in executor.loader.applied_migrations)


def _all(executor: MigrationExecutor) -> list[tuple[str, str]]:
    return list(executor.loader.graph.leaf_nodes())


def _write_dictionary(file: Path, with_sign_in: bool) -> None:
    """What every column means: our records' own words where the column is one of theirs."""
    meanings = {
        column.name: str(column.metadata.get("says", ""))
        for record in RECORDS.values()
        for column in record.__dataclass_fields__.values()
    }
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)  # lines end in CR LF, so that a cell that holds a CR is quoted
        writer.writerow(("table", "column", "type", "may_be_unknown", "refers_to", "meaning"))
        for model in _models(with_sign_in):
            for field in _fields(model):
                target = field.related_model
                writer.writerow(
                    (
                        model._meta.label_lower,
                        field.attname,
                        field.get_internal_type(),
                        "yes" if field.null else "no",
                        target._meta.label_lower if isinstance(target, type) else "",
                        str(field.help_text) or meanings.get(field.name, "") or str(field.verbose_name),
                    )
                )
