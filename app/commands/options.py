"""What commands share: options for settings, and plain one-line errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from app import settings

FORMAT = "Output format: text for people, json for scripts"


def setting_options(*names: str) -> Callable[[Any], Any]:
    """Options for these settings, each with its environment variable and default."""

    def add(command: Any) -> Any:
        for name, default, sentence in reversed(settings.sentences()):
            if name in names:
                shown = f"{sentence} [{settings.PREFIX}{name.upper()}; default: {default or 'unset'}]"
                command = click.option(
                    f"--{name.replace('_', '-')}", name, type=type(default), default=None, help=shown
                )(command)
        return command

    return add


def chosen_settings(**chosen: Any) -> settings.Settings:
    try:
        return settings.from_environment(os.environ, **chosen)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def guarded(work: Callable[[], Any]) -> Any:
    """Ends the command with one line when the database cannot be used, and quietly when its reader has gone."""
    from app.responses.errors import StorageError

    try:
        return work()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (StorageError, ValueError) as error:
        raise click.ClickException(f"the database cannot be used: {error.__cause__ or error}") from None
