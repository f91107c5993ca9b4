"""``careledger ask``: a question in plain words, answered with citations."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from careledger.library.ask import AskAnswer

_ROLES = ("physician", "care_manager", "biller", "medical_director", "compliance_officer", "patient")
_OTHER_ROLES = {"nurse": "care_manager", "doctor": "physician", "director": "medical_director", "compliance": "compliance_officer", "front_desk": "biller"}  # fmt: skip
_STYLES: dict[str, dict[str, bool | str]] = {
    "title": {"bold": True},
    "quiet": {"dim": True},
    "name": {"fg": "cyan"},
    "yes": {"fg": "green", "bold": True},
    "no": {"fg": "red", "bold": True},
    "open": {"fg": "yellow", "bold": True},
}


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--role",
    type=click.Choice((*_ROLES, *_OTHER_ROLES)),
    help="Who reads: changes wording and order, never the verdict.",
)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day of asking; today when left out.")
@click.option(
    "--choose", multiple=True, metavar="CHIP=VALUE", help="A fact the answer depends on, such as payer=medicaid."
)
@click.option(
    "--rephrase", is_flag=True, help="Reword the claims by the service in CARELEDGER_REPHRASE_URL; off by default."
)
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def ask(
    words: tuple[str, ...],
    role: str | None,
    day: datetime | None,
    choose: tuple[str, ...],
    rephrase: bool,
    as_json: bool,
) -> None:
    """Answer a question about billing for care management, from the rules, with citations."""
    from careledger.library.ask import ask as answer_to
    from careledger.library.ask.show import answer_text

    choices = dict(_choice(one) for one in choose)
    reader = _OTHER_ROLES.get(role or "", role)
    found = answer_to(" ".join(words), role=reader, on=day.date() if day else None, choices=choices)
    if rephrase:
        found = _reworded(found)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2, ensure_ascii=False))
        return
    click.echo(answer_text(found, min(shutil.get_terminal_size((100, 24)).columns, 110), _paint))


def _reworded(found: AskAnswer) -> AskAnswer:
    from careledger.library.ask.rephrase import rephrased, service_of

    service = service_of()
    if service is None:
        raise click.UsageError(
            "--rephrase: no service is named; set CARELEDGER_REPHRASE_URL, such as http://localhost:11434/v1"
        )
    answer, problem = rephrased(found, service)
    if problem is not None:
        click.echo(problem, err=True)
    return answer


def _choice(text: str) -> tuple[str, str]:
    chip, found, value = text.partition("=")
    if not found or not chip or not value:
        raise click.UsageError(f"--choose {text[:40]}: write CHIP=VALUE, such as payer=medicaid")
    return chip, value


def _paint(text: str, style: str) -> str:
    return click.style(text, **_STYLES.get(style, {}))  # type: ignore[arg-type]
