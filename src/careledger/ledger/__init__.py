"""The append-only, hash-chained time ledger, its anchor and its verification.

with create(Path("time.ledger"), time_zone="America/Chicago") as ledger:     # or Ledger(path)
    ledger.log(TimeEntry(...), recorded_by="rn-1")                           # Receipt(entry, is_new)
    ledger.replace("e1", TimeEntry(entry_id="e2", ...), reason="wrong end", recorded_by="rn-1")
    ledger.void("e2", entry_id="e3", reason="wrong patient", recorded_by="rn-1")
    write_anchor(anchor_of(ledger), Path("kept/elsewhere/anchor.json"))
    write_time_entries(ledger.current(), folder / "time_entries.parquet")    # what ``close`` reads
verify(path, [read_anchor(...)]).faults
"""

from careledger.ledger.admission import EntryRefused, days_late, is_late
from careledger.ledger.anchor import Anchor, anchor_of, read_anchor, write_anchor
from careledger.ledger.chain import Fault
from careledger.ledger.export import time_entries, write_time_entries
from careledger.ledger.store import Ledger, Receipt, create
from careledger.ledger.verify import Verification, verify

__all__ = [
    "Anchor",
    "EntryRefused",
    "Fault",
    "Ledger",
    "Receipt",
    "Verification",
    "anchor_of",
    "create",
    "days_late",
    "is_late",
    "read_anchor",
    "time_entries",
    "verify",
    "write_anchor",
    "write_time_entries",
]
