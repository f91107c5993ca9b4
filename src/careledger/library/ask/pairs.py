"""Two services, or two codes, asked about together: the pair table's word."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from careledger.library.article import Claim
from careledger.library.ask.draft import Draft, cited
from careledger.library.ask.lexicon import lexicon
from careledger.library.ask.model import Verdict
from careledger.library.ask.question import Question
from careledger.policy.model import STRICTEST_FIRST, Conflict, PolicyValue
from careledger.policy.view import PolicyView

_VERDICTS: dict[str, Verdict] = {
    "no": "no", "human": "person_decides", "modifier": "yes", "yes_separate_minutes": "yes", "yes": "yes",
}  # fmt: skip
_SAYS = {
    "no": "cannot both be paid",
    "human": "are not settled by any source that was found; a person must decide",
    "modifier": "can both be paid, with a modifier where they share a day",
    "yes_separate_minutes": "can both be paid when each has minutes of its own: no minute counts twice",
    "yes": "can both be paid",
}
_WHO = {
    "self": "by one practitioner for one patient in one month",
    "group": "by two practitioners of one group for one patient in one month",
    "other": "by practitioners of different practices for one patient in one month",
}
_FEWEST = 2
_RELATIONS = ("self", "group", "other")
Pair = tuple[str, str]


def pair_draft(question: Question, view: PolicyView, relation: str | None) -> Draft | None:
    """The answer for everything that was named together; None when the table has no row for any of it."""
    who = relation if relation in _RELATIONS else "self"
    rows = [(pair, found) for pair in _pairs(question) if (found := _strictest(pair, who, view)) is not None]
    if not rows:
        return None
    pair, (row, value) = min(rows, key=lambda one: STRICTEST_FIRST.index(str(one[1][1].value)))
    answer = str(value.value)
    claims = tuple(claim for pair_, found in rows for claim in _claims(pair_, found, who, view))
    codes = (
        tuple((code, 1) for code in dict.fromkeys(code for one, _ in rows for code in one)) if answer != "no" else ()
    )
    return Draft(
        verdict=_VERDICTS[answer],
        reason=f"{_both(pair)} {_SAYS[answer]} {_WHO[who]}{_note(value)}.",
        claims=claims,
        article=_article(question, row),
        codes=codes if _VERDICTS[answer] == "yes" else (),
        chips=(("relation", who, relation is not None),),
    )


def versus_draft(question: Question, view: PolicyView) -> Draft | None:
    """What each of several codes is, for a question about their difference; then whether they go together."""
    pairs = tuple(_pairs(question))
    codes = tuple(dict.fromkeys(code for pair in pairs for code in pair))
    known = [code for code in codes if view.has(f"codes.{code}.status")]
    if len(known) < _FEWEST:
        return None
    says = [f"{code} is {view.code(code).says}" for code in known]
    rows = [(pair, found) for pair in pairs if (found := _strictest(pair, "self", view)) is not None]
    together = tuple(claim for pair, found in rows for claim in _claims(pair, found, "self", view))
    return Draft(
        verdict="explains", reason=f"{'; '.join(says)}.",
        claims=(*(cited(line, f"codes.{code}.status") for line, code in zip(says, known, strict=True)), *together),
        article=_article(question, rows[0][1][0]) if rows else None,
    )  # fmt: skip


def _pairs(question: Question) -> Iterator[Pair]:
    """Codes to compare: those written, and the usual code of every family named in words alone."""
    families = lexicon().families
    codes = list(question.codes)
    for one in question.families:
        if not any(code in families[one].codes for code in codes):
            codes.append(families[one].codes[0])
    if question.has("topic.complex") and "99487" not in codes and "99490" in codes and "99490" not in question.codes:
        codes[codes.index("99490")] = "99487"
    yield from combinations(dict.fromkeys(codes), 2)


def _strictest(pair: Pair, who: str, view: PolicyView) -> tuple[Conflict, PolicyValue] | None:
    found = view.conflicts(*pair, who)
    monthly = [row for row in found if row[0].per == "month"]
    return monthly[0] if monthly else found[0] if found else None


def _claims(pair: Pair, found: tuple[Conflict, PolicyValue], who: str, view: PolicyView) -> Iterator[Claim]:
    row, value = found
    yield cited(f"{_both(pair)} {_SAYS[str(value.value)]} {_WHO[who]}{_note(value)}", f"conflicts.{row.id}.{who}")
    if who != "self":
        return
    for other in ("group", "other"):
        elsewhere = _strictest(pair, other, view)
        if elsewhere is not None and elsewhere[1].value != value.value:
            says = _SAYS[str(elsewhere[1].value)]
            yield cited(
                f"{_both(pair)} {says} {_WHO[other]}{_note(elsewhere[1])}", f"conflicts.{elsewhere[0].id}.{other}"
            )
    for dated, answer in view.conflicts(*pair, who):
        if dated.per != "month" and str(answer.value) in ("no", "modifier") and value.value not in ("no", "human"):
            says = (
                "not on the same date of service"
                if answer.value == "no"
                else "on one date of service only with a modifier"
            )
            yield cited(f"{_both(pair)}: {says}", f"conflicts.{dated.id}.{who}")


def _both(pair: Pair) -> str:
    families = [lexicon().family_of(code) for code in pair]
    named = [
        f"{code} ({family.says})" if family is not None else code for code, family in zip(pair, families, strict=True)
    ]
    if families[0] is not None and families[0] is families[1]:
        named = [pair[0], pair[1]]
    return f"{named[0]} and {named[1]}"


def _note(value: PolicyValue) -> str:
    return f" ({value.note})" if value.note else ""


_ARTICLES = {
    "ccm_cpo": "oversight-and-ccm", "ccm_tcm": "tcm-and-ccm", "ccm_bhi": "ccm-and-bhi", "ccm_pcm": "pcm-beside-ccm",
    "ccm_rpm": "rpm-and-ccm", "ccm_rpm_device": "rpm-and-ccm", "ccm_apcm": "apcm-or-ccm", "ccm_esrd": "dialysis",
    "home_health_chi": "chi-home-health", "ccm_second_practitioner": "ccm-two-practices", "ccm_staff_own": "ccm-own-time",
    "ccm_staff_complex": "ccm-complex", "ccm_own_complex": "ccm-complex", "ccm_cpo_cpt": "ccm-program-oversight",
    "any_prolonged": "never-payable", "any_conference": "never-payable", "ccm_calls": "calls-and-check-ins",
    "apcm_base_add_on": "apcm-behavioral", "apcm_add_ons": "apcm-behavioral", "apcm_bhi": "apcm-behavioral",
}  # fmt: skip


def _article(question: Question, row: Conflict) -> str | None:
    if row.id in _ARTICLES:
        return _ARTICLES[row.id]
    families = lexicon().families
    return families[question.families[0]].article if question.families else None
