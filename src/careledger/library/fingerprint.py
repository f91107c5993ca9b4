"""The fingerprint of what an article rests on, and whether something of it has changed since it was verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from careledger.library.article import Article, Citation
from careledger.library.fill import named_values, value_of
from careledger.library.sources import sources_of
from careledger.policy.model import PolicyValue, Source
from careledger.policy.store import Policy


def cited_ids(article: Article) -> tuple[str, ...]:
    """Every policy value and source that an article cites or reads, sorted."""
    cited = {citation.id for claim in article.claims() for citation in claim.citations}
    texts = [article.reason, article.title, *(claim.text for claim in article.claims())]
    return tuple(sorted(cited | {id_ for text in texts for id_ in named_values(text)}))


def fingerprint(ids: Iterable[str], policy: Policy) -> str:
    """A hash of the whole history of every value named and of every source behind it."""
    rows: list[object] = []
    sources: set[str] = set()
    known = sources_of(policy)
    for id_ in sorted(set(ids)):
        timeline = _timeline(policy, id_)
        rows.append([id_, [_value_row(value) for value in timeline]])
        sources.update(source for value in timeline for source in value.cite)
        if id_ in known:
            sources.add(id_)
    rows += [_source_row(known[id_]) for id_ in sorted(sources) if id_ in known]
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()[:16]


def changed_since(article: Article, policy: Policy, today: date) -> tuple[str, ...]:
    """Why an article is stale: nothing when it is not."""
    reasons = []
    if article.fingerprint != fingerprint(cited_ids(article), policy):
        reasons.append("a cited value or source was changed after the article was verified")
    if article.last_verified is not None:
        reasons += _moved(article, policy, article.last_verified, today)
    if article.next_review is not None and article.next_review < today:
        reasons.append(f"its review was due on {article.next_review}")
    return tuple(reasons)


def _moved(article: Article, policy: Policy, verified: date, today: date) -> list[str]:
    """Values that another entry of the same timeline has replaced by the mere passing of time."""
    if verified == today:
        return []
    then, now = policy.on(verified), policy.on(today)
    pairs = ((id_, value_of(then, id_), value_of(now, id_)) for id_ in cited_ids(article))
    return [f"{id_} has another value since {new.since}" for id_, old, new in pairs if new is not None and new != old]


def _timeline(policy: Policy, id_: str) -> tuple[PolicyValue, ...]:
    cited = Citation(id_)
    own = policy.timeline(cited.name, cited.layer)
    return own or _kind_timeline(policy, cited) or policy.timeline(cited.name)


def _kind_timeline(policy: Policy, cited: Citation) -> tuple[PolicyValue, ...]:
    payer = policy.payers.get(cited.layer)
    return policy.timeline(cited.name, payer.kind) if payer is not None else ()


@lru_cache(maxsize=8192)
def _value_row(value: PolicyValue) -> tuple[object, ...]:
    return (
        str(value.since), str(value.until), value.value, value.cite, value.confirmed, value.disputed, value.absent,
        value.note, value.layer,
    )  # fmt: skip


def _source_row(source: Source) -> list[object]:
    """A source without the day it was last looked at: looking again changes nothing."""
    return [
        source.id,
        source.title,
        source.kind,
        source.issuer,
        source.locator,
        source.url,
        source.published,
        source.note,
    ]
