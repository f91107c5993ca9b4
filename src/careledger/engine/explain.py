"""The readable proof: verdicts first, then the reasons with their marks and numbered sources, then what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from textwrap import wrap

from careledger.core.decision import CodeSet, Finding, Outcome
from careledger.core.money import dollars
from careledger.core.patient_month import PatientMonth
from careledger.engine.answer import Answer, Billable, Refused
from careledger.engine.judge import BLOCKING
from careledger.engine.wording import VERDICTS, clock_of, duration
from careledger.policy import Policy

MARKS: dict[Outcome, str] = {"met": "✓", "not_yet": "…", "unmet": "✗", "unknown": "?", "judgement": "⚖", "note": "·"}
WIDTH = 100
Colour = str


@dataclass(slots=True)
class Sheet:
    """Lines of text, each with a colour name for a terminal, and the sources numbered as they are first cited."""

    policy: Policy
    lines: list[tuple[str, Colour | None]] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)

    def add(self, text: str = "", colour: Colour | None = None) -> None:
        self.lines.append((text, colour))

    def paragraph(self, head: str, text: str, colour: Colour | None = None) -> None:
        """Text after a head, wrapped beneath itself."""
        rows = wrap(text, WIDTH - len(head), break_long_words=False) or [""]
        for place, row in enumerate(rows):
            self.add((head if place == 0 else " " * len(head)) + row, colour)

    def cited(self, cite: Iterable[str]) -> str:
        """``[1][3]`` for source ids."""
        return "".join(f"[{self.sources.setdefault(id_, len(self.sources) + 1)}]" for id_ in cite)


COLOURS: dict[str, Colour] = {"bill": "green", "not_yet": "yellow", "no": "red", "human_decides": "magenta"}
_OUTCOME_COLOURS: dict[Outcome, Colour | None] = {
    "met": None, "not_yet": "yellow", "unmet": "red", "unknown": "yellow", "judgement": "magenta", "note": None,
}  # fmt: skip


def explain(answer: Answer, policy: Policy, *, everything: bool = False) -> list[tuple[str, Colour | None]]:
    """The proof as lines of text, each with a colour or None.

    Args:
        everything: show the requirements that are met for refused codes too.
    """
    sheet = Sheet(policy)
    payer = policy.payers[answer.payer].says if answer.payer in policy.payers else answer.payer
    sheet.add(f"{answer.id} · service month {answer.month} · {payer.partition(';')[0].rstrip('.')}", "bold")
    sheet.add()
    for row in (*_verdicts_billed(answer), *_verdicts_refused(answer)):
        sheet.paragraph(*row)
    for line in answer.billable:
        _proof(sheet, line, answer)
    for item in answer.refused:
        _against(sheet, item, answer, everything)
    _alternatives(sheet, answer.alternatives)
    _warnings(sheet, answer.warnings)
    _sources(sheet)
    sheet.add()
    sheet.add(f"Policy {answer.policy_version}. Every reason rests on records of the case and on the sources above.")
    return sheet.lines


def _verdicts_billed(answer: Answer) -> Iterator[tuple[str, str, Colour]]:
    for line in answer.billable:
        money = "amount not known"
        if line.allowed_cents is not None:
            share = "not known" if line.patient_share_cents is None else dollars(line.patient_share_cents)
            money = f"{dollars(line.allowed_cents)} allowed, patient's share {share}"
        head = f"  {VERDICTS['bill']:<16}{line.decision.code} × {line.decision.units:<3}"
        yield head, f"{line.decision.practitioner}, dated {line.on}: {money}", COLOURS["bill"]


def _verdicts_refused(answer: Answer) -> Iterator[tuple[str, str, Colour]]:
    for item in answer.refused:
        first = item.because[0].says if item.because else ""
        text = item.next_step if item.verdict == "not_yet" and item.next_step else first
        yield f"  {VERDICTS[item.verdict]:<16}{item.code}       ", text, COLOURS[item.verdict]


def _proof(sheet: Sheet, line: Billable, answer: Answer) -> None:
    month = _month_of(answer, line.decision.practitioner)
    shown = [finding for other in _earlier(answer, line) for finding in other.decision.because]
    fresh = [finding for finding in line.decision.because if finding not in shown]
    sheet.add()
    sheet.add(f"{line.decision.code} × {line.decision.units}: why it is billable", "bold")
    if len(fresh) < len(line.decision.because):
        sheet.add("  ✓ what the codes above have in common with it")
    for finding in fresh:
        _finding(sheet, finding, month)


def _earlier(answer: Answer, line: Billable) -> list[Billable]:
    before = answer.billable[: answer.billable.index(line)]
    return [other for other in before if other.decision.practitioner == line.decision.practitioner]


def _against(sheet: Sheet, item: Refused, answer: Answer, everything: bool) -> None:
    month = _month_of(answer, item.practitioner)
    met = [finding for finding in item.decision.because if finding.outcome not in BLOCKING]
    sheet.add()
    sheet.add(f"{item.code}: why {'not yet' if item.verdict == 'not_yet' else 'not'} ({item.practitioner})", "bold")
    for finding in item.because:
        _finding(sheet, finding, month)
    if everything:
        for finding in met:
            _finding(sheet, finding, month)
    elif met:
        sheet.add(f"  ✓ {len(met)} other requirement{'s are' if len(met) > 1 else ' is'} met")
    if item.next_step:
        sheet.paragraph("  → ", item.next_step, COLOURS[item.verdict])


def _finding(sheet: Sheet, finding: Finding, month: PatientMonth | None) -> None:
    text = finding.says + _clock(finding, month)
    records = f" ({', '.join(finding.records)})" if finding.records else ""
    cited = sheet.cited(finding.cite)
    sheet.paragraph(
        f"  {MARKS[finding.outcome]} ", f"{text}{records} {cited}".rstrip(), _OUTCOME_COLOURS[finding.outcome]
    )


def _clock(finding: Finding, month: PatientMonth | None) -> str:
    """The clock a finding looked at, as it stands: a decision never says it, since equal decisions share words."""
    clocks = [name for name in finding.facts if name.endswith(("team_s", "own_s", "staff_s"))]
    if month is None or not clocks:
        return ""
    return f" (it stands at {duration(clock_of(month, clocks[0]))})"


def _alternatives(sheet: Sheet, alternatives: tuple[CodeSet, ...]) -> None:
    if not alternatives:
        return
    sheet.add()
    sheet.add("Other sets of codes", "bold")
    for codes in alternatives:
        named = " + ".join(f"{code} × {units}" for code, units in codes.codes)
        worth = "amount not known" if codes.allowed_cents is None else dollars(codes.allowed_cents)
        sheet.paragraph(f"  {'·' if codes.lawful else '✗'} ", f"{named}, {worth}: {codes.why_not_chosen}")


def _warnings(sheet: Sheet, warnings: tuple[Finding, ...]) -> None:
    if not warnings:
        return
    sheet.add()
    sheet.add("Heed", "bold")
    for note in warnings:
        step = f": {note.next_step}" if note.next_step else ""
        sheet.paragraph("  ! ", f"{note.says}{step} {sheet.cited(note.cite)}".rstrip(), "yellow")


def _sources(sheet: Sheet) -> None:
    if not sheet.sources:
        return
    sheet.add()
    sheet.add("Sources", "bold")
    for id_, number in sheet.sources.items():
        known = sheet.policy.sources.get(id_)
        text = id_ if known is None else f"{known.issuer}, {known.title}, {known.locator}"
        sheet.paragraph(f"  {f'[{number}]':<5} ", text)


def _month_of(answer: Answer, practitioner: str) -> PatientMonth | None:
    return next((month for month in answer.months if month.biller == practitioner), None)
