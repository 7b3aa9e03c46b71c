"""Every example is sound: it checks, its pages render, simulated respondents complete it, and what they said exports."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.catalogue.files import survey_files
from app.interview.questionnaire import Questionnaire
from app.interview.route import Route
from app.simulation.respondents import Simulated, respondent
from app.survey.model import Instrument, Vignette
from app.web.http.templates import environment
from tests.support.answers import instrument_of
from tests.support.exports import assert_reads_back
from tests.support.paths import walk

ROOT = Path(__file__).parent.parent
EXAMPLES = survey_files(ROOT / "surveys" / "examples")
PAGES = environment(ROOT / "templates")
RESPONDENTS = 25


def simulated(instrument: Instrument, respondents: int = RESPONDENTS) -> list[Simulated]:
    chance = random.Random(1)
    return [respondent(Route(instrument), chance) for _ in range(respondents)]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_example_is_checked_rendered_completed_and_exported(file: Path) -> None:
    instrument = instrument_of(file)
    people = simulated(instrument)
    assert sum(person.completed or person.ended is not None for person in people) > RESPONDENTS * 0.6
    assert not [person.stuck for person in people if person.stuck]
    render(instrument, people[0])
    # The export reads back to what was answered, and its columns are the codebook's.
    assert_reads_back(instrument, [(person.pages[-1], "complete" if person.completed else "open") for person in people])


def render(instrument: Instrument, person: Simulated) -> None:
    """Every page on the respondent's path holds every item that is shown there."""
    questionnaire = Questionnaire(PAGES, instrument)
    path = walk(instrument, person.pages[-1])
    for step in path.sections:
        html = questionnaire.page("token", path, step, None).decode()
        for item in step.items:
            assert f'id="i-{item.id}"' in html


def test_every_page_of_every_example_is_reached_by_someone() -> None:
    """Sections that hundreds of plausible respondents never see would be dead weight in an example."""
    for file in EXAMPLES:
        instrument = instrument_of(file)
        if file.stem.startswith("large-"):
            continue
        people = simulated(instrument, 300)
        paths = [walk(instrument, person.pages[-1]) for person in people if person.pages]
        seen = {step.section.id for path in paths for step in path.sections}
        assert seen == set(instrument.section), file.stem


def test_vignettes_of_the_example_show_one_of_each_profession() -> None:
    instrument = instrument_of(ROOT / "surveys" / "examples" / "vignette.yaml")
    (vignette,) = instrument.vignettes
    assert isinstance(vignette, Vignette)
    for person in simulated(instrument):
        shown = {person.pages[-1][f"move_profession_{place}"] for place in range(1, 5)}
        assert shown == {"doctor", "engineer", "lawyer", "teacher"}


def test_the_large_survey_has_five_hundred_items() -> None:
    instrument = instrument_of(ROOT / "surveys" / "examples" / "large-training-survey.yaml")
    assert sum(item.type != "note" for item in instrument.items()) >= 500
