"""The `opinion researcher` commands."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import click

from app.commands.options import chosen_settings, guarded, setting_options
from app.settings import Settings


@click.group()
def researcher() -> None:
    """Add, list and remove researchers, and create sign-in links.

    Only researchers can see the results.
    """


def with_accounts(chosen: Settings, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Runs `work` with the database open. A refusal, or a fault of the database, ends the command with one line."""
    import asyncio

    from app.accounts.base import AccessRefused
    from app.responses.storage import open_storage

    async def run() -> Any:
        async with open_storage(chosen.database_url):
            return await work()

    try:
        return guarded(lambda: asyncio.run(run()))
    except AccessRefused as refused:
        raise click.ClickException(str(refused)) from None


def print_link(chosen: Settings, token: str) -> None:
    click.echo(f"Sign-in link (valid once, for 24 hours): {chosen.address}/sign-in/{token}")


@researcher.command()
@click.argument("email")
@setting_options("database_url")
def add(email: str, database_url: str | None) -> None:
    """Add a researcher and print a one-time sign-in link."""
    from app.accounts.researchers import add_researcher
    from app.server.system import local_now, new_token

    chosen = chosen_settings(database_url=database_url)
    print_link(chosen, with_accounts(chosen, lambda: add_researcher(email, local_now, new_token)))


@researcher.command()
@click.argument("email")
@setting_options("database_url")
def link(email: str, database_url: str | None) -> None:
    """Print a new one-time sign-in link; earlier links stop working."""
    from app.accounts.links import new_link
    from app.server.system import local_now, new_token

    chosen = chosen_settings(database_url=database_url)
    print_link(chosen, with_accounts(chosen, lambda: new_link(email, local_now, new_token)))


@researcher.command("list")
@setting_options("database_url")
def list_(database_url: str | None) -> None:
    """List the researchers."""
    from app.accounts.researchers import list_researchers

    rows = with_accounts(chosen_settings(database_url=database_url), list_researchers)
    for row in rows:
        click.echo(
            f"{row['email']}  since {row['added']}  {'password' if row['has_password'] else 'link only'}"
        )
    if not rows:
        click.echo("There are no researchers yet: `opinion serve` prints a sign-in link for the first.", err=True)


@researcher.command()
@click.argument("email")
@setting_options("database_url")
def remove(email: str, database_url: str | None) -> None:
    """Remove a researcher and end their sessions."""
    from app.accounts.researchers import remove_researcher

    with_accounts(chosen_settings(database_url=database_url), lambda: remove_researcher(email))
    click.echo(f"Removed {email}.")
