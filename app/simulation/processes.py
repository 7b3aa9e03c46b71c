"""Many simulated respondents, in several processes where that is quicker: the same ones, however many processes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from app.interview.draws import draw
from app.interview.route import Route
from app.simulation.behaviour import Behaviour
from app.simulation.duration import Durations
from app.simulation.effects import Recording
from app.simulation.reach import ReachCounts
from app.simulation.respondents import QuotaCounts, Simulated, respondent
from app.survey.source.stored import read_stored

AT_ONCE = 100  # respondents in a batch
WORTH_IT = 1500  # respondents from which a further process pays for its start
AHEAD = 4  # batches that each process may be ahead of those taken


@dataclass(frozen=True)
class Plan:
    """What every process needs to know. `source` is the instrument's own, as it is stored."""

    source: str
    survey: str
    respondents: int
    seed: int
    behaviour: Behaviour
    today: str
    stores: bool  # whether to return the responses themselves

    def batches(self) -> range:
        return range(-(-self.respondents // AT_ONCE))

    def numbers(self, batch: int) -> range:
        return range(batch * AT_ONCE, min((batch + 1) * AT_ONCE, self.respondents))


@dataclass(frozen=True, slots=True)
class SimulatedResponse:
    """One response as it would be stored: its last answers and its outcome."""

    answers: dict[str, Any]
    completed: bool
    ended: str | None
    minutes: float
    holds: tuple[str, ...]


@dataclass
class SimulatedBatch:
    counting: ReachCounts
    recording: Recording
    responses: list[SimulatedResponse] = field(default_factory=list)


class Simulation:
    """Simulates batches of a plan. Each batch has its own random numbers, so any process can simulate any batch."""

    def __init__(self, plan: Plan) -> None:
        instrument = read_stored(plan.source, plan.survey)
        assert instrument is not None, "a plan is made of an instrument that was read"
        self.plan, self.instrument, self.route = plan, instrument, Route(instrument)
        self.durations, self.quotas = Durations(instrument), QuotaCounts()

    def batch(self, number: int) -> SimulatedBatch:
        chance = random.Random(f"{self.plan.seed}:{number}")
        found = SimulatedBatch(ReachCounts(self.instrument), Recording(self.instrument, self.plan.behaviour.moves))
        for respondent_number in self.plan.numbers(number):
            simulated = self.one(chance, respondent_number)
            found.counting.add(simulated)
            found.recording.add(last(simulated), simulated.completed)
            if self.plan.stores:
                found.responses.append(response_of(simulated))
        return found

    def one(self, chance: random.Random, respondent_number: int) -> Simulated:
        language = chance.choice(self.instrument.languages or (self.instrument.language,))
        seed = f"simulated {self.plan.seed}".encode()
        given = draw(self.instrument, respondent_number, seed, self.plan.today, language)
        return respondent(self.route, chance, self.plan.behaviour, given, self.quotas, self.durations)


def last(simulated: Simulated) -> dict[str, Any]:
    return simulated.pages[-1] if simulated.pages else {}


def response_of(simulated: Simulated) -> SimulatedResponse:
    return SimulatedResponse(
        last(simulated),
        simulated.completed,
        simulated.ended,
        simulated.minutes,
        tuple(sorted(simulated.held)),
    )


def processes_for(plan: Plan, has_quotas: bool) -> int:
    """How many processes are quickest. Respondents who share quotas come one after the other, in one."""
    return 1 if has_quotas else max(1, min(os.cpu_count() or 1, plan.respondents // WORTH_IT))


def batches(plan: Plan, processes: int) -> Iterator[SimulatedBatch]:
    """All batches in their order."""
    if processes == 1:
        yield from map(Simulation(plan).batch, plan.batches())
        return
    context = multiprocessing.get_context("spawn")  # Polars and its threads do not survive a fork
    pool = ProcessPoolExecutor(processes, context, initializer=_join, initargs=(plan,))
    try:
        coming: deque[Future[SimulatedBatch]] = deque()
        for number in plan.batches():
            with interrupts_held_back():  # by a submission processes are started, too
                coming.append(pool.submit(_batch, number))
            if len(coming) == processes * AHEAD:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Ctrl-C comes afterwards to this process, and never to the processes that are started here.

    It goes to every process of a terminal; one that is still importing would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


_simulation: list[Simulation] = []  # of this process


def _join(plan: Plan) -> None:
    """Ctrl-C goes to every process of a terminal; only the first one handles it, and stops the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _simulation.append(Simulation(plan))


def _batch(number: int) -> SimulatedBatch:
    return _simulation[0].batch(number)
