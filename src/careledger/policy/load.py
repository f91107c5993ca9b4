"""Load policy quickly: parsed once per content, kept in the user's cache, read from there afterwards."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from careledger.policy.store import Policy

DATA = Path(__file__).parent / "data"
_MAKERS = ("checks.py", "compile.py", "reading.py", "scalars.py", "section.py", "strict_yaml.py")


@lru_cache(maxsize=4)
def load_policy(folder: Path = DATA) -> Policy:
    """All policy of the package (or of a folder of the same shape), checked.

    The files' content names the cache entry, so a changed file is always read anew. A cache that cannot be read or
    written is done without.

    Raises:
        PolicyError: a file is refused; ``policy lint`` lists everything.
    """
    raw = raw_files(folder)
    return kept(raw, lambda version: _compiled(raw, version))


def kept(raw: dict[str, bytes], make: Callable[[str], dict[str, Any]]) -> Policy:
    """Policy of files given by name and content: from the cache, else made and put there.

    Args:
        make: makes the compiled form for a version.
    """
    version = _version(raw)
    cached = _cache_file(f"policy-{version}-{_maker()}.json")
    found = _from_cache(cached, version)
    if found is None:
        found = make(version)
        _to_cache(cached, found)
    return Policy(found)


def raw_files(folder: Path) -> dict[str, bytes]:
    """Every policy file of a folder: its name in the folder, and its content."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}


def _version(raw: dict[str, bytes]) -> str:
    """A short hash of the files' names and content."""
    total = hashlib.sha256()
    for name, content in raw.items():
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()[:16]


def _maker() -> str:
    """A short hash of the modules that make the compiled form: when they change, older caches are not read."""
    folder = Path(__file__).parent
    return _version({name: (folder / name).read_bytes() for name in _MAKERS})[:8]


def _compiled(raw: dict[str, bytes], version: str) -> dict[str, Any]:
    from careledger.policy.compile import compiled  # the parser is only loaded when the cache does not answer
    from careledger.policy.strict_yaml import decoded

    return compiled({name: decoded(content, name) for name, content in raw.items()}, version)


def _cache_file(name: str) -> Path | None:
    """Where the compiled form is kept; None for a user without a home."""
    with contextlib.suppress(RuntimeError):
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(home) / "careledger" / name
    return None


def _from_cache(path: Path | None, version: str) -> dict[str, Any] | None:
    """The compiled form, when it is there and whole."""
    if path is None:
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_bytes())
        text = kept["policy"]
        if kept["digest"] == _digest(text):
            found: dict[str, Any] = json.loads(text)
            return found if found["version"] == version else None
    return None


def _to_cache(path: Path | None, found: dict[str, Any]) -> None:
    """Keep the compiled form; a cache that cannot be written is done without."""
    if path is not None:
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, json.dumps(found))


def _write(path: Path, text: str) -> None:
    """Write beside and rename, so that a reader never sees half of it."""
    import tempfile  # only the first run after a change writes

    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump({"digest": _digest(text), "policy": text}, stream)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
