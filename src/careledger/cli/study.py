"""``careledger study``: the published figures of care management, reproduced from Medicare-shaped claims."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click


@click.command()
@click.option(
    "--claims",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Folder (or file) of Tuva, CMS carrier or DE-SynPUF claims.",
)
@click.option(
    "--enrollment",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Folder (or file) of eligibility or beneficiary files.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for figures.csv, study.html and study.pdf.",
)
@click.option("--threads", type=click.IntRange(1), help="Cores to use; all when not given.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day printed; today when not given.")
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True)
@click.option(
    "--parts", type=click.IntRange(1), default=16, show_default=True, help="Into how many parts Spark deals people."
)
@click.option("--master", default="local[*]", show_default=True, help="The Spark master.")
def study(
    claims: Path,
    enrollment: Path,
    out: Path,
    threads: int | None,
    as_of: datetime | None,
    engine: str,
    parts: int,
    master: str,
) -> None:
    """Eligible people, any-CCM rate and its cuts, months, code mix, practitioners, attribution, money, OIG's overlap tests.

    Files are CSV (plain or gzipped, any delimiter) or Parquet. Memory is bounded; what does not fit is spilled.
    """
    from careledger.documents.report import report_html, report_pdf
    from careledger.documents.study_report import study_report
    from careledger.oversight.study.run import run_study, write_figures
    from careledger.policy import load_policy

    today = as_of.date() if as_of else date.today()  # noqa: DTZ011 - the day printed
    policy = load_policy()
    out.mkdir(parents=True, exist_ok=True)
    if engine == "spark":
        from careledger.oversight.study.spark import study_on_spark

        found = study_on_spark(claims, enrollment, today, out, parts=parts, master=master)
    else:
        found = run_study(claims, enrollment, policy, today, threads=threads)
    report = study_report(found, policy, today)
    write_figures(found, out / "figures.csv")
    (out / "study.html").write_text(report_html(**report), encoding="utf-8")
    (out / "study.pdf").write_bytes(report_pdf(**report))
    for name, shape in found.loaded.files:
        click.echo(f"read {name} ({shape})")
    for words in found.loaded.notes:
        click.echo(f"  {words}")
    click.echo(
        f"lines of care management: {', '.join(f'{code} {count:,}' for code, count in found.lines_by_code.items()) or 'none'}"
    )
    for figure in found.of("any_ccm_rate"):
        rate = (
            "nobody eligible: no rate"
            if figure.value is None
            else f"{figure.value:.2f}% ({figure.low:.2f} to {figure.high:.2f})"
        )
        click.echo(f"{figure.year}: any CCM {rate}; {figure.numerator:,.0f} of {figure.denominator:,} eligible people")
    for figure in found.of("eligible") if not found.loaded.has_services else ():
        click.echo(
            f"{figure.year}: {figure.numerator:,.0f} eligible people; without professional claims no rate is known"
        )
    click.echo(f"written to {out}: figures.csv ({len(found.figures)} figures), study.html, study.pdf")
