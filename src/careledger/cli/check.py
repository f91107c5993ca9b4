"""``careledger check``: decide one case, or several, and show the proof."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from careledger.policy import Policy


@click.command()
@click.argument("case", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--json", "as_json_", is_flag=True, help="The answer as JSON, in the shape of docs/case_format.md.")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day of asking: is the month over?")
@click.option("--all", "everything", is_flag=True, help="Show the requirements that are met for refused codes too.")
@click.option(
    "--contract", "contracts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A contract overlay of the clinic's own (see `policy overlay lint`).",
)  # fmt: skip
def check(case: Path, as_json_: bool, on: datetime | None, everything: bool, contracts: tuple[Path, ...]) -> None:
    """Decide CASE (YAML or JSON; - reads standard input) and show the proof.

    Exit status: 0 answered, 2 the case is malformed.
    """
    from careledger.engine.answer import as_json
    from careledger.engine.check import answer_case
    from careledger.engine.explain import explain
    from careledger.facts.case import cases_of
    from careledger.policy.strict_yaml import load, load_path

    document = load(sys.stdin.read(), "standard input") if str(case) == "-" else load_path(case)
    policy = _policy(contracts)
    cases = cases_of(document, policy.payers)
    answers = [answer_case(one, policy, on=on.date() if on else None) for one in cases]
    if as_json_:
        shown = [as_json(answer) for answer in answers]
        listed = "cases" in document.data
        click.echo(json.dumps(shown if listed else shown[0], indent=2, ensure_ascii=False))
        return
    for place, answer in enumerate(answers):
        if place:
            click.echo("\n" + "─" * 100 + "\n")
        for text, colour in explain(answer, policy, everything=everything):
            click.echo(_styled(text, colour))


def _policy(contracts: tuple[Path, ...]) -> Policy:
    if contracts:
        from careledger.policy.contract import policy_with  # only here: the parser is slow to start

        return policy_with(contracts)
    from careledger.policy import load_policy

    return load_policy()


def _styled(text: str, colour: str | None) -> str:
    if colour is None:
        return text
    return click.style(text, bold=True) if colour == "bold" else click.style(text, fg=colour)
