"""``careledger policy``: show, compare and check the rules in force."""

from __future__ import annotations

import shutil
import sys
from datetime import date, datetime
from pathlib import Path

import click

from careledger.policy import load_policy

_DAY = click.DateTime(["%Y-%m-%d"])
_STYLES: dict[str, dict[str, bool | str]] = {
    "title": {"bold": True},
    "name": {"fg": "cyan"},
    "quiet": {"dim": True},
    "doubt": {"fg": "yellow"},
}
_OVERLAYS = click.option(
    "--overlay", "overlays", multiple=True, metavar="ID", help="Lay a proposal over the rules, such as proposed_2027."
)
_PAYER = click.option(
    "--payer", default="medicare_ffs", show_default=True, metavar="ID", help="A payer kind or the id of an overlay."
)


@click.group()
def policy() -> None:
    """Show, compare and check the rules in force."""


@policy.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def lint(folder: Path | None) -> None:
    """Check every policy file, of the package or of FOLDER; exit status 1 when something must be mended."""
    from careledger.policy.lint import policy_lint
    from careledger.policy.load import DATA

    text, status = policy_lint(folder or DATA)
    click.echo(text, err=status != 0)
    sys.exit(status)


@policy.command()
@click.argument("code", required=False)
@click.option("--on", "day", type=_DAY, help="The date of service; today when left out.")
@_PAYER
@_OVERLAYS
def show(code: str | None, day: datetime | None, payer: str, overlays: tuple[str, ...]) -> None:
    """Every value that governs CODE on a day, with its sources; without CODE the names of all values."""
    from careledger.policy.render import index_text, shown_text
    from careledger.policy.show import show as shown

    loaded = load_policy()
    on = date.today() if day is None else day.date()  # noqa: DTZ011 - the user's own calendar day is meant
    if code is None:
        text = index_text(loaded, loaded.on(on, payer, overlays=overlays).ids(), _paint)
    else:
        text = shown_text(shown(loaded, code.upper(), on, payer, overlays=overlays), _width(), _paint)
    click.echo(text)


@policy.command()
@click.argument("first", type=_DAY)
@click.argument("second", type=_DAY)
@_PAYER
@_OVERLAYS
def diff(first: datetime, second: datetime, payer: str, overlays: tuple[str, ...]) -> None:
    """What changed between two days; overlays lie over the second day only."""
    from careledger.policy.diff import diff_text

    click.echo(diff_text(load_policy(), first.date(), second.date(), payer, _width(), _paint, overlays=overlays))


@policy.group()
def overlay() -> None:
    """Overlays of a clinic's own, such as a contract with a payer."""


@overlay.command("lint")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def overlay_lint_(file: Path) -> None:
    """Check a contract overlay; exit status 1 when something must be mended or a federal rule would be looser."""
    from careledger.policy.contract import overlay_lint

    text, status = overlay_lint(file)
    click.echo(text, err=status != 0)
    sys.exit(status)


def _paint(text: str, style: str) -> str:
    return click.style(text, **_STYLES[style])  # type: ignore[arg-type]  # click takes booleans and colour names alike


def _width() -> int:
    return min(shutil.get_terminal_size((100, 24)).columns, 120)
