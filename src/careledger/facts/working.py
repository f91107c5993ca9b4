"""DuckDB as the house uses it: for the length of a piece of work, and without a word on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Answer = TypeVar("Answer")


def working_database(path: str = ":memory:", **config: Any) -> DuckDBPyConnection:
    """A DuckDB connection; closed when its ``with`` block ends.

    DuckDB draws a progress bar on standard output as soon as a statement takes two seconds, into whatever a command
    prints there. Our own progress is told elsewhere.

    Args:
        path: file of the database; in memory by default.
        config: settings of DuckDB, such as ``memory_limit``.
    """
    import duckdb  # only here: a quarter of a second of start-up, which one case does not need

    con = duckdb.connect(path, config=config)
    con.execute("SET enable_progress_bar = false")
    return con


def lanes(con: DuckDBPyConnection) -> list[DuckDBPyConnection]:
    """Connections to the same database, one for each statement that may run at a time.

    Two where DuckDB has several threads: a statement that can use one of them only leaves the others to its neighbour.
    """
    threads = con.execute("SELECT current_setting('threads')").fetchall()[0][0]
    return [con] if threads == 1 else [con, con.cursor()]


def side_by_side(con: DuckDBPyConnection, acts: Iterable[Callable[[DuckDBPyConnection], Answer]]) -> list[Answer]:
    """Do several things on one database that do not touch each other, as many at a time as there are lanes.

    Temporary tables belong to one connection, so no act may use those of another.

    Args:
        con: the connection.
        acts: each is given a connection of its own; begun in the order given.

    Returns:
        What they returned, in the same order. What one raises is raised when the others have ended.
    """
    from concurrent.futures import ThreadPoolExecutor  # only here, as duckdb
    from queue import SimpleQueue

    free: SimpleQueue[DuckDBPyConnection] = SimpleQueue()
    found = lanes(con)
    for lane in found:
        free.put(lane)

    def act_on(act: Callable[[DuckDBPyConnection], Answer]) -> Answer:
        lane = free.get()
        try:
            return act(lane)
        finally:
            free.put(lane)

    with ThreadPoolExecutor(len(found)) as workers:
        return list(workers.map(act_on, acts))
