"""``careledger library``: search, read, check and publish the cited articles."""

from __future__ import annotations

import shutil
import sys
from datetime import date, datetime
from pathlib import Path

import click

from careledger.cli.library_review import review
from careledger.policy import load_policy

_STYLES: dict[str, dict[str, bool | str]] = {"title": {"bold": True}, "quiet": {"dim": True}, "name": {"fg": "cyan"}}
_ROLES = ("physician", "care_manager", "biller", "medical_director", "compliance_officer", "patient")
_LOCAL = click.option(
    "--local", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A clinic's own articles and notes."
)
_DAY = click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day asked about; today when left out.")


@click.group()
def library() -> None:
    """Search, read, check and publish the cited articles."""


library.add_command(review)


@library.command("list")
@_LOCAL
def list_(local: Path | None) -> None:
    """Ids and titles of all articles."""
    from careledger.library.load import load_library

    articles = load_library(local).articles
    width = max(len(id_) for id_ in articles)
    for id_, article in sorted(articles.items(), key=lambda pair: (pair[1].family, pair[0])):
        click.echo(f"{_paint(id_.ljust(width), 'name')}  {article.title}")


@library.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=8, show_default=True, type=click.IntRange(1, 50))
@_LOCAL
def search(words: tuple[str, ...], limit: int, local: Path | None) -> None:
    """Find articles, codes, rules, policy values and sources."""
    from careledger.library.load import load_library
    from careledger.library.search import Index

    found = Index(load_library(local), load_policy().on(_today())).search(" ".join(words), limit=limit)
    for asked, read in found.mended:
        click.echo(_paint(f"'{asked}' read as '{read}'", "quiet"))
    for hit in found.hits:
        click.echo(f"{_paint(hit.kind.ljust(8), 'quiet')}{_paint(hit.id, 'name')}")
        click.echo(f"        {hit.title.partition('?')[0] if hit.kind == 'article' else hit.title}")
    if not found.hits:
        click.echo("nothing was found; try fewer words or a code")


@library.command()
@click.argument("article_id", metavar="ID")
@click.option("--role", type=click.Choice(_ROLES), help="Who reads: changes order and emphasis, never the verdict.")
@_DAY
@_LOCAL
def show(article_id: str, role: str | None, day: datetime | None, local: Path | None) -> None:
    """An article with its references."""
    from careledger.library.load import load_library
    from careledger.library.page import page
    from careledger.library.render import page_text

    view = load_policy().on(_today() if day is None else day.date())
    found = page(load_library(local), article_id, view, role)
    click.echo(page_text(found, min(shutil.get_terminal_size().columns, 100), _paint))


@library.command()
@_LOCAL
def lint(local: Path | None) -> None:
    """Check every claim against policy; exit status 1 when one must be mended."""
    from careledger.library.lint import lint_text
    from careledger.library.load import load_library

    text, status = lint_text(load_library(local), load_policy(), _today())
    click.echo(text, err=status != 0)
    sys.exit(status)


@library.command()
@click.argument("article_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def verify(article_ids: tuple[str, ...], folder: Path) -> None:
    """Record in FOLDER's files that articles were compared with what they cite today; 'all' means every one."""
    from careledger.library.load import FAMILIES, complete, family_notes, read_folder
    from careledger.library.verify import write_verified

    families = family_notes(FAMILIES)
    articles = {article.id: complete(article, families) for article in read_folder(folder)}
    asked = tuple(articles) if article_ids == ("all",) else article_ids
    unknown = [id_ for id_ in asked if id_ not in articles]
    if unknown:
        raise click.UsageError(f"{unknown[0]}: no article of the folder has this id; see 'careledger library list'")
    written = sum(write_verified(articles[id_], load_policy(), _today(), folder) for id_ in asked)
    click.echo(f"{written} of {len(asked)} articles recorded as verified on {_today()}")


@library.command()
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder.")
@_LOCAL
def site(out: Path, local: Path | None) -> None:
    """Build the documentation site, with a page per article and per code and a search that works offline."""
    from careledger.library.load import load_library
    from careledger.library.site import write_site

    pages = write_site(load_library(local), load_policy().on(_today()), out)
    click.echo(f"{pages} pages written; open {out / 'index.html'}")


@library.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_DAY
def reference(folder: Path, day: datetime | None) -> None:
    """Write the reference page of every code, from policy, into FOLDER as Markdown."""
    from careledger.library.load import load_library
    from careledger.library.site import write_reference

    view = load_policy().on(_today() if day is None else day.date())
    click.echo(f"{write_reference(load_library(), view, folder)} pages written to {folder}")


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the user's own calendar day is meant


def _paint(text: str, style: str) -> str:
    return click.style(text, **_STYLES.get(style, {}))  # type: ignore[arg-type]
