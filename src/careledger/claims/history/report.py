"""What an import of history read, kept and left, and why; ids and counts only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from careledger.core.money import dollars


@dataclass(slots=True)
class HistoryReport:
    """Counts of one import.

    Attributes:
        files: files that could be read.
        refused: files that could not be read at all, each with its reason.
        left: (why) to how many lines were not kept.
        standing: lines of all imports so far that stand as billed: not denied, taken back or replaced.
    """

    files: int = 0
    refused: list[str] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    new: int = 0
    already_there: int = 0
    left: Counter[str] = field(default_factory=Counter)
    findings: int = 0
    added_patients: int = 0
    standing: int = 0
    not_standing: Counter[str] = field(default_factory=Counter)
    charged_cents: int = 0
    paid_cents: int = 0

    @property
    def exit_status(self) -> int:
        """0 when everything was kept, 1 when something was left or refused, 2 when no file could be read."""
        if not self.files:
            return 2
        return 1 if self.left or self.refused else 0

    def lines(self) -> list[str]:
        """The report in lines for people."""
        told = [
            f"{self.files:,} files read: {self.read['billed']:,} lines billed, {self.read['answered']:,} lines answered; "
            f"{self.new:,} new, {self.already_there:,} there already"
        ]
        told += [f"left: {count:,} lines, {why}" for why, count in sorted(self.left.items())]
        told += [f"refused: {one}" for one in self.refused]
        if self.findings:
            told.append(f"{self.findings:,} findings of structure or balance; see 'remit show' and 'claims check'")
        if self.added_patients:
            told.append(f"{self.added_patients:,} patients added")
        told.append(
            f"history now: {self.standing:,} services stand as billed, {dollars(self.charged_cents)} charged, "
            f"{dollars(self.paid_cents)} paid"
        )
        return told + [f"  not counted as billed: {count:,} {why}" for why, count in sorted(self.not_standing.items())]
