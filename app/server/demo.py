"""`opinion demo`: the service on a temporary database, with simulated respondents who answer while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
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
from app.server.run import configure_logging, find_surveys, listen, print_addresses_of, serve, settle_memory
from app.server.system import local_now
from app.server.wiring import Running, create_app
from app.settings import Settings
from app.simulation.arguments import ArgumentFault
from app.simulation.behaviour import Behaviour
from app.simulation.invented import described, invented
from app.simulation.respondents import Simulated, respondent
from app.survey.documents.places import read_yaml
from app.survey.model import Instrument

AT_ONCE = 0.9  # the share of respondents who answer at the start
DAYS = 21  # over which those of the start have come
DESCRIBED = Path(__file__).with_name("demo.yaml")


def run(settings: Settings, respondents: int, seed: int, seconds: float) -> None:
    """Serves until interrupted, and then deletes the database. The respondents arrive over so many seconds."""
    find_surveys(settings)
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

        serve(settings, listening, ready, lambda settings: create_app(settings, loaded=settle_memory, lasting=False))


async def until_closed(answers: Coroutine[Any, Any, None]) -> None:
    """Ctrl-C closes the storage while some still answer."""
    with contextlib.suppress(Unavailable):
        await answers


async def answer(running: Running, respondents: int, seed: int, seconds: float) -> None:
    """Simulated respondents answer every survey that is served, the later ones a few at a time."""
    chance = random.Random(seed)
    behaviours = Behaviours(seed)
    at_once = round(respondents * AT_ONCE)
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=False) as progress:
        task = progress.add_task("Simulated respondents", total=respondents)
        for number in range(respondents):
            ago = datetime.timedelta(days=days_ago(number, at_once))
            for survey in list(running.surveys.served):
                await one(running, survey, chance, behaviours, ago)
            progress.advance(task)
            if number > at_once:
                await asyncio.sleep(seconds / max(respondents - at_once, 1))
    console.print(
        "All simulated respondents have answered. The dashboards stay available; Ctrl-C stops the demo and deletes its database."
    )


def days_ago(number: int, at_once: int) -> int:
    """How long ago a respondent has come: most in the first days, as after an invitation."""
    return DAYS - int(DAYS * (number / at_once) ** 1.6) if number < at_once else 0


class Behaviours:
    """How the respondents of each survey behave: as described in a file, or else as chance has it."""

    def __init__(self, seed: int):
        self.seed = seed
        self.known: dict[str, Behaviour] = {}  # by digest

    def of(self, instrument: Instrument) -> Behaviour:
        if instrument.digest not in self.known:
            self.known[instrument.digest] = self._new(instrument)
        return self.known[instrument.digest]

    def _new(self, instrument: Instrument) -> Behaviour:
        written = read_yaml(DESCRIBED.read_bytes(), DESCRIBED.name).root.get(instrument.survey)
        with contextlib.suppress(ArgumentFault):  # another survey of this name
            if written is not None:
                return described(instrument, written)
        return invented(instrument, random.Random(f"{self.seed}:{instrument.survey}"))


async def one(
    running: Running, survey: str, chance: random.Random, behaviours: Behaviours, ago: datetime.timedelta
) -> None:
    """One respondent answers one survey; each page is stored, and counted by quotas, as of a real one."""
    questionnaire = running.surveys.served[survey]
    instrument, route = questionnaire.instrument, questionnaire.route
    simulated = await asyncio.to_thread(respondent, route, chance, behaviours.of(instrument))
    token = tokens.issue(b"demo", survey, tokens.new_secret(chance.randbytes), 0)
    day = local_now().date() - ago
    await running.storage.begin(token.response, survey, instrument.digest, day)
    await answer_pages(running, token, simulated)
    if is_finished(simulated):
        receipt = tokens.receipt_hash(tokens.receipt_code(b"demo", token))
        final = simulated.pages[-1] if simulated.pages else {}
        await running.storage.submit(
            token.response, lambda row: final, day, round(simulated.minutes), receipt,
            disposition=COMPLETE if simulated.completed else SCREENED_OUT,
            wanting=lambda answers: Wanted(quota_limits(route, answers), day),
            ended=lambda answers: route.path(answers).answers,
        )  # fmt: skip


def is_finished(simulated: Simulated) -> bool:
    return simulated.completed or simulated.ended is not None


async def answer_pages(running: Running, token: tokens.Token, simulated: Simulated) -> None:
    for page in simulated.pages[: len(simulated.pages) - is_finished(simulated)]:
        await running.storage.change(token.response, lambda row, page=page: page)
