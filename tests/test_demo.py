"""The demonstration: simulated respondents whose groups differ and whose scores hang together."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np

from app.interview.route import Route
from app.server.demo import Behaviours, answer
from app.simulation.behaviour import Behaviour
from app.simulation.invented import described, invented
from app.simulation.respondents import respondent
from app.survey.model import Instrument
from tests.support.answers import instrument as instrument_of
from tests.support.respondent import service
from tests.support.server import Server

STIGMA = """
title: Leaving
scores: {stigma: {label: Stigma, mean: [seen.failed, seen.gave_up, seen.grew], reverse: [seen.grew], at_least: 3}}
sections:
  one: {items: {status: {type: single_choice, ask: Status?, required: true, options: {in: In practice, left: Left}}}}
  two:
    items:
      seen:
        type: matrix
        ask: How do doctors see it?
        scale: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely, 5: Completely}
        statements: {failed: Failed, gave_up: Gave up, grew: Grew}
"""
CASES = """
title: Cases
sections:
  one:
    items:
      move:
        type: vignette
        text: A {who} moves on.
        attributes: {who: {doctor: doctor, engineer: engineer}}
        each_sees: 2
        blocks: 1
        ratings: {growth: {ask: Growth?, scale: {1: None, 2: Little, 3: Some, 4: Much, 5: Full}}}
"""


def answers_of(instrument: Instrument, behaviour: Behaviour, people: int) -> list[dict]:
    route, chance = Route(instrument), random.Random(1)
    behaviour = replace(behaviour, skips=0, declines=0)
    found = [respondent(route, chance, behaviour) for _ in range(people)]
    return [each.pages[-1] for each in found if each.completed]


def test_described_effects_make_groups_differ_and_move_everyone():
    instrument = instrument_of(STIGMA)
    written = {
        "answers": {"status": {"in": 50, "left": 50}},
        "effects": ["seen.grew -1.0", "status=left: seen.failed +1.0"],
    }
    rows = answers_of(instrument, described(instrument, written), 400)
    failed = {
        code: [row["seen.failed"] for row in rows if row["status"] == code] for code in ("in", "left")
    }
    assert mean(failed["left"]) - mean(failed["in"]) > 0.4
    assert mean(row["seen.grew"] for row in rows) < 2.6


def test_parts_of_a_score_hang_together_with_reversed_ones_against_the_rest():
    instrument = instrument_of(STIGMA)
    rows = answers_of(instrument, invented(instrument, random.Random(3)), 500)
    names = ("seen.failed", "seen.gave_up", "seen.grew")
    whole = np.array([[row[name] for name in names] for row in rows])
    together = np.corrcoef(whole, rowvar=False)
    assert together[0, 1] > 0.15 and together[0, 2] < -0.15 and together[1, 2] < -0.15


def test_an_invented_level_moves_the_ratings_of_every_vignette_alike():
    instrument = instrument_of(CASES)
    by = {(each.cause, each.code): each.by for each in invented(instrument, random.Random(5)).effects if each.cause}
    assert by["move_who_1", "doctor"] == by["move_who_2", "doctor"] != by["move_who_1", "engineer"]


async def test_responses_of_a_demo_have_come_over_several_days(tmp_path):
    async with service(tmp_path, STIGMA) as app:
        await answer(app, respondents=50, seed=7, seconds=0)
        days = {change.began for change in await app.storage.changes("leaving", 0, 1000)}
    assert len(days) > 10


def test_a_survey_of_that_name_with_other_items_is_shown_with_invented_effects():
    instrument = instrument_of(STIGMA, "leaving-clinical-practice")
    assert Behaviours(7).of(instrument).effects


def test_the_sign_in_link_of_a_demo_leads_to_the_results_without_a_password(tmp_path: Path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(STIGMA)
    with Server(tmp_path, "-n", "0", command="demo") as server:
        with server.client() as browser:
            entered = browser.post(server.address("Sign in"))
    assert entered.headers.get("location", str(entered.url)).endswith("/research")
    assert not re.search("password", entered.text, re.I)
