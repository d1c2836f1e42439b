"""The ``imagekit`` command: its sub-commands, and one place where every error ends."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from imagekit import __version__
from imagekit.cli import exits, output
from imagekit.cli.lazily import Lazily
from imagekit.cli.signals import stoppable
from imagekit.errors import ImagekitError

__all__ = ["app", "run"]

#: name -> (module, one line of help): imported when used, so that --help is quick.
COMMANDS = {
    "completion": (
        "imagekit.cli.commands.completion",
        "Print the script that completes for a shell.",
    ),
    "config": ("imagekit.cli.commands.config", "Show and check your configuration."),
    "doctor": ("imagekit.cli.commands.doctor", "Look at the set-up, and say what would mend it."),
    "generate": ("imagekit.cli.commands.generate", "Generate pictures from a prompt."),
    "hosts": ("imagekit.cli.commands.hosts", "Show who serves models, and whether you have a key."),
    "keys": ("imagekit.cli.commands.keys", "Keep keys where nobody else can read them."),
    "models": ("imagekit.cli.commands.models", "Show models: parameters, sizes, hosts, sources."),
    "plan": ("imagekit.cli.commands.plan", "Show what a request would become, and why so."),
    "plugins": ("imagekit.cli.commands.plugins", "Show what is installed, and what is broken."),
    "prices": ("imagekit.cli.commands.prices", "Show what is known of prices, and who says so."),
    "records": (
        "imagekit.cli.commands.records",
        "What a host keeps of what you made: list, save, delete.",
    ),
    "resume": ("imagekit.cli.commands.resume", "Finish what a command left open; buys nothing."),
    "show": ("imagekit.cli.commands.show", "Show how a picture was made, from its own file."),
}

EXIT_CODES = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in exits.MEANINGS.items())


class Unread(Exception):
    """Nobody reads the output any more."""


@contextmanager
def _unread() -> Iterator[None]:
    """click would end a broken pipe as an ordinary failure."""
    try:
        yield
    except BrokenPipeError:
        raise Unread from None


class Commands(Lazily):
    """The built-in commands, imported when used, and those that plugins add."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._from_plugins()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self._from_plugins().get(cmd_name)

    def make_context(self, *about: Any, **more: Any) -> click.Context:
        with _unread():  # --help is printed here
            return super().make_context(*about, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _unread():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from imagekit.basics.closest import closest

            near = closest(args[0], self.list_commands(ctx))
            if not near:
                raise
            hint = f"{error.message} Did you mean {near[0]!r}?"
            raise click.UsageError(hint, ctx) from None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"\nExamples:\n{EXAMPLES}\n\nExit codes:\n{EXIT_CODES}\n")

    def _from_plugins(self) -> dict[str, click.Command]:
        if not hasattr(self, "_plugin_commands"):
            from imagekit.plugins.loading import Plugins

            found = Plugins.load().gather("imagekit_commands")
            self._plugin_commands = {command.name: command for command in found}
        return self._plugin_commands


EXAMPLES = """\
  imagekit generate "a corgi on the beach" -m sandbox:seedream-4.5
  imagekit generate "the same, at night" -m token360:seedream-4.5 --size 2K -o corgi.png
  imagekit generate "a poster" -m seedream-4.5 --ratio 16:9 --dry-run
  imagekit models seedream-4.5
  imagekit resume"""


@click.group(
    cls=Commands,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Your configuration. [$IMAGEKIT_CONFIG, ./imagekit.toml, your own directory]",
)
@click.option("--no-config", is_flag=True, help="Use no configuration, whatever lies about.")
@click.option(
    "--log",
    type=click.Path(dir_okay=False),
    envvar="IMAGEKIT_LOG",
    metavar="FILE",
    help="Write a line of JSON there for each event of every call. [$IMAGEKIT_LOG, log = ...]",
)
@click.version_option(__version__, "--version", prog_name="imagekit")
def app(config: str | None, no_config: bool, log: str | None) -> None:
    """One way to every image model at every host, honest about every parameter."""
    if config and no_config:
        raise click.UsageError("--config and --no-config: leave one of them out")


class _AsNotes(logging.Handler):
    """Shows what the core logs as notes: warnings, such as of a broken plugin, and with
    ``--verbose`` every request."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = "warning: " if record.levelno >= logging.WARNING else ""
        output.note(f"{kind}{record.getMessage()}")


@contextmanager
def _logged() -> Iterator[None]:
    """The log is shown as long as a command runs: a program may run several, or have its own."""
    log, handler = logging.getLogger("imagekit"), _AsNotes()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


def run(arguments: list[str]) -> int:
    """Run the command line; returns the exit code. Never a traceback for a user's mistake."""
    if "_IMAGEKIT_COMPLETE" in os.environ:
        importlib.import_module("imagekit.cli.commands.completion")  # has a word to say about bash
    try:
        with _logged():
            return _ended(arguments)
    except (BrokenPipeError, Unread):  # also of the sentence about another error
        output.close(sys.stdout)
        return exits.BROKEN_PIPE


def _ended(arguments: list[str]) -> int:
    """The exit code, once whatever ended the command is told."""
    try:
        with stoppable():
            result: Any = app.main(arguments, prog_name="imagekit", standalone_mode=False)
            sys.stdout.flush()
    except ImagekitError as error:
        output.show_error(error, as_json="--json" in arguments)
        return exits.code_of(error)
    except click.ClickException as error:
        output.show_misuse(error, as_json="--json" in arguments)
        return error.exit_code
    except click.Abort as abort:  # click's own word for Ctrl-C
        output.note("interrupted")
        return exits.interrupted(abort.__cause__)
    except KeyboardInterrupt as stop:
        output.note("interrupted")
        return exits.interrupted(stop)
    return result if isinstance(result, int) else 0
