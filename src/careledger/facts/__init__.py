"""Facts: from the tables of a practice to one ``PatientMonth`` per patient and billing practitioner, in SQL.

There is one SQL program (``sql/*.sql``, small named steps) for one patient and for millions. Who calls what:

    records = {"patients": [Patient(...)], "time_entries": [TimeEntry(...)], ...}     # keys are those of core TABLES
    for month, evidence in facts_for_case(records, Month.parse("2026-03"), policy):   # one case: a list, panel order
        ...
    for case in case_facts(records, month, policy, as_of=day, through=day):            # the same by name, asked of a day
        case.month, case.evidence

    schema.create_tables(con)              # every table of core TABLES, empty, in a DuckDB connection
    schema.load_records(con, records)      # fill them from records (a single case)
    tables.open_folder(con, folder, ...)   # fill them from a folder of CSV or Parquet (batch): see below
    program.run(con, month, policy, ...)   # the SQL program; leaves tables ``months`` and ``program_months``

What whoever fills the tables must leave in the connection: for every table of ``core.records.TABLES`` one relation (table
or view) of that name, with the columns of ``schema.columns_of(table)`` in any order and the types of
``schema.sql_type_of``; a table without a file stays empty. ``tuple[str, ...]`` is text, parts separated by one space;
an empty tuple is the empty text, unknown is NULL. Keys hold: ids are unique in ``practices``, ``people``, ``patients``
and ``time_entries``, a patient and biller stand once in ``panel``, references resolve. Times are whole seconds, an entry
ends after it starts.

``evidence`` names the records behind a fact: a time entry by its id, any other record by its table and its place among
the rows given, from zero, such as ``consents[0]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from careledger.facts.single import CaseFacts, case_facts, facts_for_case

__all__ = ["CaseFacts", "case_facts", "facts_for_case"]


def __getattr__(name: str) -> Any:
    """The single-case functions, imported when first used, so that importing the package costs no DuckDB."""
    if name in __all__:
        from careledger.facts import single

        return getattr(single, name)
    raise AttributeError(name)
