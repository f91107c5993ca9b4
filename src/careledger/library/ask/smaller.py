"""Two short questions with their own answers: what a code pays, and whether a kind of work counts."""

from __future__ import annotations

from datetime import date

from careledger.core.month import Month
from careledger.engine.money import price
from careledger.library.ask.draft import Draft, cited
from careledger.library.ask.lexicon import lexicon, tokens
from careledger.library.ask.question import Question
from careledger.library.ask.suppose import programs_of
from careledger.policy.view import PolicyView

_MEDICARE = (None, "medicare")
_PROGRAM_NAMES = {"ccm": "CCM", "cpo": "care plan oversight", "pcm": "PCM", "bhi": "behavioral health integration", "rpm": "RPM", "rtm": "RTM", "cocm": "collaborative care", "chi": "CHI", "pin": "PIN", "pain": "chronic pain management"}  # fmt: skip
_LEAST_LETTERS = 4
_LAST_DAY = date(2027, 12, 31)


def price_draft(question: Question, view: PolicyView) -> Draft | None:
    """National Medicare amounts of the codes asked about."""
    families = lexicon().families
    codes = question.codes or tuple(code for one in question.families for code in families[one].codes)
    day = Month(question.month.year, question.month.number).last_on if question.month is not None else view.day
    lines = []
    for code in codes:
        found = price(code, 1, view.policy.fees_day(day), view, setting=question.setting or "office")
        if found.allowed_cents is not None and found.patient_share_cents is not None and found.allowed_cents > 0:
            lines.append((code, found.allowed_cents, found.patient_share_cents))
    if not lines:
        return None
    source = f"pprrvu-{day.year}"
    claims = tuple(
        cited(
            f"{code}: Medicare allows {_dollars(allowed)} nationally in {day.year} outside a facility; once the deductible is met the "
            f"patient owes {_dollars(share)} of it",
            source,
        )
        for code, allowed, share in lines
    )
    first = ", ".join(f"{code} {_dollars(allowed)}" for code, allowed, _ in lines[:3])
    reason = f"National Medicare amounts of {day.year} outside a facility: {first}; locality, setting and who bills move them."
    if question.has("topic.copay"):
        owed = ", ".join(f"{_dollars(share)} for {code}" for code, _, share in lines[:3])
        reason = (
            f"Once the Part B deductible is met the patient owes {owed} ({day.year}, nationally, outside a facility), which a "
            "supplement or Medicaid may pay."
        )
    return Draft(
        verdict="explains", reason=reason,
        claims=claims, article=_price_article(question), codes=(),
        chips=(("payer", "medicare_ffs", question.payer == "medicare"), ("setting", question.setting or "office", question.setting is not None)),
    )  # fmt: skip


def _price_article(question: Question) -> str | None:
    families = lexicon().families
    if not question.families or question.families[0] == "ccm":
        return "ccm-payment"
    return families[question.families[0]].article


def work_draft(question: Question, view: PolicyView) -> Draft | None:
    """Does the work that was named count for the program's time?"""
    activity = _activity(question, view)
    if activity is None or question.has("topic.consent"):
        return None
    program = programs_of(question)[0]
    counts = view.counts(activity, program)
    if counts is None:
        return None
    known = view.activities()[activity]
    name = _PROGRAM_NAMES.get(program, program.upper())
    says = "counts" if counts else "does not count"
    others = [
        other for other in ("ccm", "cpo") if other != program and view.counts(activity, other) not in (None, counts)
    ]
    more = [
        cited(f"For {_PROGRAM_NAMES[other]} it is the other way round: there it {'counts' if not counts else 'does not count'}", f"activities.{other}_counts")
        for other in others
    ]  # fmt: skip
    article = {"ccm": "time-that-counts" if counts else "time-that-never-counts", "cpo": "oversight-what-counts"}
    text = f"Time spent on this ({known.says}) {says} for {name}"
    return Draft(
        verdict="yes" if counts else "no", reason=f"{text}{'' if not counts else ', when it is dated, timed and done by someone whose time counts'}.",
        claims=(cited(text, f"activities.{program}_{'counts' if counts else 'never'}"), *more),
        article=article.get(program),
    )  # fmt: skip


