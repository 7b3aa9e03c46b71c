"""Simulated respondents: they walk the real path, and what they say reads back."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from app.catalogue.files import survey_files
from app.interview.form import fields_of
from app.interview.path import SectionOnPath, unanswered
from app.interview.route import Route
from app.results.frame.frame import Frame
from app.simulation.behaviour import Behaviour
from app.simulation.respondents import Simulated, respondent
from app.survey.items.registry import Note
from app.survey.model import Instrument
from tests.support.answers import given_response, instrument_of
from tests.support.paths import read_section, walk

SURVEYS = Path(__file__).parent.parent / "surveys"
FILES = [*survey_files(SURVEYS), *survey_files(SURVEYS / "examples")]
EAGER = Behaviour(skips=0.2, breaks_off=0.05, declines=0.3)


def simulated(asked: Instrument, number: int, behaviour: Behaviour | None = None, seed: int = 7) -> list[Simulated]:
    chance = random.Random(seed)
    return [respondent(Route(asked), chance, behaviour) for _ in range(number)]


def shown(step: SectionOnPath) -> list[str]:
    """What a page says that it showed: its items, and those of their options and statements that may be hidden."""
    keys = [item.part_key(part) for item in step.items if not item.is_fixed for part in item.parts]
    return [*(item.id for item in step.items), *(key for key in keys if key not in step.off)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_response_is_on_its_path_and_complete_when_it_says_so(path):
    asked = instrument_of(path)
    for each in simulated(asked, 40, EAGER):
        for answers in each.pages:
            assert walk(asked, answers).answers == answers
        path = walk(asked, each.pages[-1])
        assert (each.completed or each.ended is not None) is (len(each.pages) == len(path.sections))
        assert path.ended == each.ended and each.stuck is None
        assert not each.completed or unanswered(path) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_page_reads_back_as_it_was_answered(path):
    asked = instrument_of(path)
    for each in simulated(asked, 20, EAGER):
        answers = each.pages[-1]
        for step in walk(asked, answers).sections:
            own = {name for item in step.section.items for name in item.keys}
            fields = fields_of(step.section, answers) | {"shown": shown(step)}
            reading = read_section(step.section, fields, {k: v for k, v in answers.items() if k not in own})
            if each.completed:
                assert (reading.problems, reading.skipped, reading.revealed) == ([], [], [])
            assert reading.answers == {name: answers[name] for name in own if name in answers}


def test_pages_grow_one_by_one(flagship):
    for each in simulated(flagship, 20):
        assert all(
            before.items() < after.items() for before, after in zip(each.pages, each.pages[1:], strict=False)
        )


def test_same_seed_gives_the_same_respondents(flagship):
    assert simulated(flagship, 10, seed=3) == simulated(flagship, 10, seed=3)
    assert simulated(flagship, 10, seed=3) != simulated(flagship, 10, seed=4)


def test_every_answer_is_one_that_results_can_count(flagship):
    frame = Frame([flagship])
    responses = simulated(flagship, 200)
    intake = frame.take(
        given_response(flagship, number, each.pages[-1], "complete" if each.completed else "open")
        for number, each in enumerate(responses)
    )
    assert intake.refused == ()
    assert frame.rows == 200


def test_people_differ_skip_decline_and_break_off(flagship):
    responses = simulated(flagship, 400)
    values = [value for each in responses for value in each.pages[-1].values()]
    assert {"missing": "skipped"} in values and {"missing": "declined"} in values
    assert 0.7 < sum(each.completed for each in responses) / 400 < 0.99
    assert {each.pages[0]["status"] for each in responses} == {
        option.code for option in flagship.item["status"].options
    }
    assert len({each.minutes for each in responses}) > 5


def test_everyone_answers_everything_when_nobody_skips(flagship):
    for each in simulated(flagship, 30, Behaviour(skips=0, breaks_off=0, declines=0)):
        path = walk(flagship, each.pages[-1])
        assert each.completed and unanswered(path) == []
        asked = [
            item
            for step in path.sections
            for item in step.items
            if not isinstance(item, Note) and item.type != "text"
        ]
        assert all(not isinstance(path.answers.get(name), dict) for item in asked for name in item.names)


def test_a_thousand_respondents_of_the_flagship_take_a_few_seconds(flagship):
    began = time.process_time()
    simulated(flagship, 1000)
    assert time.process_time() - began < 5  # a tenth of it on an idle machine
