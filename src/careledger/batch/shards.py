"""Parts of a folder of tables that can be closed apart from each other.

A minute belongs to one patient only, so everything a person worked must lie in one shard. People work for the practices of
the billers whose patients they log time for; practices that share anybody, or a patient, stay together.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from careledger.core.records import TABLES
from careledger.facts.schema import columns_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHARED_TABLES = ("practices", "people")
"""Tables without patients: every shard has them whole."""


def together(pairs: Iterable[tuple[str, str]], alone: Iterable[str]) -> dict[str, str]:
    """Groups of names linked by pairs: every name to the first name of its group, in the order of names.

    Args:
        pairs: names that belong together.
        alone: names that may have no pair.
    """
    parent: dict[str, str] = {name: name for name in alone}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one, other in pairs:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return {name: root(name) for name in sorted(parent)}


def spread(weights: dict[str, int], shards: int) -> dict[str, int]:
    """Every group's shard: the heaviest first, each to the lightest shard so far."""
    loads = [0] * shards
    placed = {}
    for group, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])):
        shard = loads.index(min(loads))
        placed[group] = shard
        loads[shard] += weight
    return placed


_IN_TURN = "(SELECT *, ROW_NUMBER() OVER () AS place FROM panel)"
"""The panel as it stands: of a patient's billers the first one listed has the first turn, so a shard keeps that order."""


def write_shards(con: DuckDBPyConnection, folder: Path, shards: int) -> list[Path]:
    """Write the open tables as folders of Parquet, one a shard; folders of shards without patients are left out.

    Args:
        con: a connection with every table of ``core.records.TABLES``, checked.
        folder: where the folders go.
        shards: how many at most.
    """
    _assign(con, shards)
    used = [row[0] for row in con.execute("SELECT DISTINCT shard FROM shard_of ORDER BY 1").fetchall()]
    for table in TABLES:
        for shard in used:
            target = folder / f"{shard:05d}"
            target.mkdir(parents=True, exist_ok=True)
            listed = ", ".join(f't."{name}"' for name, _ in columns_of(table))
            only = (
                ""
                if table in SHARED_TABLES
                else f"JOIN shard_of AS s ON s.patient_id = t.patient_id AND s.shard = {shard}"
            )
            rows, order = (_IN_TURN, "ORDER BY t.place") if table == "panel" else (table, "")
            con.execute(
                f"COPY (SELECT {listed} FROM {rows} AS t {only} {order}) TO '{_text(target / table)}.parquet' (FORMAT PARQUET)"
            )
    return [folder / f"{shard:05d}" for shard in used]


def _assign(con: DuckDBPyConnection, shards: int) -> None:
    """Leave ``shard_of``: patient to shard."""
    con.execute("""
        CREATE TEMP TABLE homes AS
        SELECT l.patient_id, COALESCE('practice ' || p.practice_id, 'person ' || l.biller_id) AS home
        FROM panel AS l LEFT JOIN people AS p ON p.person_id = l.biller_id
    """)
    pairs = con.execute("""
        SELECT DISTINCT 'worker ' || t."by", h.home FROM time_entries AS t JOIN homes AS h ON h.patient_id = t.patient_id
        UNION
        SELECT DISTINCT a.home, b.home FROM homes AS a JOIN homes AS b ON b.patient_id = a.patient_id AND a.home < b.home
        UNION
        SELECT DISTINCT 'worker ' || t."by", 'patient ' || t.patient_id FROM time_entries AS t
        WHERE t.patient_id NOT IN (SELECT patient_id FROM homes)
    """).fetchall()
    homes = dict(con.execute("SELECT patient_id, MIN(home) FROM homes GROUP BY 1").fetchall())
    strays = [row[0] for row in con.execute("SELECT patient_id FROM patients").fetchall() if row[0] not in homes]
    homes |= {patient: f"patient {patient}" for patient in strays}
    groups = together(pairs, homes.values())
    weights: dict[str, int] = {}
    counted = dict(con.execute("SELECT patient_id, COUNT(*) FROM time_entries GROUP BY 1").fetchall())
    for patient, home in homes.items():
        weights[groups[home]] = weights.get(groups[home], 0) + 1 + counted.get(patient, 0)
    placed = spread(weights, shards)
    table = pa.table(
        {
            "patient_id": pa.array(list(homes), pa.string()),
            "shard": pa.array([placed[groups[home]] for home in homes.values()], pa.int32()),
        }
    )
    con.register("incoming", table)
    con.execute("CREATE TEMP TABLE shard_of AS SELECT * FROM incoming")
    con.unregister("incoming")


def _text(path: Path) -> str:
    return str(path).replace("'", "''")
