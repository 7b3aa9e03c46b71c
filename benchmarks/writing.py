"""What a researcher waits for: a large survey checked, its first page, and ten thousand simulated respondents."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.catalogue.files import read_file
from app.interview.questionnaire import Questionnaire
from app.interview.route import Route
from app.simulation.respondents import respondent
from app.survey.documents.places import read_yaml
from app.web.http.templates import environment

ROOT = Path(__file__).parent.parent
LARGE = ROOT / "surveys" / "examples" / "large-training-survey.yaml"
FLAGSHIP = ROOT / "surveys" / "leaving-clinical-practice.yaml"


def best(act: Callable[[], object], times: int) -> tuple[float, float]:
    """The least and the middle of some runs, in milliseconds of the processor."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        act()
        taken.append((time.process_time() - began) * 1000)
    return min(taken), statistics.median(taken)


def checking(quick: bool) -> None:
    """A survey of 500 items: checked, its pages compiled, its first page filled; against taking its YAML apart"""
    times = 3 if quick else 15
    source = LARGE.read_bytes()
    floor, _ = best(lambda: read_yaml(source, "large"), times)
    print(f"floor, YAML with places: {floor:.0f} ms")
    instrument, _ = read_file(LARGE)
    assert instrument is not None
    items = sum(item.type != "note" for item in instrument.items())
    least, middle = best(lambda: read_file(LARGE), times)
    print(f"check of {items} items: {least:.0f} ms at best, {middle:.0f} at the median; {least / floor:.1f} floors")
    pages = environment(ROOT / "templates")
    least, middle = best(lambda: Questionnaire(pages, instrument), max(times // 3, 1))
    print(f"compiling all {len(instrument.sections)} pages: {least:.0f} ms at best, {middle:.0f} at the median")
    questionnaire = Questionnaire(pages, instrument)
    path = questionnaire.route.path({})
    least, _ = best(lambda: questionnaire.page("token", questionnaire.route.path({}), path.sections[0], None), times * 20)
    print(f"the first page, path included: {least:.2f} ms")


def simulating(quick: bool) -> None:
    """Simulated respondents of the flagship: each, and `opinion simulate` as a whole"""
    instrument, _ = read_file(FLAGSHIP)
    assert instrument is not None
    chance, respondents = random.Random(1), 100 if quick else 500
    began = time.process_time()
    route = Route(instrument)
    for _ in range(respondents):
        respondent(route, chance)
    print(f"one respondent: {(time.process_time() - began) * 1000 / respondents:.2f} ms of the processor")
    many = 1000 if quick else 10_000
    began = time.perf_counter()
    command = [sys.executable, "-m", "app.commands.main", "simulate", str(FLAGSHIP), "-n", str(many), "--seed", "7"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    print(f"opinion simulate -n {many}: {time.perf_counter() - began:.1f} s")
