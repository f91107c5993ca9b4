"""``careledger library review``: the editorial workflow without the clinic application, over a file that only grows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from careledger.library.workflow import Act, Event

_STORE = click.option(
    "--store", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file of editorial acts; made when there is none."
)  # fmt: skip
_BY = click.option("--by", required=True, help="Who acts: an id; readers see the role only.")
_ROLE = click.option("--role", required=True, help="The role that readers see, such as 'certified coder'.")
_ACTS = ("begin-review", "comment", "approve", "send-back", "dispute", "supersede", "withdraw", "go-stale")


@click.group()
def review() -> None:
    """Submit, review and approve articles; a reviewer is never the author."""


@review.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_STORE
@_BY
@_ROLE
def submit(file: Path, store: Path, by: str, role: str) -> None:
    """Submit FILE (Markdown with front matter) as its article's next version."""
    from careledger.library.article import read_article
    from careledger.policy.strict_yaml import decoded

    text = decoded(file.read_bytes(), file.name)
    article = read_article(text, file.name, local=True)
    _do(store, Event(article=article.id, act="submit", by=by, role=role, at=datetime.now(UTC), text=text))


@review.command()
@click.argument("article_id", metavar="ID")
@click.argument("what", type=click.Choice(_ACTS))
@_STORE
@_BY
@_ROLE
@click.option("--reason", help="Why, or the comment; readers see it.")
def act(article_id: str, what: str, store: Path, by: str, role: str, reason: str | None) -> None:
    """Do an act of the workflow on an article; an approval first checks every claim against policy."""
    named: Act = what.replace("-", "_")  # type: ignore[assignment]
    _do(store, Event(article=article_id, act=named, by=by, role=role, at=datetime.now(UTC), reason=reason))


@review.command()
@click.argument("article_id", metavar="ID")
@_STORE
def history(article_id: str, store: Path) -> None:
    """The public history of an article: days, roles, acts, reasons."""
    from careledger.library.store import EditorialStore
    from careledger.library.workflow import history_lines

    for line in history_lines(EditorialStore(store).history(article_id)):
        click.echo(line)


@review.command()
@click.argument("article_id", metavar="ID")
@_STORE
@click.option("--from", "old", type=click.IntRange(1), help="A version; the one before the last when left out.")
@click.option("--to", "new", type=click.IntRange(1), help="A version; the last when left out.")
def diff(article_id: str, store: Path, old: int | None, new: int | None) -> None:
    """What changed between two versions."""
    from careledger.library.store import EditorialStore
    from careledger.library.workflow import difference

    versions = EditorialStore(store).state(article_id).versions
    count = len(versions)
    one, other = old or max(count - 1, 1), new or count
    if not 1 <= one <= count or not 1 <= other <= count:
        raise click.UsageError(f"{article_id} has {count} versions; name two of them with --from and --to")
    click.echo(difference(versions[one - 1], versions[other - 1]) or "no line differs")


@review.command("list")
@_STORE
def list_(store: Path) -> None:
    """Every article with its status; approved ones whose cited values have changed are told as stale."""
    from careledger.library.store import EditorialStore
    from careledger.policy import load_policy

    opened = EditorialStore(store)
    stale = set(opened.stale(load_policy()))
    for id_ in opened.articles():
        state = opened.state(id_)
        status = "stale" if id_ in stale else (state.status or "").replace("_", " ")
        click.echo(f"{id_}  {status}, {len(state.versions)} versions{f': {state.reason}' if state.reason else ''}")


def _do(store: Path, event: Event) -> None:
    from careledger.library.store import EditorialStore
    from careledger.policy import load_policy

    state = EditorialStore(store).add(event, load_policy(), event.at.date())
    click.echo(f"{event.article}: {(state.status or '').replace('_', ' ')}, version {len(state.versions)}")
