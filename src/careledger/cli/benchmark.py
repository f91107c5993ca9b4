"""``careledger benchmark``: export the published vignettes, answer them, score any system's answers."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.group()
def benchmark() -> None:
    """Export the vignettes, or score answers to them."""


@benchmark.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; to the screen when left out.")
@click.option("--without-answers", is_flag=True, help="Leave out what is expected, to hand to the system examined.")
def export(out: Path | None, without_answers: bool) -> None:
    """Write the published vignettes as one JSON document."""
    from careledger.library.benchmark.dataset import published, to_bytes

    data = published()
    raw = to_bytes(data)
    if without_answers:
        document = json.loads(raw)
        for row in document["vignettes"]:
            for key in ("expected", "name", "disputed"):
                del row[key]
        raw = json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"
    if out is None:
        click.echo(raw.decode(), nl=False)
        return
    out.write_bytes(raw)
    click.echo(f"{len(data.items)} vignettes, version {data.version}, written to {out}")


@benchmark.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def answer(out: Path) -> None:
    """Write CareLedger's own answers to OUT, in the form that 'score' reads."""
    from careledger.library.benchmark.dataset import our_answers, published
    from careledger.policy import load_policy

    sheet = our_answers(published(), load_policy())
    out.write_text(json.dumps(sheet, indent=1) + "\n", encoding="utf-8")
    click.echo(f"{len(sheet['answers'])} answers written to {out}")


@benchmark.command()
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_data", is_flag=True, help="The report as JSON.")
def score(answers: Path, as_data: bool) -> None:
    """Grade ANSWERS (JSON) by family, threshold and conflict; list vignettes whose sources disagree."""
    from careledger.library.benchmark.dataset import published
    from careledger.library.benchmark.score import as_json, read_sheet, report_text
    from careledger.library.benchmark.score import score as scored

    data = published()
    report = scored(read_sheet(answers, data), data)
    click.echo(json.dumps(as_json(report), indent=1) if as_data else report_text(report))
