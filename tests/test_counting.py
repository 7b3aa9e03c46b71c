"""A filter cannot stop the service: it is counted away from the event loop, column by column, and for so long only."""

from __future__ import annotations

import asyncio
import json
import resource
import threading
import time

import polars as pl
import pytest

from app.catalogue.library import InstrumentLibrary
from app.results.filters.filter import Selection, truth
from app.results.findings import findings
from app.results.frame.frame import Frame
from app.results.frame.segments import Segments, sorted_segment
from app.results.marginals import figures
from app.results.view import View
from app.survey.conditions.language import Condition, parse_condition, whole_scope
from app.survey.source.reading import read_survey
from app.web.live.counting import CountingThreads, Stopped, TooSlow
from app.web.live.figures import LiveFigures
from tests.support.answers import given_response
from tests.support.respondent import respond
from tests.support.server import Server

ITEMS = "".join(
    f"      s{n}: {{type: number, ask: How much?, range: [0, 100], decimals: 2}}\n"
    f"      r{n}: {{type: rating, ask: How often?, scale: {{1: Never, 2: ~, 3: Always}}}}\n"
    for n in range(20)
)
SUMS = "".join(
    f"  v{k}: sum({', '.join(f's{n % 20} * {k + 1}.{n:02}' for n in range(60))})\n" for k in range(70)
)
SURVEY = f"title: Sums\nsections:\n  all:\n    items:\n{ITEMS}compute:\n{SUMS}"
#: Nine thousand operations, each another.
HEAVY = f"sum({', '.join(f'v{k}' for k in range(70))}) > 1"
ASKED = read_survey(SURVEY.encode(), "sums")[0]
SCOPE = whole_scope(ASKED)


ANSWERS = [
    {f"s{n}": (place * n) % 97 / 4 for n in range(20)} | {f"r{n}": (place + n) % 3 + 1 for n in range(20)}
    for place in range(32)
]


