"""``careledger claims`` with a store: export, post, status, void, correct, denials and what follows."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from careledger.core.money import dollars

if TYPE_CHECKING:
    from careledger.claims.posting import PostResult

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STORE = click.option(
    "--store", "store_file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The claims store."
)
BY = click.option("--by", required=True, help="Who decides.")
BECAUSE = click.option("--because", required=True, help="Why.")


def now() -> datetime:
    """The local moment, to the second."""
    return datetime.now().replace(microsecond=0)  # noqa: DTZ005 - the practice's local time


@click.command()
@STORE
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--config", "config_file", type=FILE, help="Settings, when not DATA/claims.yaml.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the 837P files."
)
@click.option("--control", default=1, show_default=True, help="Lowest control number to use.")
@click.option("--again", type=int, metavar="BATCH", help="Write the copy of a batch once more; the same bytes.")
def export(store_file: Path, data: Path, config_file: Path | None, out: Path, control: int, again: int | None) -> None:
    """Send every ready claim once: one 837P for each receiver."""
    from careledger.claims.config import read_config
    from careledger.claims.outbox import receiver_of
    from careledger.claims.store import Store, write_copy
    from careledger.claims.store import export as send
    from careledger.policy import load_policy

    config, policy = read_config(config_file or data / "claims.yaml"), load_policy()
    if config.submitter is None:
        raise click.UsageError("no submitter is set up: enter 'submitter' in claims.yaml")
    with Store.open(store_file, must_exist=True) as store:
        if again is not None:
            if not store.number("SELECT COUNT(*) FROM batch WHERE batch_id = ?", (again,)):
                raise click.BadParameter("no batch has this number", param_hint="--again")
            out.mkdir(parents=True, exist_ok=True)
            click.echo(
                f"{write_copy(store, again, out)}: the same file as before; the receiver may call it a duplicate"
            )
            return
        made = send(
            store, out, config.submitter, lambda claim: receiver_of(config, policy, claim), now(),
            is_test=config.is_test, first=control,
        )  # fmt: skip
    for batch in made:
        click.echo(f"{out / batch.file_name}: {batch.claims} claims, {dollars(batch.charge_cents)}")
    if not made:
        click.echo("nothing is ready to be sent")


@click.command()
@click.argument("file", type=FILE)
@STORE
def post(file: Path, store_file: Path) -> None:
    """Post an 835 whole and once; put it aside whole when it cannot be trusted.

    Exit status 0 posted, 1 put aside or something is left for a person, 2 when it cannot be read as an 835.
    """
    from careledger.claims.posting import post_835
    from careledger.claims.store import Store
    from careledger.policy import load_policy

    with Store.open(store_file, must_exist=True) as store:
        result = post_835(store, file.read_bytes(), file.name, load_policy(), now())
    _tell(file.name, result)


def _tell(name: str, result: PostResult) -> None:
    if result.state == "before":
        click.echo(f"{name}: every payment in it was posted before; nothing is posted twice")
        return
    for reason in result.reasons:
        click.echo(reason)
    if result.state == "quarantined":
        click.echo(f"{name}: put aside whole as {result.file_id[:12]}; nothing of it is posted", err=True)
        sys.exit(1)
    click.echo(
        f"{name}: {result.payments} payments, {dollars(result.paid_cents)}; {result.claims} claims, "
        f"{dollars(result.posted_cents)} on claims"
    )
    if result.repeated:
        click.echo(f"{result.repeated} payments were posted before and are left out")
    if result.denied_lines:
        click.echo(f"{result.denied_lines} lines denied: see 'careledger claims denials'")
    if result.unmatched:
        click.echo(f"{result.unmatched} claims wait for a person: see 'careledger claims status'")
    if result.unmatched or result.denied_lines:
        sys.exit(1)


@click.command()
@click.argument("file", type=FILE)
@STORE
def paper(file: Path, store_file: Path) -> None:
    """Post a paper remittance that was keyed into a YAML file with its source; the same checks as for an 835."""
    from careledger.claims.posting.paper import post_paper
    from careledger.claims.store import Store
    from careledger.policy import load_policy

    with Store.open(store_file, must_exist=True) as store:
        result = post_paper(store, file.read_bytes(), file.name, load_policy(), now())
    _tell(file.name, result)


@click.command()
@STORE
@click.argument("file_id", required=False, metavar="[FILE_ID]")
@click.option("--release", is_flag=True, help="Post the file as it is.")
@click.option("--by", default="", help="Who releases it.")
@click.option("--because", default="", help="Why it may be posted.")
def quarantine(store_file: Path, file_id: str | None, release: bool, by: str, because: str) -> None:
    """Show files that were put aside with their reasons; release one on a person's word."""
    from careledger.claims.posting import Release, quarantined, release_file
    from careledger.claims.store import Store
    from careledger.policy import load_policy

    if release and not (file_id and by and because):
        raise click.UsageError("a release names the file, --by and --because")
    with Store.open(store_file, must_exist=True) as store:
        if release and file_id:
            _tell(file_id[:12], release_file(store, file_id, load_policy(), now(), Release(by=by, because=because)))
            return
        rows = [row for row in quarantined(store) if row["file_id"].startswith(file_id or "")]
    for row in rows:
        click.echo(f"{row['file_id'][:12]}  {row['name']}  received {row['received_at']}")
        for reason in row["reasons"].splitlines():
            click.echo(f"    {reason}")
    if not rows:
        click.echo("nothing is put aside")


COMMANDS = (export, post, paper, quarantine)
