"""`kb`: thin commands; each imports what it needs when it runs, so that `kb --help` is quick."""

from __future__ import annotations

import sys
from importlib import import_module

import click

COMMANDS = {
    "articles": "kbserver.cli.articles:articles",
    "doctor": "kbserver.cli.doctor:doctor",
    "eval": "kbserver.cli.evaluate:evaluate",
    "index": "kbserver.cli.index:index",
    "model": "kbserver.cli.model:model",
    "search": "kbserver.cli.search:search",
    "serve": "kbserver.cli.serve:serve",
    "token": "kbserver.cli.token:token",
    "user": "kbserver.cli.user:user",
}


class LazyGroup(click.Group):
    """A group that loads a command's module when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def kb() -> None:
    """Knowledge base and hybrid search for technical-support departments."""


def main() -> None:
    """Run `kb` and exit: 0 done, 1 a problem was found, 2 wrong usage; a problem is one sentence."""
    from kbserver.errors import KBError

    try:
        code = kb.main(prog_name="kb", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except KBError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has seen enough; silence the flush at exit.
        sys.stdout = None  # type: ignore[assignment]
        sys.exit(0)
    except OSError as error:
        click.echo(f"{error.filename or 'The system'}: {error.strerror or error}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