def frame_of(rows: int) -> Frame:
    """Rows that are alike in blocks of 32, since nine thousand operations on each take their time."""
    frame = Frame([ASKED])
    frame.take(given_response(ASKED, place, answers) for place, answers in enumerate(ANSWERS))
    (block,) = frame.slices(32)
    table = pl.concat([block] * -(-rows // 32)).head(rows).rechunk()
    frame.segments = Segments([sorted_segment(part) for part in table.iter_slices(1 << 18)])
    frame.recount()
    return frame


def chain(operators: str, letter: str, length: int) -> Condition:
    tree = ["get", f"{letter}0"]
    for place in range(length):
        tree = [operators[place % len(operators)], tree, ["get", f"{letter}{place % 20}"]]
    return Condition(f"{letter} {length}", [">", tree, 3], frozenset())


@pytest.mark.parametrize(
    "condition", [chain("+-*", "s", 200), chain("+-", "r", 200)], ids=["decimals", "whole"]
)
def test_two_hundred_operators_take_little_memory_and_are_translated_at_once(condition):
    frame = frame_of(320_000)
    seconds = []
    for _ in range(5):
        began = time.process_time()
        selection = Selection(condition, frame.layout)
        seconds.append(time.process_time() - began)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = sum(int(selection.mask(table).sum()) for table, _ in frame.segments.tables())
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert found == 10_000 * sum(condition.holds(answers) is True for answers in ANSWERS)
    assert min(seconds) < 0.05
    assert more < 200  # MB; as one expression it would double with every operator


@pytest.mark.parametrize(
    "source",
    [
        "s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11 + s12 + s13 + s14 + s15 + s16 + s17 + s18 + s19 > 1",
        "round(" * 30 + "s0" + ", 2)" * 30 + " > 1",
        "abs(s0 / s1 / s2 / s3 / s4 / s5 / s6 / s7 / s8 / s9 / s10 / s11 / s12 / s13 / s14 / s15) > 0",
        "(" + " if s0 > 1 else ".join(f"s{n}" for n in range(20)) + ") > 1",
        "mean(s0, " * 25 + "s1" + ")" * 25 + " > 1",
        "any(" * 30 + "s0 > 1" + ")" * 30,
        "not (" * 35 + "s0 > 1" + ")" * 35,
        HEAVY,
    ],
    ids=lambda source: source[:12],
)
def test_a_filter_has_about_as_many_steps_as_it_has_operators(source):
    tree = parse_condition(source, SCOPE).tree
    text = json.dumps(tree)
    operations = text.count("[")
    program = truth(tree, frame_of(10).layout)
    assert sum(len(batch.columns) for batch in program.batches) <= 3 * operations
    longest = max(len(str(column)) for batch in program.batches for column in batch.columns)
    assert longest < 8_000


def test_what_is_written_twice_is_worked_out_once():
    one = parse_condition("s0 * s1 > 3", SCOPE).tree
    many = parse_condition(" or ".join(["s0 * s1 > 3", "s0 * s1 < 1", "s0 * s1 == 2"] * 5), SCOPE).tree
    steps = [
        sum(len(batch.columns) for batch in truth(tree, frame_of(10).layout).batches) for tree in (one, many)
    ]
    assert steps[1] - steps[0] <= 6


def test_columns_are_dropped_when_nothing_needs_them():
    program = truth(chain("+-*", "s", 200).tree, frame_of(10).layout)
    alive, most = set(), 0
    for batch in program.batches:
        alive |= {column.meta.output_name() for column in batch.columns}
        most = max(most, len(alive))
        alive -= set(batch.done)
    assert most < 30 and len(alive) == 1


# --- in threads ---------------------------------------------------------------------------------------------


async def test_a_filter_that_takes_too_long_ends_with_a_sentence_while_the_loop_goes_on():
    frame, heavy = frame_of(150_000), parse_condition(HEAVY, SCOPE)

    counting, gaps = CountingThreads(seconds=1.0), []

    async def beat():
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - began)

    beating = asyncio.create_task(beat())
    began = time.monotonic()
    with pytest.raises(TooSlow, match="longer than 1 seconds"):
        await counting.filtered(lambda pause: figures(frame, View("all", where=heavy), pause))
    with pytest.raises(TooSlow):
        await counting.filtered(lambda pause: findings_or_wait(frame, heavy, pause))
    took = time.monotonic() - began
    beating.cancel()
    assert took < 20 and max(gaps) < took / 2


def findings_or_wait(frame, heavy, pause):
    """This survey has no scores: what findings read first is the same."""
    findings(frame, View("all", where=heavy), pause)
    for _ in frame.chosen(View("all", where=heavy), pause):
        pass


async def test_counting_ends_when_the_server_is_told_to_stop():
    frame, heavy = frame_of(150_000), parse_condition(HEAVY, SCOPE)
    live = LiveFigures(InstrumentLibrary(None), CountingThreads(), None, None)
    asyncio.get_running_loop().call_later(0.5, live.close)
    began = time.monotonic()
    with pytest.raises(Stopped):
        await live.counting.filtered(lambda pause: figures(frame, View("all", where=heavy), pause))
    with pytest.raises(Stopped):
        await live.counting.filtered(lambda pause: None)
    assert time.monotonic() - began < 5


def test_rows_that_come_in_meanwhile_are_not_counted_and_do_no_harm():
    frame = frame_of(5000)
    condition = parse_condition("s1 >= 0", SCOPE)
    snapshot = frame.snapshot()
    started, go_on = threading.Event(), threading.Event()

    def pause():
        started.set()
        go_on.wait(5)

    counted = []
    thread = threading.Thread(target=lambda: counted.append(snapshot.tally(View("all", where=condition), pause).n))
    thread.start()
    started.wait(5)
    frame.take(given_response(ASKED, 10_000 + place, {"s1": 1.0}) for place in range(50))
    go_on.set()
    thread.join()
    assert counted == [5000] and frame.tally(View("all", where=condition)).n == 5050


# --- with a server ------------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(tmp_path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "sums.yaml").write_text(SURVEY)
    with Server(tmp_path) as server:
        respond(server, "sums", {"s0": "1.5", "s1": "2"})
        with server.client(follow_redirects=True) as client:
            client.post(server.address("Sign in"), headers={"sec-fetch-site": "same-origin"})
            assert client.get("/research/sums").status_code == 200
            yield server, client


def test_respondents_are_answered_and_the_server_stops_while_a_filter_is_counted(signed_in):
    server, client = signed_in
    cookies, took, waits = dict(client.cookies), [], []

    def filtering():
        with server.client(cookies=cookies) as other:
            try:
                began = time.monotonic()
                answered = other.get("/research/sums", params={"where": HEAVY}, timeout=60)
                took.append((answered.status_code, time.monotonic() - began))
            except Exception as error:  # the server stops meanwhile
                took.append((str(error), 0))

    threads = [threading.Thread(target=filtering) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    with server.client() as respondent:
        for _ in range(5):
            began = time.monotonic()
            assert respondent.get("/s/sums").status_code == 200
            waits.append(time.monotonic() - began)
    assert client.get("/research/sums").status_code == 200  # and so is whoever looks without a filter
    assert not took, "the filter was counted before anything was tried"
    assert max(waits) < 3
    assert server.stop() < 8
    for thread in threads:
        thread.join()
    assert not {500} & {status for status, _ in took} and "500 reference" not in server.log.read_text()


def test_a_download_says_its_character_set_once(signed_in):
    _, client = signed_in
    for path, kind in (
        ("/export.csv", "text/csv"),
        ("/export.csv?values=labels", "text/csv"),
        ("/codebook.csv", "text/csv"),
        ("/codebook.md", "text/markdown"),
        ("", "text/html"),
    ):
        assert client.get(f"/research/sums{path}").headers["content-type"] == f"{kind}; charset=utf-8", path
