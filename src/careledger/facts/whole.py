"""Files and folders that change whole or not at all, whatever kills the process, fills the disk or runs beside it.

Several files of a folder change together: each is written aside, then a note names them all, and only then do they take
their names. Whoever finds the note finishes what it names. A folder of answers is made aside and takes its name in one step.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from careledger.core.errors import InputError, Place

NOTE, LOCK = ".change.json", ".lock"
_held: set[Path] = set()


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Alone in changing the files of a folder until the block ends; others wait. A change that was cut short is finished."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder.resolve()
    if place in _held:
        yield
        return
    with (folder / LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _held.add(place)
        try:
            _finish(folder)
            yield
        finally:
            _held.discard(place)


def settle(folder: Path) -> None:
    """Before reading: finish a change that was cut short, so that a reader never sees half of one."""
    if not (folder / NOTE).exists():
        return
    try:
        with changing(folder):
            pass
    except OSError:
        mend = "let whoever may write there import anything, or read it"
        raise InputError(Place(str(folder)), "an import was cut short and cannot be finished from here", mend) from None


def replace_files(folder: Path, texts: Mapping[str, str], *, without: Sequence[str] = ()) -> None:
    """Give files of a folder new content, all of them or none; to be called while ``changing`` it.

    Args:
        texts: file name, which may lie in a folder within, to its whole content.
        without: files that go in the same change.
    """
    for name, text in texts.items():
        _write(_part(folder / name), text)
    note = {"put": list(texts), "remove": list(without)}
    _write(folder / f"{NOTE}.part", json.dumps(note))
    (folder / f"{NOTE}.part").replace(folder / NOTE)
    _finish(folder)


def _part(file: Path) -> Path:
    return file.with_name(f".{file.name}.part")


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _finish(folder: Path) -> None:
    """Do the rest of what the note names; doing it twice changes nothing."""
    note = folder / NOTE
    if not note.exists():
        return
    told = json.loads(note.read_text("utf-8"))
    for name in told["put"]:
        part = _part(folder / name)
        if part.exists():
            part.replace(folder / name)
    for name in told["remove"]:
        (folder / name).unlink(missing_ok=True)
    note.unlink()


@contextmanager
def made_aside(out: Path) -> Iterator[Path]:
    """A new folder beside ``out`` to be filled; it vanishes unless ``swapped`` in. Those of killed processes go first."""
    out.parent.mkdir(parents=True, exist_ok=True)
    _sweep(out)
    folder, handle = _own_folder(out)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def swapped(folder: Path, out: Path) -> None:
    """Let a finished folder take the name ``out`` in one step; what stood there stands under the folder's name then."""
    folder.chmod(0o755)
    if not out.exists() or not any(out.iterdir()):
        os.replace(folder, out)
    else:
        _exchange(folder, out)


def _own_folder(out: Path) -> tuple[Path, int]:
    """A folder of this process, locked as long as it lives, so that a sweep spares it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # a sweep came between the two
        fcntl.flock(handle, fcntl.LOCK_EX)
        if folder.exists():
            return folder, handle
        os.close(handle)


def _sweep(out: Path) -> None:
    for folder in out.parent.glob(f".{out.name}.*"):
        if not folder.is_dir():
            continue
        try:
            handle = os.open(folder, os.O_RDONLY)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # somebody is at work in it
        finally:
            os.close(handle)


_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def _exchange(one: Path, other: Path) -> None:
    """Two folders change names in one step (Linux ``renameat2``); in two steps where the file system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "renameat2"):
        if libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
            return
        if (number := ctypes.get_errno()) not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise OSError(number, os.strerror(number), str(other))
    before = one.with_name(one.name + ".before")
    other.rename(before)
    one.rename(other)
    before.rename(one)
