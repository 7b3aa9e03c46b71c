"""What it costs to have many responses: figures, export, memory, restart."""

from __future__ import annotations

import asyncio
import base64
import datetime
import io
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from app.exports.csv import csv_chunks
from app.exports.table import ResponseTable
from app.exports.weights import with_weights
from app.responses.rows import Change, Row
from app.responses.storage import Storage, open_storage
from app.results.crosstabs import crosstab
from app.results.findings import findings
from app.results.frame.frame import Frame
from app.results.marginals import figures, grouped
from app.results.progress import progress
from app.results.view import View
from app.survey.conditions.language import parse_condition, whole_scope
from app.survey.model import Instrument
from benchmarks import sixty
from benchmarks.answering import SECTION, enrol
from benchmarks.server import Server, ask, folder, serving

SIZES = (10_000, 100_000, 1_000_000)
DIFFERENT = 5_000  # sets of answers, over and over
NEW = 100  # responses at a refresh
REFRESHES = 40
SPLIT = "q2_8"
WEIGHTED = View(weights="rake")
WHERE = 'q1_1 >= 4 and q2_8 == "ward"'
DAY = datetime.date(2026, 1, 5)


def stored(quick: bool) -> None:
    """A frame of 60 items that grows, its export, and the service on top of it."""
    sizes = SIZES[:2] if quick else SIZES
    with folder() as where:
        print(f"storing {sizes[-1]:,} responses ...", flush=True)
        asyncio.run(fill(where, sizes[-1]))
        frames = asyncio.run(grow(where, sizes))
        for frame in frames[1:]:
            export(frame)
        size = frames[-1].bytes()
        frames.clear()
        restart(where, size)


# --- making them -----------------------------------------------------------------------------------------


def rows(asked: Instrument, count: int, chance: random.Random) -> Iterator[Row]:
    answers = [sixty.answers(asked, chance) for _ in range(DIFFERENT)]
    for _ in range(count):
        response = base64.urlsafe_b64encode(chance.randbytes(15)).decode()
        yield Row(response, sixty.SURVEY, asked.digest, 0, "complete", chance.choice(answers), DAY, DAY, 9)


async def fill(where: Path, count: int) -> None:
    asked, chance, batch = sixty.instrument(), random.Random(1), []
    async with open_storage(f"sqlite:///{where / 'opinion.db'}") as storage:
        await storage.keep_instrument(sixty.SURVEY, asked.digest, asked.source, DAY)
        for row in rows(asked, count, chance):
            batch.append(row)
            if len(batch) == 20_000:
                await storage.insert_many(sixty.SURVEY, batch)
                batch.clear()


# --- figures ---------------------------------------------------------------------------------------------


async def grow(where: Path, sizes: tuple[int, ...]) -> list[Frame]:
    """Frames of different sizes of what is stored, and what a refresh and a count cost in each."""
    frames: list[Frame] = []
    async with open_storage(f"sqlite:///{where / 'opinion.db'}") as storage:
        for size in sizes:
            frames.append(Frame([sixty.instrument()]))
            began = time.process_time()
            await take(storage, frames[-1], size - (REFRESHES + 1) * NEW)
            each = 1e6 * (time.process_time() - began) / size
            print(f"{frames[-1].rows:>9,} rows of {frames[-1].bytes() / size:.0f} bytes, taken in at {each:.0f} µs each", flush=True)
        fresh = await storage.changes(sixty.SURVEY, sizes[-1] - (REFRESHES + 1) * NEW, (REFRESHES + 1) * NEW)
    refreshes(frames, [fresh[start : start + NEW] for start in range(0, len(fresh), NEW)])
    for frame in frames:
        counts(frame)
    return frames


async def take(storage: Storage, frame: Frame, until: int) -> None:
    while frame.seq < until:
        frame.take(await storage.changes(sixty.SURVEY, frame.seq, min(5000, until - frame.seq)))


def refreshes(frames: list[Frame], fresh: list[list[Change]]) -> None:
    """The same new responses come to each frame in turn: progress and all marginals of all complete responses; then
    those of a filter, those of each group, and weighted ones."""
    found: list[list[float]] = [[] for _ in frames]
    further: list[list[list[float]]] = [[[], [], []] for _ in frames]
    for new in fresh:
        for frame, each, (filtered, split, weighted) in zip(frames, found, further, strict=True):
            each.append(took(lambda into=frame, some=new: (into.take(some), progress(into), figures(into), findings(into))))
            filtered.append(took(lambda of=frame: figures(of, filter_of(of))))
            split.append(took(lambda of=frame: grouped(of, View(by=SPLIT))))
            weighted.append(took(lambda of=frame: figures(of, WEIGHTED)))
    for frame, each in zip(frames, found, strict=True):
        best, median = (of(each) / of(found[0]) for of in (min, statistics.median))
        print(
            f"{frame.rows:>9,} rows: refresh with {NEW} new ones and all marginals {min(each):6.2f} ms at best,"
            f" median {statistics.median(each):6.2f}; ratio to the smallest {best:.2f}, of medians {median:.2f}"
        )
    for frame, (filtered, split, weighted) in zip(frames, further, strict=True):
        print(
            f"{frame.rows:>9,} rows: the same {NEW} into a filter and its marginals {min(filtered[1:]):6.2f} ms at best, into six"
            f" groups and theirs {min(split[1:]):6.2f}, into weighted ones {min(weighted[1:]):6.2f} (ratio to the smallest"
            f" frame {min(weighted[1:]) / min(further[0][2][1:]):.2f})"
        )


