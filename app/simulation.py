"""`opinion simulate`: what a survey does to respondents, before there are any."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from app.download import counting, opened, sound_file
from app.instrument.model import Instrument
from app.interview import token as tokens
from app.interview.habits import Habits
from app.interview.reach import Counting, Reach, Spread
from app.interview.simulated import Simulated, respondent
from app.main import local_now
from app.responses.rows import OPEN, SUBMITTED, Row
from app.settings import Settings

AT_ONCE = 1000  # responses written together


def simulate(
    survey: Path, respondents: int, seed: int, habits: Habits, database_url: str | None
) -> tuple[Instrument, Reach]:
    """Simulates respondents of a survey file; keeps their responses where a database is named."""
    instrument = sound_file(survey)
    chance = random.Random(seed)
    counted = Counting(instrument)
    with counting(respondents, "respondents") as progress:
        people = walking(instrument, chance, habits, respondents, counted, progress)
        if database_url is None:
            for _ in people:
                pass
        else:
            keep(Settings(database_url=database_url), instrument, people, chance)
    return instrument, counted.reach()


def walking(
    instrument: Instrument,
    chance: random.Random,
    habits: Habits,
    respondents: int,
    counted: Counting,
    progress: object,
) -> Iterator[Simulated]:
    for _ in range(respondents):
        simulated = respondent(instrument, chance, habits)
        counted.add(simulated)
        progress(1)  # type: ignore[operator]
        yield simulated


def keep(
    settings: Settings, instrument: Instrument, people: Iterator[Simulated], chance: random.Random
) -> None:
    """Writes responses to a database that holds, and will hold, none but simulated ones."""
    today = local_now().date()
    with opened(settings) as (runner, storage):
        runner.run(storage.claim_for_simulation())
        runner.run(storage.keep_instrument(instrument.survey, instrument.digest, instrument.source, today))
        rows: list[Row] = []
        for simulated in people:
            rows.append(row_of(instrument, simulated, chance, today))
            if len(rows) == AT_ONCE:
                runner.run(storage.insert_many(instrument.survey, rows))
                rows = []
        runner.run(storage.insert_many(instrument.survey, rows))


def row_of(instrument: Instrument, simulated: Simulated, chance: random.Random, day: datetime.date) -> Row:
    token = tokens.issue(b"simulated", instrument.survey, chance.randbytes(16), 0)
    answers = simulated.pages[-1] if simulated.pages else {}
    if not simulated.completed:
        return Row(token.response, instrument.survey, instrument.digest, 0, OPEN, answers, day)
    return Row(
        token.response, instrument.survey, instrument.digest, 0, SUBMITTED, answers, day, day,
        round(simulated.minutes), tokens.receipt_hash(token.receipt),
    )  # fmt: skip


# --- telling ---------------------------------------------------------------------------------------------


def as_json(reach: Reach) -> str:
    return json.dumps(asdict(reach), ensure_ascii=False, indent=2)


def told(instrument: Instrument, reach: Reach) -> Iterator[str]:
    """The report for people: the whole, what nobody reached or chose, then every item."""
    yield f"{instrument.title}: {reach.respondents:,} simulated, {reach.completed:,} submitted"
    yield spread_told("items seen", reach.items, ".0f")
    yield spread_told("minutes", reach.minutes, ".1f")
    yield f"never reached: {', '.join(reach.never_reached()) or 'nothing'}"
    yield f"never chosen:  {', '.join(f'{name}: {code}' for name, code in reach.never_chosen()) or 'nothing'}"
    for section in instrument.sections:
        yield click.style(f"\n{section.id}", bold=True)
        for item in section.items:
            if item.id in reach.reached:
                share = reach.reached[item.id] / max(reach.respondents, 1)
                yield f"  {reach.reached[item.id]:>7,}  {share:>4.0%}  {item.id}"


def spread_told(what: str, spread: Spread | None, form: str) -> str:
    if spread is None:
        return f"{what}: nobody submitted"
    return f"{what}: {spread.least:{form}} to {spread.most:{form}}, median {spread.median:{form}}"
