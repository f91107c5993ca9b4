"""Backups: everything as of one moment, with the files beside the database, in one encrypted file (age).

A backup taken on one database restores on the other. What is encrypted for a key can be read with that key only: keep it
away from the clinic's machine.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyrage
from django.conf import settings

from careledger.core.errors import CareLedgerError, InputError, Place
from careledger.web.keeping.tables import dump, load

DATABASE, FILES = "database", "files"
LEFT = ("secret_key", "static", "clinic.sqlite3", "clinic.sqlite3-wal", "clinic.sqlite3-shm")
"""What a backup leaves out of the data folder: the signing key, which is kept apart, and the database, which is exported."""


class BackupError(CareLedgerError):
    """A backup cannot be made or read."""


def make_key(file: Path) -> str:
    """Write a new private key to a file only its owner may read; returns the public part, for which backups are made."""
    identity = pyrage.x25519.Identity.generate()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(Place(str(file)), "the file exists", "name a new one; a key is never overwritten") from None
    with os.fdopen(handle, "w") as out:
        out.write(f"{identity}\n")
    return str(identity.to_public())


def back_up(file: Path, recipients: list[str]) -> dict[str, Any]:
    """Write a backup that the holders of the keys can read. It appears whole or not at all.

    Returns:
        The manifest of the database's tables.
    """
    keys = [_recipient(text) for text in recipients]
    if not keys:
        raise BackupError("name at least one key the backup is for ('backup_key' makes one)")
    if file.exists():
        raise InputError(Place(str(file)), "the file exists", "name a new one; no backup is overwritten")
    aside = file.with_name(f".{file.name}.part")
    try:
        with _workshop() as folder:
            manifest = dump(folder / DATABASE, with_sign_in=True)
            _copy_files(settings.DATA, folder / FILES)
            plain = folder / "backup.tar.gz"
            with tarfile.open(plain, "w:gz", compresslevel=6) as archive:
                archive.add(folder / DATABASE, DATABASE)
                archive.add(folder / FILES, FILES)
            pyrage.encrypt_file(str(plain), str(aside), keys)
        with aside.open("rb") as done:
            os.fsync(done.fileno())
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
    return manifest


def restore(file: Path, key: Path) -> dict[str, Any]:
    """Fill an empty clinic from a backup: every file's fingerprint is checked before a row is written."""
    with _workshop() as folder:
        plain = folder / "backup.tar.gz"
        try:
            pyrage.decrypt_file(str(file), str(plain), [pyrage.x25519.Identity.from_str(key.read_text().strip())])
        except pyrage.IdentityError:
            raise InputError(
                Place(str(key)), "this is no private key", "name the file that 'backup_key' wrote"
            ) from None
        except (pyrage.DecryptError, OSError):
            mend = "use the key it was made for, and copy the backup again if it may be cut"
            raise InputError(Place(str(file)), "the backup cannot be decrypted", mend) from None
        try:
            with tarfile.open(plain) as archive:
                archive.extractall(folder / "out", filter="data")
        except (tarfile.TarError, EOFError, OSError):
            raise InputError(
                Place(str(file)), "this is no backup of a clinic", "name a file that 'backup' wrote"
            ) from None
        manifest = load(folder / "out" / DATABASE)
        _put_back(folder / "out" / FILES, settings.DATA)
    return manifest


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BackupError("a public key begins with age1; 'backup_key' printed it") from None


@contextmanager
def _workshop() -> Iterator[Path]:
    """A folder for plain files within the data folder, which is as well guarded as the data; it vanishes."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".keeping-", dir=settings.DATA))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_files(data: Path, out: Path) -> None:
    """Copy what lies beside the database; a database file that may be in use by its own way of copying."""
    out.mkdir()
    for file in sorted(data.rglob("*")):
        name = file.relative_to(data)
        if not file.is_file() or file.is_symlink() or name.parts[0] in LEFT or name.parts[0].startswith("."):
            continue
        if file.name.endswith(("-wal", "-shm", "-journal")):
            continue
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        if _is_sqlite(file):
            _copy_sqlite(file, out / name)
        else:
            shutil.copy2(file, out / name)


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\x00"


def _copy_sqlite(file: Path, out: Path) -> None:
    source, target = sqlite3.connect(f"file:{file}?mode=ro", uri=True), sqlite3.connect(out)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def _put_back(files: Path, data: Path) -> None:
    """Put files back; one that is there already stays, since a restore overwrites nothing."""
    for file in sorted(files.rglob("*")) if files.is_dir() else ():
        target = data / file.relative_to(files)
        if file.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