def filter_of(frame: Frame) -> View:
    return View(where=parse_condition(WHERE, whole_scope(frame.instruments[0])))


def anew(frame: Frame, work: Callable[[Frame, View], object], view: View) -> None:
    """Without the counters that are kept."""
    frame.kept.all.clear()
    frame.kept_sums.all.clear()
    work(frame, view)


def counts(frame: Frame) -> None:
    view = filter_of(frame)
    works = {
        "floor, one select of equality sums": lambda: equality_sums(frame),
        "all marginals by full count": lambda: anew(frame, figures, View()),
        "all marginals of a filter": lambda: anew(frame, figures, view),
        "all marginals of six groups": lambda: anew(frame, grouped, View(by=SPLIT)),
        "all marginals, weighted": lambda: anew(frame, figures, WEIGHTED),
        "signs of careless answering": lambda: anew(frame, findings, View()),
        "two questions crossed, with a test": lambda: crosstab(frame, View(), "q1_1", SPLIT),
    }
    found = {name: [] for name in works}
    for _ in range(10):
        for name, work in works.items():
            found[name].append(took(work))
    floor = min(next(iter(found.values())))
    for name, each in found.items():
        print(f"{frame.rows:>9,} rows: {name:<36}{min(each):6.1f} ms at best, median {statistics.median(each):6.1f}; ratio {min(each) / floor:.1f}")


def equality_sums(frame: Frame) -> None:
    """How often each code occurs, of each choice: what any count must do at least."""
    names = [column for column in frame.layout.coded if column.codes]
    sums = [(pl.col(column.name) == place).sum().alias(f"{column.name} {place}") for column in names for place in range(len(column.codes))]
    for table, _ in frame.segments.tables():
        table.select(sums)


def took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


# --- what leaves -----------------------------------------------------------------------------------------


def export(frame: Frame) -> None:
    """The CSV, against `write_csv` of the finished table; in turn, five times."""
    responses = ResponseTable(frame.coding)
    table = pl.concat([responses.of(part) for part in with_weights(frame.slices(), frame.weighting())])
    floor, ours = [], []
    for _ in range(5):
        floor.append(spent(lambda: table.write_csv(io.BytesIO())))
        ours.append(spent(lambda: sum(map(len, csv_chunks(frame)))))
    (wall, cpu), (floor_wall, floor_cpu) = (map(min, zip(*each, strict=True)) for each in (ours, floor))
    print(
        f"{table.height:>9,} rows: export of {table.width} columns {wall:.2f} s, write_csv {floor_wall:.2f} s;"
        f" ratio {wall / floor_wall:.2f}, by cpu {cpu / floor_cpu:.2f}"
    )


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of processor time."""
    began = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began[0], time.process_time() - began[1]


# --- the service on top ----------------------------------------------------------------------------------


def restart(where: Path, size: int) -> None:
    with serving(where) as server:
        cookie = enrol(server, 1)[0].cookie
        researcher = signed_in(server, where)
        page, dashboard = f"/s/{sixty.SURVEY}/{SECTION}", f"/research/{sixty.SURVEY}"
        encode(server, page, cookie, dashboard, researcher)
    for what, path, key in (("a respondent's page", page, cookie), ("the dashboard", dashboard, researcher)):
        runs = []
        for _ in range(3):
            with serving(where, path, cookie=key) as server:
                runs.append((server.seconds, server.seconds_of_cpu))
                held = server.memory()
        best = min(runs)
        print(f"restart, first 200 of {what}: best {best[0]:.2f} s ({best[1]:.2f} s of processor time), median {statistics.median(run[0] for run in runs):.2f} s")
    mb = 1 << 20
    print(f"memory of the process {held / mb:.0f} MB, of the frame {size / mb:.0f} MB: bound {2 * size / mb + 100:.0f} MB")


def encode(server: Server, page: str, cookie: str, dashboard: str, researcher: str) -> None:
    """The first dashboard ever: all responses are encoded from their answers, while respondents answer."""
    began, asked = time.perf_counter(), []
    while server.get(dashboard, cookie=researcher)[0] != 200:
        asked.append(took(lambda: server.get(page, cookie=cookie)))
        time.sleep(0.2)
    seconds = time.perf_counter() - began
    print(f"the first dashboard, all responses encoded and numbered anew: {seconds:.0f} s; meanwhile a respondent's page took {statistics.median(asked):.0f} ms (median), at most {max(asked):.0f}", flush=True)


def signed_in(server: Server, where: Path) -> str:
    """The cookie of a researcher."""
    made = subprocess.run(
        [sys.executable, "-m", "app.commands.main", "researcher", "add", "bench@example.org"], cwd=where, check=True,
        env={**os.environ, **server.environment}, capture_output=True, text=True,
    ).stdout  # fmt: skip
    token = made.strip().rsplit("/", 1)[1]
    answer = ask(server.port, "POST", f"/sign-in/{token}", "x=1")
    return answer[1]["set-cookie"].partition(";")[0]
