"""Backups: everything as of one moment, with the files beside the database, in one encrypted file (age).

A backup taken on one database restores on the other. What is encrypted for a key can be read with that key only: keep it
away from the clinic's machine.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyrage
from django.conf import settings

from careledger.core.errors import CareLedgerError, InputError, Place
from careledger.facts.whole import made_aside
from careledger.web.keeping.tables import dump, load, refuse_full_database, verified

DATABASE, FILES = "database", "files"
MAX_UNPACKED = 512 * 1024**3
"""Most bytes a backup may unpack to; no practice's is near it, and what claims more is refused before it is unpacked."""
LEFT = ("secret_key", "static", "exports", "clinic.sqlite3", "clinic.sqlite3-wal", "clinic.sqlite3-shm")
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
    """Fill an empty clinic from a backup: every file's fingerprint is checked before anything is written.

    The files come first and the rows last, in one transaction: a restore that was cut short is simply begun again.
    """
    with _workshop() as folder:
        out = decrypted(file, key, folder)
        verified(out / DATABASE)
        refuse_full_database(out / DATABASE)
        _put_back(out / FILES, settings.DATA)
        return load(out / DATABASE)


def decrypted(file: Path, key: Path, folder: Path) -> Path:
    """A backup unpacked into a folder.

    Raises:
        InputError: it is cut, no backup, or for another key.
        BackupError: there is no room for it.
    """
    plain = folder / "backup.tar.gz"
    try:
        pyrage.decrypt_file(str(file), str(plain), [pyrage.x25519.Identity.from_str(key.read_text().strip())])
        with tarfile.open(plain) as archive:
            _refuse_bomb(archive, file)
            archive.extractall(folder / "out", filter="data")
    except pyrage.IdentityError:
        raise InputError(Place(str(key)), "this is no private key", "name the file that 'backup_key' wrote") from None
    except pyrage.DecryptError:
        mend = "use the key it was made for, and copy the backup again if it may be cut"
        raise InputError(Place(str(file)), "the backup cannot be decrypted", mend) from None
    except OSError as error:
        raise _unreadable(file, error) from None
    except (tarfile.TarError, EOFError):
        raise InputError(Place(str(file)), "this is no backup of a clinic", "name a file that 'backup' wrote") from None
    return folder / "out"


def _refuse_bomb(archive: tarfile.TarFile, file: Path) -> None:
    size = 0
    for entry in archive:
        size += entry.size
        if size > MAX_UNPACKED:
            raise InputError(Place(str(file)), "it unpacks to more than 512 GB", "name a file that 'backup' wrote")


def _unreadable(file: Path, error: OSError) -> CareLedgerError:
    """Why a backup could not be unpacked: no room on this disk, or a file that is not whole."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "File too large" in str(error):
        return BackupError(f"{settings.DATA}: there is no room to unpack the backup; make room and repeat")
    mend = "use the key it was made for, and copy the backup again if it may be cut"
    return InputError(Place(str(file)), "the backup cannot be decrypted", mend)


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BackupError("a public key begins with age1; 'backup_key' printed it") from None


@contextmanager
def _workshop() -> Iterator[Path]:
    """A folder for plain files within the data folder, which is as well guarded as the data; it vanishes.

    One that a killed process left behind goes when the next is made.
    """
    with made_aside(settings.DATA / "keeping") as folder:
        yield folder


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
    """Put files back, each whole; one that is there already must be the same, since a restore overwrites nothing."""
    for file in sorted(files.rglob("*")) if files.is_dir() else ():
        target = data / file.relative_to(files)
        if not file.is_file():
            continue
        if target.exists():
            if not filecmp.cmp(file, target, shallow=False):
                raise InputError(Place(str(target)), "another file stands here", "restore into an empty data folder")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.part")
        shutil.copy2(file, aside)
        aside.replace(target)