def gone_draft(question: Question, view: PolicyView) -> Draft | None:
    """A code that was named and is none on the day, or in the month, that is asked about."""
    day = view.day if question.month is None else question.month.last_on
    gone = [code for code in question.codes if not _stands(code, day, view)]
    return _history(gone[0], day, view, question) if gone else None


def misspelt_draft(question: Question, view: PolicyView) -> Draft | None:
    """A code that these rules do not hold and that differs in one place from one that they do."""
    known = set(view.policy.codes())
    strange = [code for code in question.codes if code not in known]
    near = [(code, alike) for code in strange for alike in sorted(known) if _one_apart(code, alike, view)]
    if not near or len(strange) < len(question.codes):
        return None
    code, alike = near[0]
    says = f"{alike} is {view.code(alike).says}"
    return Draft(
        verdict="no", reason=f"{code} is no code that these rules hold; if {alike} is meant: {says}.",
        claims=(cited(says, f"codes.{alike}.status"),), article=_price_article(question),
    )  # fmt: skip


def _one_apart(code: str, alike: str, view: PolicyView) -> bool:
    unlike = sum(1 for one, other in zip(code, alike, strict=False) if one != other)
    return (
        len(code) == len(alike)
        and unlike == 1
        and bool(view.code(alike).exists)
        and view.code(alike).family is not None
    )


def history_draft(question: Question, view: PolicyView) -> Draft | None:
    """When a code that was named alone is, or was, a code of Medicare's."""
    return _history(question.codes[0], view.day, view, question) if len(question.codes) == 1 else None


def _stands(code: str, day: date, view: PolicyView) -> bool:
    """Is the code one on the day? Codes that policy does not hold are not judged."""
    rows = view.policy.timeline(f"codes.{code}.status") if view.policy.knows(f"codes.{code}.status") else ()
    return not any(row.absent and row.since <= day and (row.until is None or day <= row.until) for row in rows)


def _history(code: str, day: date, view: PolicyView, question: Question) -> Draft | None:
    name = f"codes.{code}.status"
    held = [row for row in view.policy.timeline(name) if not row.absent] if view.policy.knows(name) else []
    if not held:
        return None
    until = held[-1].until
    period = f"from {held[0].since}" + (f" to {until}" if until is not None and until < _LAST_DAY else " on")
    says = f"{code} ({view.code(code).says}) is a code of Medicare's {period}"
    now = next(
        (row for row in view.policy.timeline(name) if row.absent and row.since <= day <= (row.until or day)), None
    )
    why = "" if now is None else f", and none on {day}" + (f": {now.note}" if now.note else "")
    return Draft(
        verdict="explains" if now is None else "no", reason=f"{says}{why}.", claims=(cited(says, name),),
        article=_price_article(question),
    )  # fmt: skip


def _activity(question: Question, view: PolicyView) -> str | None:
    """The kind of work that was named, in our words or in the longest wording of policy's that stands there."""
    named = next(
        (row.concept.removeprefix("act.") for row in question.mentions if row.concept.startswith("act.")), None
    )
    if named is not None:
        return named
    text = f" {' '.join(question.words)} "
    best = ""
    for wording in view.policy.wordings():
        plain = " ".join(token.word for token in tokens(wording))
        if len(plain) >= _LEAST_LETTERS and len(plain) > len(best) and f" {plain} " in text:
            best = plain
    if not best:
        return None
    return next(
        id_ for wording, id_ in view.policy.wordings().items() if " ".join(t.word for t in tokens(wording)) == best
    )


def _dollars(cents: int) -> str:
    return f"${cents / 100:,.2f}"
