"""Writing editorial acts; the workflow of ``careledger.library`` decides what may be done."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from careledger.core.errors import Place
from careledger.library.article import read_article
from careledger.library.load import LibraryError, load_library
from careledger.library.store import prepared
from careledger.library.workflow import Act, Event, after, state_of
from careledger.web.accounts.models import Membership
from careledger.web.audit.actions import record
from careledger.web.billing.queries import policy
from careledger.web.library.models import EditorialAct
from careledger.web.library.queries import history

PACKAGE = "careledger"
"""Author of the texts that came with the software: no user of a clinic."""


@transaction.atomic
def submit(*, acting_user: Membership, text: str) -> str:
    """Submit a version of a local article; its id. LibraryError when the text cannot be used or the id is ours."""
    article = read_article(text.replace("\r\n", "\n"), "article.md", local=True)
    if article.id in load_library().articles:
        raise LibraryError(
            Place("article.md", field="id"), "an article of the library has this id already",
            "give yours an id of its own; to add to ours, name it in 'overlays:'",
        )  # fmt: skip
    _write(acting_user, article.id, "submit", text=text.replace("\r\n", "\n"))
    return article.id


@transaction.atomic
def act(*, acting_user: Membership, article: str, act: Act, reason: str = "") -> None:
    """Do an act of the workflow on an article; one of ours first enters the clinic's history as it came."""
    _take_up(article)
    _write(acting_user, article, act, reason=reason)


def _take_up(article: str) -> None:
    """Let our present text stand as the newest version before the clinic acts on it."""
    ours = load_library().articles.get(article)
    if ours is None:
        return
    versions = state_of(history(article)).versions
    if not versions or versions[-1] != ours.text:
        _keep(Event(article=article, act="submit", by=PACKAGE, role="CareLedger", at=timezone.now(), text=ours.text))


def _write(acting_user: Membership, article: str, act: Act, text: str = "", reason: str = "") -> None:
    event = Event(
        article=article, act=act, by=str(acting_user.user_id), role=acting_user.get_role_display(),
        at=timezone.now(), text=text or None, reason=reason.strip() or None,
    )  # fmt: skip
    row = _keep(event)
    record(acting_user=acting_user, action=f"library.{act}", target=row, after={"article": article, "act": act})


def _keep(event: Event) -> Any:
    before = state_of(history(event.article))
    event = prepared(event, before, policy(), timezone.localdate())
    after(before, event)
    return EditorialAct.objects.create(
        article=event.article, act=event.act, by=event.by, role=event.role, at=event.at, text=event.text or "",
        reason=event.reason or "", fingerprint=event.fingerprint or "",
    )  # fmt: skip
