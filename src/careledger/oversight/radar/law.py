"""What the radar reads from policy, laid out as tables beside the claims, so that SQL and law meet by date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from careledger.policy.model import BASE, PolicyValue

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from careledger.policy import Policy

_NEVER = date(9999, 12, 31)
_TOLD = ("no", "human", "modifier")
_SCHEMA = """
CREATE TABLE law_codes (code VARCHAR, family VARCHAR, program VARCHAR, role VARCHAR, who VARCHAR);
CREATE TABLE law_bases (add_on VARCHAR, base VARCHAR);
CREATE TABLE law_caps (code VARCHAR, per VARCHAR, units BIGINT, since DATE, until DATE, rule VARCHAR, cite VARCHAR);
CREATE TABLE law_pairs (a VARCHAR, b VARCHAR, per VARCHAR, relation VARCHAR, answer VARCHAR, since DATE, until DATE,
    rule VARCHAR, says VARCHAR, cite VARCHAR);
CREATE TABLE law_units (code VARCHAR, minutes BIGINT, since DATE, until DATE, rule VARCHAR, cite VARCHAR);
CREATE TABLE law_words (name VARCHAR, word VARCHAR);
"""


def load_law(con: DuckDBPyConnection, policy: Policy, on: date) -> None:
    """Fill the ``law_`` tables: codes, bases of add-ons, caps, pairs that do not go together, first units.

    Args:
        con: the connection of the audit.
        policy: all of policy; dated values keep their dates.
        on: the day whose undated lists (programs that need consent, a plan, a log) hold.
    """
    con.execute(_SCHEMA)
    for table, rows in (
        ("law_codes", _codes(policy, on)),
        ("law_bases", _bases(policy, on)),
        ("law_caps", _caps(policy)),
        ("law_pairs", _pairs(policy)),
        ("law_units", _units(policy)),
        ("law_words", _words(policy, on)),
    ):
        _fill(con, table, list(rows))


def cited(value: PolicyValue) -> str:
    """The sources of a value, or that it is a choice of the house's own."""
    return " ".join(value.cite) or "our own choice"


def _fill(con: DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Insert rows column by column, which is fast."""
    if rows:
        types = [row[1] for row in con.execute(f"DESCRIBE {table}").fetchall()]
        cells = ", ".join(f"UNNEST(?::{type_}[])" for type_ in types)
        con.execute(f"INSERT INTO {table} SELECT {cells}", [list(column) for column in zip(*rows, strict=True)])


def _codes(policy: Policy, on: date) -> Iterator[tuple[Any, ...]]:
    view = policy.on(on)
    for code in policy.codes():
        facts = view.code(code)
        yield code, facts.family, facts.program, facts.role, facts.who


def _bases(policy: Policy, on: date) -> Iterator[tuple[str, str]]:
    """Each add-on with the codes it may stand beside; any base of its program where policy names none."""
    view = policy.on(on)
    facts = [view.code(code) for code in policy.codes()]
    for one in facts:
        if one.role == "add_on" and one.base_code:
            yield one.code, one.base_code
        elif one.role == "add_on":
            yield from ((one.code, base.code) for base in facts if base.program == one.program and base.role == "base")


def _timelines(policy: Policy, ids: list[str]) -> Iterator[PolicyValue]:
    for id_ in ids:
        yield from (value for value in policy.timeline(id_, BASE) if not value.absent)


def _caps(policy: Policy) -> Iterator[tuple[Any, ...]]:
    """Most units of a code: in a day by NCCI, in a month by the program's own limit on add-ons."""
    for value in _timelines(policy, [id_ for id_ in policy.ids() if id_.startswith("ncci.units.")]):
        code = value.id.removeprefix("ncci.units.")
        yield code, "date", value.value, value.since, value.until or _NEVER, value.id, cited(value)
    for id_ in (id_ for id_ in policy.ids() if id_.endswith(".add_on_limit")):
        for named in _timelines(policy, [id_.removesuffix("limit") + "code"]):
            for value in _timelines(policy, [id_]):
                since, until = max(named.since, value.since), min(named.until or _NEVER, value.until or _NEVER)
                if since <= until:
                    yield named.value, "month", value.value, since, until, value.id, cited(value)


def _pairs(policy: Policy) -> Iterator[tuple[Any, ...]]:
    """Unordered pairs of codes that policy does not pay together, each with its dates."""
    for row in policy.conflict_rows():
        pairs = {tuple(sorted((one, other))) for one in row.a for other in row.b}
        for relation in row.relations:
            for value in _timelines(policy, [f"conflicts.{row.id}.{relation}"]):
                if value.value in _TOLD:
                    told = (row.per, relation, value.value, value.since, value.until or _NEVER)
                    yield from ((*pair, *told, value.id, row.says, cited(value)) for pair in pairs)


def _units(policy: Policy) -> Iterator[tuple[Any, ...]]:
    """Minutes of the first unit of each base code."""
    for id_ in (id_ for id_ in policy.ids() if id_.endswith(".first_unit_minutes")):
        for named in _timelines(policy, [id_.removesuffix("first_unit_minutes") + "base_code"]):
            for value in _timelines(policy, [id_]):
                yield named.value, value.value, value.since, value.until or _NEVER, value.id, cited(value)


def _words(policy: Policy, on: date) -> Iterator[tuple[str, str]]:
    view = policy.on(on)
    for value in (*view.all_of("house.radar."), *view.all_of("ccm.supervision.")):
        if isinstance(value.value, tuple):
            yield from ((value.id.rpartition(".")[2], word) for word in value.value)
