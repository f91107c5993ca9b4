"""DuckDB as the house uses it: for the length of a piece of work, and without a word on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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
