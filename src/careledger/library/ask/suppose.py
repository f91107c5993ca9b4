"""From a question to a supposed case: what was said becomes facts, the rest is assumed and listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from careledger.core.month import Month
from careledger.library.ask.lexicon import lexicon
from careledger.library.ask.question import Amount, Question
from careledger.library.ask.spec import Spec, Work, chip_data
from careledger.library.ask.work import work_named
from careledger.policy.view import PolicyView

_KINDS = {
    "staff.nurse": "rn", "staff.ma": "ma", "staff.pharmacist": "pharmacist", "staff.social_worker": "social_worker",
    "staff.dietitian": "dietitian", "staff.chw": "chw", "staff.navigator": "navigator", "staff.clerk": "clerical",
    "staff.student": "other", "staff.vendor": "rn", "staff.abroad": "rn", "staff.psychologist": "psychologist",
    "staff.np": "biller", "staff.pa": "biller", "staff.physician": "biller", "staff.director": "biller",
}  # fmt: skip
_OWN_CODES = frozenset(["99491", "99437", "99424", "99425", "99091", "G0181", "G0182", "G3002", "G3003"])
_CLOCKS = {
    "ccm": "clinical_staff_time",
    "pcm": "clinical_staff_time",
    "bhi": "clinical_staff_time",
    "cocm": "care_manager_time",
    "rpm": "treatment_time",
    "rtm": "treatment_time",
    "cpo": "time",
    "chi": "auxiliary_time",
    "pin": "auxiliary_time",
    "pain": "practitioner_time",
}
_WORKERS = {"cpo": "biller", "pain": "biller", "chi": "chw", "pin": "navigator"}
_DEFAULT_FAMILY = "ccm"


def programs_of(question: Question) -> tuple[str, ...]:
    """Engine programs that the question is about; CCM when it speaks of minutes alone."""
    families = lexicon().families
    found = [families[one].program for one in question.families if families[one].program is not None]
    if not found and question.has("place.hospice|place.home_health"):
        found = ["cpo"]
    return tuple(str(one) for one in dict.fromkeys(found)) or (_DEFAULT_FAMILY,)


def supposed(question: Question, view: PolicyView, choices: Mapping[str, str]) -> Spec:
    """The case a question supposes."""
    programs = programs_of(question)
    facts = dict(_facts(question, programs))
    known = chip_data()
    facts |= {id_: value for id_, value in choices.items() if id_ in known}
    work = _work(question, programs, view, facts)
    said = frozenset(facts) | (frozenset(["worker"]) if any(amount.who for amount in question.worked) else frozenset())
    codes = tuple(code for code in question.codes if view.policy.knows(f"codes.{code}.status"))
    codes = codes or _device_codes(programs[0], facts, view)
    return Spec(
        month=_month(question, view.day, choices), programs=programs, asked=codes, work=work, facts=facts, said=said,
        running=question.running,
    )  # fmt: skip


def _device_codes(program: str, facts: Mapping[str, str], view: PolicyView) -> tuple[str, ...]:
    """The code that days of data are about, where the question gives them and names none."""
    if "days" not in facts or program != "rpm":
        return ()
    short = view.peek("rpm.device.short_code")
    fits = facts["days"] != "16" and short is not None and not short.absent
    return (view.text("rpm.device.short_code" if fits else "rpm.device.code"),)


def _facts(question: Question, programs: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    payer = question.payer
    if payer is not None:
        yield "payer", "medicare_ffs" if payer == "medicare" else payer
    yield from _place(question)
    if question.setting is not None:
        yield "setting", question.setting
    if question.has("topic.one"):
        yield "conditions", "one"
    if question.has("topic.two|topic.three"):
        yield "conditions", "two"
    if question.counts.get("months_ago", 0) > 0:
        yield "visit", "old" if question.counts["months_ago"] > 12 else "recent"
    if question.has("topic.consent") and question.has("topic.missing"):
        yield "consent", "missing"
    if question.has("topic.death"):
        yield "died", "after"
    if question.has("topic.lowmdm"):
        yield "mdm", "low"
    elif question.has("topic.complex") or (asks_complex(question) and not question.worked):
        yield "mdm", "moderate"
    if question.has("staff.abroad"):
        yield "contractor", "abroad"
    elif question.has("staff.vendor"):
        yield "contractor", "yes"
    yield from _biller(question)
    days = question.counts.get("days")
    if days is not None and set(programs) & {"rpm", "rtm"}:
        yield "days", "16" if days >= 16 else "10" if days >= 2 else "1"


def asks_complex(question: Question) -> bool:
    """Is a code of complex CCM asked about? Minutes alone never make it so; the complexity is a fact of its own."""
    return bool(set(question.codes) & {"99487", "99489"})


def _place(question: Question) -> Iterator[tuple[str, str]]:
    place = question.place
    if place in ("snf", "hospital", "nursing_facility") and question.has("topic.partmonth"):
        yield "stay", "part"
    elif place in ("assisted_living", "nursing_facility", "snf", "home"):
        yield "residence", place
    elif place == "hospital":
        yield "stay", "during"
    elif place in ("home_health", "hospice"):
        yield "agency", place


def _biller(question: Question) -> Iterator[tuple[str, str]]:
    for concept, kind in (("staff.np", "np"), ("staff.pa", "pa")):
        if question.has(concept):
            yield "biller", kind


def _month(question: Question, on: date, choices: Mapping[str, str]) -> Month:
    """The month that was named, this one where it is not over, else the last that is over."""
    if "month" in choices:
        return Month.parse(choices["month"])
    if "year" in choices and choices["year"].isdigit():
        return Month(int(choices["year"]), 6 if int(choices["year"]) < on.year else max(1, on.month - 1))
    if question.month is not None:
        return question.month
    this = Month(on.year, on.month)
    return this if question.running else this.previous()


def _work(
    question: Question, programs: tuple[str, ...], view: PolicyView, facts: Mapping[str, str]
) -> tuple[Work, ...]:
    amounts = question.worked
    if not amounts:
        return tuple(one for program in programs if (one := _enough(program, question, view, facts)) is not None)
    return tuple(_one(amount, question, programs, facts, view) for amount in amounts)


def _one(
    amount: Amount, question: Question, programs: tuple[str, ...], facts: Mapping[str, str], view: PolicyView
) -> Work:
    families = lexicon().families
    named = families[amount.program].program if amount.program in families else None
    program = str(named) if named in programs else programs[0]
    return Work(
        _kind(amount.who, program, question, facts), program, amount.seconds, work_named(question, amount, view)
    )


def _enough(program: str, question: Question, view: PolicyView, facts: Mapping[str, str]) -> Work | None:
    """As much time as the first unit asks for, by whom it is usually done; nothing for programs without minutes."""
    own = _worker(program, question, facts) == "biller" and program in ("ccm", "pcm")
    name = f"{program}.{'practitioner_time' if own else _CLOCKS.get(program, '')}"
    ids = (f"{name}.first_unit_minutes", f"{name}.later_month_minutes")
    least = next((value.value for id_ in ids if (value := view.peek(id_)) is not None and not value.absent), None)
    if not isinstance(least, int):
        return None
    if program == "ccm" and facts.get("mdm") == "moderate":
        least = view.number("ccm.complex.first_unit_minutes")
    return Work(_worker(program, question, facts), program, least * 60)


def _worker(program: str, question: Question, facts: Mapping[str, str]) -> str:
    named = next(
        (row.concept for row in question.mentions if row.concept in _KINDS and _KINDS[row.concept] != "biller"), None
    )
    return _kind(named, program, question, facts)


def _kind(who: str | None, program: str, question: Question, facts: Mapping[str, str]) -> str:
    if who == "self":
        return "rn" if question.has("self.staff") else "biller"
    if who is not None and who in _KINDS:
        return _KINDS[who]
    if "worker" in facts:
        return facts["worker"]
    if set(question.codes) & _OWN_CODES and program in ("ccm", "pcm", "cpo", "pain", "rpm"):
        return "biller"
    return _WORKERS.get(program, "biller" if question.has("topic.personal") else "rn")


def assumptions(spec: Spec, question: Question) -> tuple[str, ...]:
    """What was taken for granted, a sentence each."""
    lines = [
        data.assumed
        for data in chip_data().values()
        if data.assumed is not None
        and data.id not in spec.said
        and _matters(data.programs, spec)
        and not _settled(data.id, spec)
    ]
    if any(amount.who == "self" for amount in question.worked) and not question.has("self.staff"):
        lines.append("'I' and 'my' are taken for the billing practitioner's own minutes.")
    if not question.worked and spec.work:
        minutes = " and ".join(f"{work.seconds // 60} minutes of {work.program.upper()}" for work in spec.work)
        lines.append(f"No time was given: exactly as much was supposed as the first unit asks for, {minutes}.")
    if question.month is None:
        lines.append(f"The month is {spec.month}, {'which is still running' if spec.running else 'and it is over'}.")
    lines.append("Everything else that the rules ask for is supposed to be met and documented.")
    return tuple(lines)


def _settled(id_: str, spec: Spec) -> bool:
    """Facts that something said makes needless to assume."""
    if id_ == "worker":
        return not any(work.program in ("ccm", "pcm") for work in spec.work)
    return id_ == "stay" and spec.fact("residence") == "snf"


def _matters(programs: tuple[str, ...], spec: Spec) -> bool:
    return not programs or bool(set(programs) & set(spec.programs))
