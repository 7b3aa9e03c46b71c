"""What the effects of an experiment cost, however many have answered."""

from __future__ import annotations

import base64
import datetime
import json
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from app.catalogue.files import read_file
from app.interview.draws import draw
from app.results.experiments.vignettes import RatingSums, rated_vignettes
from app.results.findings import findings
from app.results.frame.frame import Frame
from app.results.view import View
from app.results.weights.cells import CellPlaces
from app.survey.model import Instrument
from benchmarks.stored import NEW, took

SIZES = (10_000, 100_000, 1_000_000)
DIFFERENT = 10_000  # responses, over and over
REFRESHES = 20
DAY = datetime.date(2026, 1, 5)
FLAGSHIP = Path(__file__).parent.parent / "surveys" / "leaving-clinical-practice.yaml"


@dataclass(frozen=True)
class Judged:
    """A complete response as a frame takes it in."""

    id: str
    instrument: str
    seq: int
    answers: str
    disposition: str = "complete"
    began: datetime.date = DAY
    completed: datetime.date = DAY
    minutes: int = 9
    settled: bool = False


def effects(quick: bool) -> None:
    """Effects of the flagship's vignettes: from all rows, and with 100 new responses, whole and in groups."""
    asked, _ = read_file(FLAGSHIP)
    assert asked is not None
    frames = [grown(asked, size) for size in (SIZES[:2] if quick else SIZES)]
    split = View(by="status")
    works: dict[str, Callable[[Frame], object]] = {"all findings": findings, "effects in groups": lambda frame: findings(frame, split)}
    for frame in frames:
        sums = [each for _, each in rated_vignettes(frame.layout, CellPlaces(frame.cells))]
        print(f"{frame.rows:>9,} rows: effects on {len(sums)} ratings from all rows {took(lambda of=frame, into=sums: count(of, into)):8.0f} ms,"
              f" from their sums {min(took(lambda of=sums: [each.finding() for each in of]) for _ in range(5)):5.1f} ms", flush=True)  # fmt: skip
    for name, work in works.items():
        found = refreshes(asked, frames, work)
        for frame, each in zip(frames, found, strict=True):
            print(f"{frame.rows:>9,} rows: {NEW} new ones and {name} {min(each):6.1f} ms at best, median {statistics.median(each):6.1f};"
                  f" ratio to the smallest {min(each) / min(found[0]):.2f}")  # fmt: skip


def grown(asked: Instrument, size: int) -> Frame:
    """A frame of some responses, again and again under other keys."""
    frame, chance = Frame([asked]), np.random.default_rng(size)
    frame.take(responses(asked, range(DIFFERENT)))
    table = pl.concat([table for table, _ in frame.segments.tables()])
    for _ in range(size // DIFFERENT - 1):
        keys = chance.integers(0, 2**63, len(table), dtype=np.uint64)
        frame.segments.append(table.with_columns(pl.Series("~key", keys)))
    frame.recount()
    return frame


def responses(asked: Instrument, numbers: range) -> Iterator[Judged]:
    chance = random.Random(numbers.start)
    rated = [f"{vignette.id}_{rating}_{place}" for vignette in asked.vignettes for rating in vignette.ratings for place in range(1, vignette.each_sees + 1)]
    codes = [option.code for option in asked.item["status"].answers()[0].options]
    for number in numbers:
        answers: dict[str, Any] = draw(asked, number, b"benchmark", "2026-01-05", "en")
        answers |= {"status": chance.choice(codes)} | {name: chance.randint(1, 5) for name in rated if chance.random() > 0.03}
        yield Judged(base64.urlsafe_b64encode(chance.randbytes(15)).decode(), asked.digest, number + 1, json.dumps(answers))


def count(frame: Frame, sums: list[RatingSums]) -> None:
    for table, alive in frame.segments.tables():
        rows = table if alive.all() else table.filter(alive)
        for each in sums:
            each.add(rows, 1)


def refreshes(asked: Instrument, frames: list[Frame], work: Callable[[Frame], object]) -> list[list[float]]:
    """The same new responses come to each frame in turn; the first time is not counted."""
    found: list[list[float]] = [[] for _ in frames]
    for frame in frames:
        work(frame)
    first = 10_000_000 + sum(frame.seq for frame in frames)
    for at in range(REFRESHES):
        new = list(responses(asked, range(first + at * NEW, first + (at + 1) * NEW)))
        for frame, each in zip(frames, found, strict=True):
            each.append(took(lambda of=frame, some=new: (of.take(some), work(of))))
    return found
