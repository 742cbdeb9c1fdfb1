"""The command line: one command a verb, no logic. Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with refusals."""

import sys

import typer

from workbench.cli import files, labels, plans, reports, tables
from workbench.errors import WorkbenchError
from workbench.reporting.console import ended

CODES = "Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with refusals."

app = typer.Typer(
    name="workbench",
    help=f"Workbench of the treasury and recovery services: files in, checked tables, reports out.\n\n{CODES}",
    epilog="Example: workbench demo --office data/office/try --customers 200 --months 6",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
# A module holds the verbs of one subject; the order is that of the help.
for module in (files, tables, labels, plans, reports):
    app.registered_commands += module.commands.registered_commands


def main() -> None:
    """Run a command; a refusal is one calm message and an exit code."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except (WorkbenchError, KeyboardInterrupt, OSError) as error:
        typer.echo(f"workbench: {ended(error, sys.argv)}", err=True)
        sys.exit(getattr(error, "exit_code", 1))
