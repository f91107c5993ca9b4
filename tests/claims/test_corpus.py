"""Sample files of other systems: each is read or refused with segment and reason; nothing hangs, nothing is a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from careledger.claims.x12.check_837p import FileCheck
from careledger.claims.x12.read import NotReadable
from careledger.claims.x12.read_835 import read_835
from careledger.claims.x12.read_ack import read_acknowledgement
from careledger.policy import load_policy

_FOLDERS = (parent / "shared" / "data" / "x12" for parent in Path(__file__).parents)
SAMPLES = next((folder for folder in _FOLDERS if folder.is_dir()), None)
pytestmark = pytest.mark.skipif(SAMPLES is None, reason="the sample files of other systems are not on this machine")
READERS: dict[str, Callable[..., object]] = {
    "837P": lambda stream: list(FileCheck(load_policy()).findings(stream)),
    "835": lambda stream: list(read_835(stream)),
    "acknowledgement": lambda stream: list(read_acknowledgement(stream)),
}


def _files() -> list[Path]:
    return (
        []
        if SAMPLES is None
        else sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.suffix != ".tsv")
    )


def _refusal(path: Path, kind: str) -> NotReadable | None:
    """Read a file; why it is refused, or None."""
    with path.open("rb") as stream:
        try:
            READERS[kind](stream)
        except NotReadable as refusal:
            return refusal
    return None


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("path", _files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_reads_or_refuses(path: Path, kind: str) -> None:
    refusal = _refusal(path, kind)
    assert refusal is None or (refusal.segment >= 1 and refusal.reason)


def test_it_finds_nothing_wrong_with_the_good_ones() -> None:
    assert SAMPLES is not None
    for path in sorted((SAMPLES / "golden").glob("837p*")):
        with path.open("rb") as stream:
            assert list(FileCheck(load_policy()).findings(stream)) == [], path.name


def test_it_takes_samples_of_each_kind() -> None:
    """The refusals are not all there is."""
    assert SAMPLES is not None
    for folder, kind, least in (("837p", "837P", 20), ("835", "835", 12), ("999", "acknowledgement", 15)):
        read = sum(_refusal(path, kind) is None for path in (SAMPLES / folder).iterdir())
        assert read >= least, folder
