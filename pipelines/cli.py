"""The command line. Thin: a command lives in `pipelines.commands` and is imported when called."""

from __future__ import annotations

import importlib
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.errors import ExitCode, RorError

if TYPE_CHECKING:
    from pipelines.settings import Settings

DEMO_HOME = Path("var") / "demo"
COMMANDS = {
    "backfill": ("backfill", "Load again what nights of the past loaded, then run the night."),
    "calibrate": ("calibrate", "Propose breakpoints of segments and of the ROR score."),
    "dagster-home": ("home", "Prepare Dagster's home and print its path."),
    "demo": ("demo", "Generate a small world and run the nightly on it."),
    "doctor": ("doctor", "Examine this machine, the home and the files in it."),
    "explain": ("explain", "Explain the credit of a conversion or channel, or a ROR score."),
    "feed": ("feed", "Declare, draft and list feeds of the file drop."),
    "identity": ("identity", "Say who is whom: look up, approve, reject, take apart."),
    "init": ("home", "Make the folders of a new home."),
    "metric": ("metric", "Ask for metrics by name: ror metric response_rate --by network,week."),
    "new-source": ("new_source", "Scaffold a connector with its staging, fake and tests."),
    "publish": ("publish", "List, verify, pin and roll back published versions."),
    "quarantine": ("quarantine", "List, show, release and discard refused rows."),
    "recover": ("recover", "Read archived files again after rows were lost."),
    "rollback": ("publish", "Serve the version before the current one."),
    "run": ("run", "Run the nightly once: load, build, check, publish."),
    "sentiment": ("sentiment", "Score messages; explain, measure and train."),
    "settings": ("home", "Print every setting with its value and meaning."),
    "sources": ("sources", "List the APIs that can be read, show and check one."),
    "sql": ("sql", "Query the published warehouse, read-only."),
    "status": ("status", "Show what is served and what the last run did."),
    "tables": ("sql", "List the published tables."),
    "today": ("today", "Print today's work list: whom to answer first, and why."),
    "truth": ("truth", "Compare what a generated world planted with what was published."),
}


@dataclass(frozen=True)
class Options:
    """What stands before the command."""

    home: Path | None
    debug: bool

    def settings(self) -> Settings:
        """Settings of the chosen home."""
        from pipelines.settings import load_settings, set_process_environment

        settings = load_settings(home=self.home) if self.home else load_settings()
        set_process_environment({"ROR_HOME": str(settings.root)})
        return settings


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pipelines.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview needs no import."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home", type=click.Path(path_type=Path), help="Home folder. [default: $ROR_HOME or ./var]"
)
@click.option("--demo", "is_demo", is_flag=True, help=f"Use the demo's home, {DEMO_HOME}.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def ror(context: click.Context, home: Path | None, is_demo: bool, debug: bool) -> None:
    """The open warehouse for Return on Relationship.

    Drop files, run the nightly, query one published DuckDB file.
    """
    context.obj = Options(DEMO_HOME if is_demo else home, debug)


def main() -> None:
    """Run the command line; every failure is one line on stderr and an exit code."""
    is_debug = "--debug" in sys.argv
    try:
        result = ror.main(standalone_mode=False)
    except RorError as error:
        _leave(error.line(), error.code, is_debug)
    except click.UsageError as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        _leave(error.format_message(), ExitCode.USAGE, is_debug)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ExitCode.OK)
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for users
        line = f"ror: unexpected {type(error).__name__}; next: ror --debug …, and report it"
        _leave(line, ExitCode.DEFECT, is_debug)
    else:
        sys.exit(result if isinstance(result, int) else ExitCode.OK)


def _leave(line: str, code: ExitCode, is_debug: bool) -> None:
    if is_debug:
        traceback.print_exc()
    click.echo(line, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
