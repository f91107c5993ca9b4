"""Questions that get a short honest reply instead of an answer, and names of people, which are never passed on."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from careledger.library.ask.draft import Draft
from careledger.library.ask.lexicon import DATA, lexicon
from careledger.library.ask.question import Question
from careledger.library.ask.understand import LONGEST, everyday
from careledger.policy.strict_yaml import load_path

_TITLED = re.compile(r"\b(?:[Mm]r|[Mm]rs|[Mm]s|[Mm]iss|[Dd]r|[Mm]x)\.?\s+[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?")
_TITLED_SMALL = re.compile(r"\b(?:mr|mrs|ms|mx)\b\.?\s+[a-z][\w'’-]+")
_CALLED = re.compile(
    r"\b((?:[Pp]atient|[Pp]t|[Mm]ember|[Rr]esident|[Nn]ame(?:d)?(?: is)?|[Cc]alled|[Mm]y (?:mother|father|mom|dad|husband|wife))[:,]?\s+)"
    r"((?!(?:Medicare|Medicaid|Humana|Aetna|CCM|PCM|RPM|TCM|Does|Is|Can|In|On|For|With|And|Has|BHI)\b)[A-Z][a-z'’-]+(?:\s+[A-Z][a-z'’-]+)+)"
)
_NUMBERS = re.compile(
    r"\b(?:DOB|dob|born(?: on)?|[Bb]irth ?date|date of birth|MRN|mrn|MBI|mbi|member id|[Mm]ember number|SSN|ssn)[:#\s]*[\w/.-]*\d[\w/-]*"
    r"|\b\d{3}-\d{2}-\d{4}\b|\b\d{1,2}/\d{1,2}/(?:19|20)\d\d\b|\b[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d\d\b"
)
_NAMES = re.compile(r"(?<![.?!]\s)(?<!^)\b([A-Z][a-z]+)\s+([A-Z][a-z]+)(?:'s|’s)?\b")
_MARKUP = re.compile(r"<\s*(?:script|img|iframe|svg)|javascript:|drop\s+table|union\s+select|\{\{|\$\{|\.\./", re.I)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instructions?|rules|prompt|above|previous)|system prompt|you are now|jailbreak",
    re.I,
)
_ENOUGH = 2
_PATIENTS = frozenset(["patient", "pt", "member", "resident", "named", "name", "called", "for"])


def without_names(text: str) -> tuple[str, bool]:
    """The text with names, birth dates and numbers of people left out, and whether there were any."""
    plain = _NUMBERS.sub("the patient", text)
    plain = _TITLED_SMALL.sub("the patient", _TITLED.sub("the patient", plain))
    plain = _CALLED.sub(r"\1", plain)
    plain = _NAMES.sub(lambda match: match[0] if _is_term(match[1], match[2]) else "the patient", plain)
    return plain, plain != text


def _is_term(*words: str) -> bool:
    """Are both words those of the field, such as ``Medicare Advantage``?"""
    return any(word.lower() in _terms() or word.lower().rstrip("s") in _terms() for word in words)


def _terms() -> frozenset[str]:
    return lexicon().words | everyday()


def refused(text: str, question: Question) -> Draft | None:
    """A short reply to what is no question for this library; None for one that is."""
    if len(text) > LONGEST:
        return _reply(
            f"The question is longer than {LONGEST:,} characters. Ask one thing at a time, in a sentence or two, without records of patients."
        )
    if not text.strip() or not question.words:
        return _reply("Nothing was asked. Ask in a sentence, such as: can 99490 and 99495 be billed in the same month?")
    if _MARKUP.search(text) or _ORDERS.search(text):
        return _reply("That is not a question about billing for care management. Nothing in it was carried out.")
    if _foreign(text, question):
        return _reply("Only questions in English are read so far. Solo se leen preguntas en inglés.")
    return None


def _foreign(text: str, question: Question) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    beyond = sum(1 for sign in letters if ord(sign) > 0x24F)
    if letters and beyond > len(letters) / 3:
        return True
    words = re.findall(r"[^\W\d_]+", text.lower())
    common = _common_words()
    foreign = sum(word in common["foreign"] for word in words)
    return foreign >= _ENOUGH and foreign > sum(word in common["english"] for word in words)


@lru_cache(maxsize=1)
def _common_words() -> dict[str, frozenset[str]]:
    data = load_path(DATA / "everyday.yaml").data
    return {key: frozenset(str(word) for word in data[key]) for key in ("foreign", "english")}


def _reply(reason: str) -> Draft:
    return Draft(verdict="unknown", reason=reason)


def may_name(question: Question) -> bool:
    """Do words that no text of the field uses stand where a name would, so that the question is better not repeated?"""
    known = _terms()
    strange = [not (word in known or any(sign.isdigit() for sign in word)) for word in question.words]
    after_patient = any(odd and before in _PATIENTS for before, odd in zip(question.words, strange[1:], strict=False))
    return after_patient or any(one and other for one, other in pairwise(strange))
