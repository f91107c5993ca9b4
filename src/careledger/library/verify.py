"""Write down that a person has compared an article with what it cites: its day and fingerprint."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from careledger.library.article import Article
from careledger.library.fingerprint import cited_ids, fingerprint
from careledger.policy.store import Policy


def verified_text(article: Article, policy: Policy, day: date) -> str:
    """The article's file with the fingerprint of today's values and the day; nothing else is touched."""
    text = _set(article.text, "fingerprint", f'"{fingerprint(cited_ids(article), policy)}"')
    return _set(text, "last_verified", str(day))


def write_verified(article: Article, policy: Policy, day: date, folder: Path) -> bool:
    """Rewrite the article's file in a folder; False when it was up to date already."""
    text = verified_text(article, policy, day)
    if text == article.text:
        return False
    (folder / article.file).write_text(text, encoding="utf-8")
    return True


def _set(text: str, key: str, value: str) -> str:
    """Put a value into the front matter, as a new last line where the key is not yet there."""
    line = re.compile(rf"^{key}:.*$", re.M)
    head, mark, body = text.removeprefix("---\n").partition("\n---")
    head = line.sub(f"{key}: {value}", head) if line.search(head) else f"{head}\n{key}: {value}"
    return f"---\n{head}{mark}{body}"
