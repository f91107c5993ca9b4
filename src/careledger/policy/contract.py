"""A clinic's own contract, read as an overlay: ``policy overlay lint`` checks it, ``policy_with`` lays it beside ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from careledger.core.errors import PolicyError
from careledger.policy import strict_yaml
from careledger.policy.checks import check
from careledger.policy.compile import plain
from careledger.policy.load import DATA, kept, load_policy, raw_files
from careledger.policy.loosening import is_looser, is_term, looser_way
from careledger.policy.model import BASE
from careledger.policy.reading import read, read_contract, texts
from careledger.policy.section import Bundle, Entry, Problem
from careledger.policy.store import Policy

_MENDS = {
    "less": "keep the federal value, or ask for more; a contract cannot ask for less",
    "more": "keep the federal value, or allow less; a contract cannot allow more",
    "fixed": "leave it out: a contract cannot change this value",
}


def contract_lint(path: Path, folder: Path = DATA) -> list[Problem]:
    """Every problem of a contract overlay, in the order of its lines; none when it can be used beside the folder."""
    return _read(path, folder)[1]


def overlay_lint(path: Path, folder: Path = DATA) -> tuple[str, int]:
    """The text that ``policy overlay lint`` prints, and its exit status: 0 when nothing is wrong, 1 otherwise."""
    bundle, problems, payer = _read(path, folder)
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        return "\n".join([*map(str, problems), "", count]), 1
    entries = sum(entry.layer == payer for entry in bundle.entries)
    return (
        f"the contract is sound: {payer} lays {entries} dated value{'s' * (entries != 1)} over "
        f"{bundle.payers[str(payer)]['kind']}, none looser than the federal rule",
        0,
    )


def policy_with(contracts: Sequence[Path], folder: Path = DATA) -> Policy:
    """All policy, with contracts of the clinic's own as further payers.

    Raises:
        PolicyError: a contract has a problem; the first one, as ``policy overlay lint`` lists it.
    """
    if not contracts:
        return load_policy(folder)
    raw = {**raw_files(folder), **{f"contract {place}": path.read_bytes() for place, path in enumerate(contracts)}}
    return kept(raw, lambda version: _together(contracts, folder, version))


def _together(contracts: Sequence[Path], folder: Path, version: str) -> dict[str, Any]:
    for path in contracts:
        for problem in contract_lint(path, folder):
            raise PolicyError(problem.place, problem.problem, problem.mend)
    bundle = read(texts(folder))
    for path in contracts:
        read_contract(bundle, strict_yaml.decoded(path.read_bytes(), str(path)), str(path))
    for problem in bundle.problems or check(bundle):
        raise PolicyError(problem.place, problem.problem, problem.mend)
    return plain(bundle, version)


def _read(path: Path, folder: Path) -> tuple[Bundle, list[Problem], str | None]:
    bundle = read(texts(folder))
    payer = read_contract(bundle, strict_yaml.decoded(path.read_bytes(), str(path)), str(path))
    problems = [problem for problem in bundle.problems or check(bundle) if problem.place.file == str(path)]
    if not problems and payer is not None:
        problems = list(_loosened(bundle, payer))
    found = dict.fromkeys(problems)
    return bundle, sorted(found, key=lambda problem: problem.place.line or 0), payer


def _loosened(bundle: Bundle, payer: str) -> Iterator[Problem]:
    """Entries of the contract that are looser than the base on some day they cover."""
    kind = str(bundle.payers[payer]["kind"])
    for entry in bundle.entries:
        if entry.layer != payer:
            continue
        if is_term(entry.id, kind):
            yield from _ended_codes(bundle, entry)
            continue
        federal = (base for base in bundle.entries if base.layer == BASE and base.id == entry.id and _meet(base, entry))
        yield from (problem for base in federal if (problem := _against(base, entry)))


def _against(base: Entry, entry: Entry) -> Problem | None:
    way = looser_way(entry.id, entry.value if base.absent else base.value)
    if entry.absent and not base.absent:
        return Problem(
            entry.place, f"takes away the federal rule ({_shown(base)})", "leave it out, or make it stricter"
        )
    if base.absent:
        no_limit = way == "more" and isinstance(entry.value, int) and not isinstance(entry.value, bool)
        if entry.absent or no_limit:
            return None
        return Problem(entry.place, f"the federal rule has none then: {base.note}", "leave it out for these dates")
    if not is_looser(entry.id, base.value, entry.value):
        return None
    return Problem(entry.place, f"looser than the federal rule ({_shown(base)})", _MENDS[way])


def _ended_codes(bundle: Bundle, entry: Entry) -> Iterator[Problem]:
    """A contract lists no code that does not exist on any day the entry covers."""
    for word in entry.value if isinstance(entry.value, list) else ():
        spans = [base for base in bundle.entries if base.id == f"codes.{word}.status" and _meet(base, entry)]
        if spans and all(span.absent for span in spans):
            yield Problem(entry.place, f"{word} does not exist on these dates: {spans[0].note}", "leave the code out")


def _meet(one: Entry, other: Entry) -> bool:
    """Do two entries cover a common day?"""
    return (one.until is None or other.since <= one.until) and (other.until is None or one.since <= other.until)


def _shown(base: Entry) -> str:
    value = ", ".join(base.value) if isinstance(base.value, list) else str(base.value).lower()
    until = f" to {base.until}" if base.until else ""
    return f"{value} from {base.since}{until}; {', '.join(base.cite) or 'no source'}"
