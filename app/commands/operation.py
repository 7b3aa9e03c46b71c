"""Commands for those who run the service: serve, compact."""

from __future__ import annotations

import gc
from typing import Any

import click

from app.commands.options import chosen_settings, guarded, setting_options


@click.command()
@setting_options("database_url", "surveys", "host", "port", "base_url", "workers", "proxies")
def serve(**chosen: Any) -> None:
    """Serve the surveys.

    Migrates the database, loads the survey files, reloads them when they change, and serves requests. Ctrl-C stops the
    service after the requests in progress; no acknowledged answer is lost.
    """
    gc.disable()  # until all is loaded
    from app.server.run import run

    run(chosen_settings(**chosen))


@click.command(short_help="Rewrite the database without withdrawn data.")
@setting_options("database_url")
def compact(**chosen: Any) -> None:
    """Rewrite the database files so that no withdrawn response remains in them.

    Respondents' pages wait until it is done: run it when few people are answering, or while the service is stopped.
    """
    import asyncio

    from app.responses.upkeep import erasure

    url = chosen_settings(**chosen).database_url
    before, after = guarded(lambda: asyncio.run(erasure.compact(url)))
    click.echo(f"Compacted: {before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB now.")
