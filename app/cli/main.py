"""The entry point: finds the command, loads only its module, and turns errors into what, cause, where and mend."""

from __future__ import annotations

import importlib
import os
import sys
import traceback

import click

from app.errors import Misconfigured, Retryable, TriageError, Unauthorized

COMMANDS = {
    "up": ("app.cli.up", "up", "Start everything: receiver, worker, sweep, pages; a sandbox without credentials."),
    "serve": ("app.cli.processes", "serve", "Run the receiver and the pages."),
    "worker": ("app.cli.processes", "worker", "Run a worker."),
    "beat": ("app.cli.processes", "beat", "Run the clock that starts the sweeps."),
    "sandbox": ("app.cli.processes", "sandbox", "Run a Zendesk and a Jira to try things on."),
    "migrate": ("app.cli.processes", "migrate", "Bring the store's tables up to date."),
    "setup": ("app.cli.setup", "setup", "Make in a Zendesk or a Jira what Firstline needs there, after asking."),
    "doctor": ("app.cli.doctor", "doctor", "Look at everything that can be wrong, and say what mends it."),
    "decide": ("app.cli.decide", "decide", "Decide about tickets from a JSON Lines file; writes nothing."),
    "train": ("app.cli.train", "train", "Make the learned reader from tickets whose right answer is known."),
    "evaluate": ("app.cli.evaluate", "evaluate", "Measure the policy on tickets whose right answer is known."),
    "policy": ("app.cli.policy", "policy", "Read the policy in force, and check one before it is."),
    "explain": ("app.cli.tickets", "explain", "Show what was decided about a ticket, and why."),
    "sla": ("app.cli.sla", "sla", "Show a ticket's clocks, and how promises were kept."),
    "storms": ("app.cli.storms", "storms", "List faults that several open tickets report, storms first."),
    "parked": ("app.cli.tickets", "parked", "List what waits for a person."),
    "replay": ("app.cli.tickets", "replay", "Look at tickets again."),
    "sweep": ("app.cli.sweep", "sweep", "Look at what is due now, or say what that is."),
    "reindex": ("app.cli.reindex", "reindex", "Make the index of what tickets report anew."),
    "runs": ("app.cli.undo", "runs", "List what the newest sweeps changed."),
    "undo": ("app.cli.undo", "undo", "Take back what was written, where no person changed it since."),
    "resume": ("app.cli.undo", "resume", "Let writing go on after a cap was reached."),
    "known-issues": ("app.cli.known_issues", "known_issues", "Look at the registry of known issues, and change it."),
    "corrections": ("app.cli.corrections", "corrections", "List what agents told us by command."),
}
BUG = 70


class Commands(click.Group):
    """Commands by name; a module is imported when its command is called, so ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table above: start, run, ask."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None (click then says what it may have been meant)."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for ``--help``, without loading anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, _, sentence) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when there is none of that name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"no command {args[0]!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings come from TRIAGE_* variables and .env; the README lists them.",
)
@click.version_option(package_name="firstline", prog_name="triage", message="%(prog)s %(version)s")
def cli() -> None:
    """Firstline, the triage worker for Zendesk and Jira."""


def main() -> None:
    """Run the command line; never returns."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except TriageError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(exit_code(error))
    except Exception as error:
        if type(error).__name__ == "ValidationError":
            from app.cli.settings import say

            click.echo(say(error), err=True)
            sys.exit(3)
        traceback.print_exc()
        click.echo("error: this is a fault in Firstline; the lines above say where", err=True)
        sys.exit(BUG)
    sys.exit(0)


def exit_code(error: TriageError) -> int:
    """The exit code for an error (see ``app.cli``)."""
    if isinstance(error, Misconfigured):
        return 3
    if isinstance(error, Unauthorized):
        return 4
    if isinstance(error, Retryable):
        return 5
    return 1
