"""The `opinion` command, in this process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from click.testing import CliRunner, Result

from app.commands import main as cli


def opinion(*arguments: object) -> Result:
    """Runs a command in another thread: it starts an event loop, and an async test has one already in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(CliRunner().invoke, cli.main, [str(argument) for argument in arguments]).result()
