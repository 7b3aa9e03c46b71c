"""`opinion demo`: the service on a temporary database, with simulated respondents who answer while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import tempfile
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.interview import tokens
from app.interview.quotas import quota_limits
from app.responses.errors import Unavailable
from app.responses.rows import COMPLETE, SCREENED_OUT, Wanted
from app.server.lifespan import OnListening
from app.server.run import configure_logging, listen, print_addresses_of, serve
from app.server.system import local_now
from app.server.wiring import Running
from app.settings import Settings
from app.simulation.respondents import Simulated, respondent

AT_ONCE = 0.4  # the share of respondents who answer at the start


def run(settings: Settings, respondents: int, seed: int, seconds: float) -> None:
    """Serves until interrupted, and then deletes the database. The respondents arrive over so many seconds."""
    with tempfile.TemporaryDirectory(prefix="opinion-demo-") as folder:
        settings = replace(
            settings,
            database_url=f"sqlite:///{Path(folder) / 'demo.db'}",
            workers=1,
        )
        listening = listen(settings)
        settings = replace(settings, port=listening.getsockname()[1])
        configure_logging()
        answering: list[asyncio.Task[None]] = []

        async def ready(running: Running) -> OnListening:
            print_addresses = await print_addresses_of(running)

            def start() -> None:
                print_addresses()
                answering.append(asyncio.create_task(until_closed(answer(running, respondents, seed, seconds))))

            return start

        serve(settings, listening, ready)


async def until_closed(answers: Coroutine[Any, Any, None]) -> None:
    """Ctrl-C closes the storage while some still answer."""
    with contextlib.suppress(Unavailable):
        await answers


async def answer(running: Running, respondents: int, seed: int, seconds: float) -> None:
    """Simulated respondents answer every survey that is served, the later ones a few at a time."""
    chance = random.Random(seed)
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=False) as progress:
        task = progress.add_task("Simulated respondents", total=respondents)
        for number in range(respondents):
            for survey in list(running.surveys.served):
                await one(running, survey, chance)
            progress.advance(task)
            if number > respondents * AT_ONCE:
                await asyncio.sleep(seconds / max(respondents * (1 - AT_ONCE), 1))
    console.print(
        "All simulated respondents have answered. The dashboards stay available; Ctrl-C stops the demo and deletes its database."
    )


async def one(running: Running, survey: str, chance: random.Random) -> None:
    """One respondent answers one survey; each page is stored, and counted by quotas, as of a real one."""
    questionnaire = running.surveys.served[survey]
    instrument, route = questionnaire.instrument, questionnaire.route
    simulated = await asyncio.to_thread(respondent, route, chance)
    token = tokens.issue(b"demo", survey, tokens.new_secret(chance.randbytes), 0)
    today = local_now().date()
    await running.storage.begin(token.response, survey, instrument.digest, today)
    await answer_pages(running, token, simulated)
    if is_finished(simulated):
        receipt = tokens.receipt_hash(tokens.receipt_code(b"demo", token))
        final = simulated.pages[-1] if simulated.pages else {}
        await running.storage.submit(
            token.response, lambda row: final, today, round(simulated.minutes), receipt,
            disposition=COMPLETE if simulated.completed else SCREENED_OUT,
            wanting=lambda answers: Wanted(quota_limits(route, answers), today),
            ended=lambda answers: route.path(answers).answers,
        )  # fmt: skip


def is_finished(simulated: Simulated) -> bool:
    return simulated.completed or simulated.ended is not None


async def answer_pages(running: Running, token: tokens.Token, simulated: Simulated) -> None:
    for page in simulated.pages[: len(simulated.pages) - is_finished(simulated)]:
        await running.storage.change(token.response, lambda row, page=page: page)
