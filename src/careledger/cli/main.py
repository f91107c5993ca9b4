"""The ``careledger`` command. Each sub-command is a module of its own, imported only when it is called."""

from __future__ import annotations

import importlib
import sys
import traceback

import click

from careledger import __version__
from careledger.core.errors import CareLedgerError

COMMANDS = {
    "check": ("careledger.cli.check:check", "Decide one case and show the proof."),
    "close": ("careledger.cli.close:close", "Decide every patient's month in a folder of tables."),
    "forecast": ("careledger.cli.forecast:forecast", "Show the month in progress and what is within reach."),
    "whatif": ("careledger.cli.whatif:whatif", "Close a past month again under other rules, fees or payers."),
    "import": ("careledger.cli.import_:import_group", "Bring FHIR, time logs, tables and claims history in."),
    "tables": ("careledger.cli.tables:tables", "Check, export and explain the tables that `close` reads."),
    "fhir": ("careledger.cli.fhir:fhir", "Write back to the record system by FHIR."),
    "claims": ("careledger.cli.claims:claims", "Build, check and export claims; read acknowledgements."),
    "remit": ("careledger.cli.remit:remit", "Read a remittance and its balances."),
    "binder": ("careledger.cli.binder:binder", "Print the audit binder of a patient's month."),
    "ledger": ("careledger.cli.ledger:ledger", "Keep and verify the append-only time ledger."),
    "policy": ("careledger.cli.policy:policy", "Show, compare and check the rules in force."),
    "fees": ("careledger.cli.fees:fees", "Show fees, or import CMS fee files."),
    "audit": ("careledger.cli.audit:audit", "Look at claims and logs of any system as an auditor would."),
    "study": ("careledger.cli.study:study", "Reproduce the published figures from Medicare-shaped claims."),
    "ask": ("careledger.cli.ask:ask", "Ask in plain words whether something can be billed."),
    "library": ("careledger.cli.library:library", "Search, read and check the cited articles."),
    "benchmark": ("careledger.cli.benchmark:benchmark", "Export the vignettes, or score answers to them."),
    "oversight": (
        "careledger.cli.oversight:oversight",
        "The director's log, acts of oversight, measures, improvement.",
    ),
    "demo": ("careledger.cli.demo:demo", "Make a synthetic clinic and close a month of it."),
}


class LazyGroup(click.Group):
    """A click group that imports a command's module when the command is used, so that start-up stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module_name, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module_name), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="careledger")
def group() -> None:
    """From logged care-management minutes to a paid, defensible claim."""


def main() -> None:
    """Run a command; an error made by the input, or by the disk, is one clear line and exit status 2, never a traceback.

    A fault of ours is told by its kind and places alone, exit status 70: its own words may repeat a cell of a patient's row.
    """
    try:
        group(prog_name="careledger")
    except OSError as error:
        where = f"{error.filename}: " if isinstance(error.filename, str) else ""
        click.echo(f"careledger: {where}{error.strerror or type(error).__name__}; mend that and repeat", err=True)
        sys.exit(2)
    except CareLedgerError as error:
        click.echo(f"careledger: {error}", err=True)
        sys.exit(2)
    except Exception as error:
        says = f"a fault of the program ({type(error).__name__}); please report it with these places:"
        click.echo(f"careledger: {says}\n{''.join(traceback.format_tb(error.__traceback__))}", err=True, nl=False)
        sys.exit(70)
