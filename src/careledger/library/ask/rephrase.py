"""An optional rewording of an answer by any OpenAI-compatible service; off unless asked for, and checked afterwards.

The service is given the answer and never the question, so that nothing a person typed leaves the machine. What comes back is
used only if every sentence keeps citation markers of the original, names no number, code or verdict that was not there, and
loses none of the claims; otherwise the original is shown.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from os import environ
from typing import Any

from careledger.core.errors import InputError, Place
from careledger.library.ask.model import AskAnswer, Statement


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: a redirect would take the key along to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_STRAIGHT = urllib.request.build_opener(_Straight)
SECONDS = 20
LARGEST = 200_000
_MARK = re.compile(r"\[(\d+)\]")
_NUMBER = re.compile(r"(?<!\[)\b[A-Z]?\d[\d,.]*\b(?!\])")
_SENTENCE = re.compile(r"[^.!?]*[^.!?\s][^.!?]*(?:[.!?]+(?:\s*\[\d+\])*|$)")
_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)")
_TASK = (
    "Reword each numbered claim in plain English for the reader named. Return JSON: an object with one key 'claims', a list of "
    "strings, one for each claim in the same order. Keep every citation marker such as [3] at the end of each sentence it supports. "
    "Add nothing: no fact, number, code or advice that the claim does not hold, and do not turn a yes into a no."
)
_NOT = re.compile(r"\b(?:not|no|never|none|cannot|without|neither|nor|nothing|bars?|barred|n't)\b|n't", re.I)


@dataclass(frozen=True, slots=True)
class Service:
    """Where to ask: the base address of an OpenAI-compatible service, the model and the key, if it wants one."""

    url: str
    model: str
    key: str | None = None


def service_of(settings: Mapping[str, str] = environ) -> Service | None:
    """The service that the environment names (CARELEDGER_REPHRASE_URL, _MODEL, _KEY); None when it names none."""
    url = settings.get("CARELEDGER_REPHRASE_URL", "").rstrip("/")
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise InputError(
            Place("CARELEDGER_REPHRASE_URL"), "this is no web address", "write https://host/v1 or leave it out"
        )
    return Service(url, settings.get("CARELEDGER_REPHRASE_MODEL", "default"), settings.get("CARELEDGER_REPHRASE_KEY"))


def rephrased(answer: AskAnswer, service: Service | None) -> tuple[AskAnswer, str | None]:
    """The answer with its claims reworded, or the answer as it was and why."""
    if service is None or not answer.claims:
        return answer, None
    try:
        texts = _asked(answer, service)
    except (OSError, urllib.error.URLError, ValueError, KeyError, IndexError, TypeError) as error:
        return answer, f"the rewording service gave no usable reply ({type(error).__name__}); the original is shown"
    problem = _problem(answer.claims, texts)
    if problem is not None:
        return answer, f"the rewording was not used: {problem}; the original is shown"
    claims = tuple(
        replace(claim, text=_MARK.sub("", text).strip()) for claim, text in zip(answer.claims, texts, strict=True)
    )
    return replace(answer, claims=tuple(_tidy(claim) for claim in claims)), None


def _asked(answer: AskAnswer, service: Service) -> list[str]:
    body = {
        "model": service.model,
        "temperature": 0,
        "messages": [{"role": "system", "content": _TASK}, {"role": "user", "content": _material(answer)}],
    }
    request = urllib.request.Request(
        f"{service.url}/chat/completions",
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {service.key}"} if service.key else {}),
        },
    )
    with _STRAIGHT.open(request, timeout=SECONDS) as reply:
        data: dict[str, Any] = json.loads(reply.read(LARGEST))
    content = json.loads(data["choices"][0]["message"]["content"])
    texts = content["claims"]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("claims are no list of strings")
    return texts


def _material(answer: AskAnswer) -> str:
    lines = [f"{claim.number}. {_marked(claim)}" for claim in answer.claims]
    reader = (answer.role or "reader").replace("_", " ")
    return f"Reader: {reader}\nVerdict, which stays: {answer.word}\nClaims:\n" + "\n".join(lines)


def _marked(claim: Statement) -> str:
    return f"{claim.text} {''.join(f'[{number}]' for number in claim.references)}".strip()


def _problem(claims: tuple[Statement, ...], texts: list[str]) -> str | None:
    """What is wrong with a rewording; None when nothing is."""
    if len(texts) != len(claims):
        return f"it has {len(texts)} claims instead of {len(claims)}"
    return next(
        (problem for claim, text in zip(claims, texts, strict=True) for problem in _problems(claim, text)), None
    )


def _problems(claim: Statement, text: str) -> Iterator[str]:
    marks = {int(number) for number in _MARK.findall(text)}
    allowed = set(claim.references)
    if not _MARK.sub("", text).strip():
        yield f"claim {claim.number} is empty"
    if marks - allowed:
        yield f"claim {claim.number} cites what it did not cite before"
    if allowed - marks:
        yield f"claim {claim.number} lost a citation"
    sentences = _SENTENCE.findall(_DECIMAL.sub("_", text))
    if allowed and any(not _MARK.search(sentence) for sentence in sentences):
        yield f"claim {claim.number} has a sentence without a citation"
    if set(_NUMBER.findall(_MARK.sub("", text))) - set(_NUMBER.findall(claim.text)):
        yield f"claim {claim.number} has a number or code that was not there"
    if bool(_NOT.search(text)) != bool(_NOT.search(claim.text)):
        yield f"claim {claim.number} may have turned its meaning round"


def _tidy(claim: Statement) -> Statement:
    return replace(claim, text=re.sub(r"\s+([.!?,;])", r"\1", re.sub(r"\s+", " ", claim.text)))
