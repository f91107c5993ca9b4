"""Two short questions with their own answers: what a code pays, and whether a kind of work counts."""

from __future__ import annotations

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
    return Draft(
        verdict="explains", reason=f"National Medicare amounts of {day.year} outside a facility: {first}; locality, setting and who bills move them.",
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
