"""The surveys that come with the service: they check clean, and lead everyone to an end."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue.files import read_file, survey_files
from app.interview.path import SectionOnPath
from app.interview.route import Route
from app.results.statistics.experiments.power import power
from app.simulation.behaviour import Behaviour
from app.simulation.duration import Durations
from app.simulation.reach import ReachCounts
from app.simulation.respondents import respondent
from app.survey.conditions.evaluator import compile_tree
from app.survey.conditions.language import FUNCTIONS
from app.survey.items.registry import (
    SHAPES,
    Matrix,
    MultipleChoice,
    Note,
    Number,
    Ranking,
    Rating,
    SemanticDifferential,
    SingleChoice,
)
from app.survey.items.shapes import Shape
from app.survey.model import Instrument, Item
from app.survey.source.reading import read_survey
from app.survey.vignettes.balance import report
from app.survey.warnings.privacy import categories
from tests.support.answers import instrument_of
from tests.support.paths import walk

SURVEYS = Path(__file__).parent.parent / "surveys"
FILES = [*survey_files(SURVEYS), *survey_files(SURVEYS / "examples")]
README = (SURVEYS / "README.md").read_text("utf-8")
WHOLE_SURVEYS = re.findall(r"^```yaml survey\n(.*?)^```", README, re.DOTALL | re.MULTILINE)

#: What each first answer leads to when nobody means to leave: pages, and items asked (notes apart; each of the five
#: vignettes, a page of its own, has three ratings).
ROUTES = {
    "practising": (19, 40),
    "reduced": (21, 43),
    "on_leave": (20, 42),
    "left": (18, 41),
    "returned": (19, 43),
    "retired_early": (18, 41),
    "retired": (14, 34),
    "trainee": (20, 41),
    "unable": (16, 36),
    "outside": (13, 28),
}


def some_answer(item: Item) -> dict[str, object]:
    """An answer that fits: first options, middle points, the least number."""
    match item:
        case SingleChoice():
            value: object = item.options[0].code
        case MultipleChoice():
            value = [option.code for option in item.options[:2]]
        case Rating() | Matrix():
            value = item.scale[len(item.scale) // 2].code
        case Number():
            value = item.least
        case Ranking():
            value = [option.code for option in item.options[:2]]
        case _:
            value = "words"
    return dict.fromkeys(item.names, value)


def led_through(instrument: Instrument, chosen: dict[str, object]) -> list[SectionOnPath]:
    """Sends one page after the other, each following from the answers so far, until there is none left."""
    answers: dict[str, object] = {}
    pages: list[SectionOnPath] = []
    page = walk(instrument, answers).sections[0].section.id
    while page:
        for _ in range(2):  # an answer may show a further item of the same page
            for item in walk(instrument, answers).step(page).items:
                wanted = some_answer(item)
                answers |= {name: chosen.get(name, value) for name, value in wanted.items()}
        pages.append(walk(instrument, answers).step(page))
        page = walk(instrument, answers).following(page)
    return pages


def asked(pages: list[SectionOnPath]) -> list[str]:
    return [item.id for page in pages for item in page.items if not isinstance(item, Note)]


def about_the_person(flagship: Instrument) -> list[Item]:
    return [item for item in flagship.section["about_you"].items if not isinstance(item, Note)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_survey_checks_clean(path):
    assert not read_file(path)[1]


@pytest.mark.parametrize("source", WHOLE_SURVEYS, ids=lambda source: source.splitlines()[0])
def test_every_survey_of_the_readme_checks_clean(source):
    assert read_survey(source.encode(), "readme")[1] == []


def all_shapes(shape: type[Shape]) -> Iterator[type[Shape]]:
    for each in shape.__subclasses__():
        yield each
        yield from all_shapes(each)


def test_readme_names_every_key_type_and_function_of_the_language():
    assert len(WHOLE_SURVEYS) == README.count("```yaml") > 0
    keys = {field.alias or key for shape in all_shapes(Shape) for key, field in shape.model_fields.items()} - {"on"}
    assert {key for key in keys | set(SHAPES) if not re.search(rf"`[^`\n]*\b{key}\b", README)} == set()
    assert {function for function in FUNCTIONS if f"`{function}(" not in README} == set()


def test_every_type_of_item_has_an_example_named_for_it():
    for kind in SHAPES:
        example = instrument_of(SURVEYS / "examples" / f"{kind.replace('_', '-')}.yaml")
        assert kind in {item.type for item in example.items()} or (kind == "vignette" and example.vignettes)


def test_conditions_example_decides_as_its_notes_say():
    example = instrument_of(SURVEYS / "examples" / "conditions.yaml")
    both = example.source + instrument_of(SURVEYS / "examples" / "functions.yaml").source
    assert {word for word in FUNCTIONS if not re.search(rf"\b{word}\(", both)} == set()
    answers = {
        "status": "left", "years": 12, "hoped": 30, "reasons": ["burnout", "interest"],
        "intent.job": 5, "intent.clinical": 2, "word": {"missing": "skipped"},
    }  # fmt: skip
    shown = {item.id for item in walk(example, answers).step("followed").items}
    assert shown == {
        "always", "equals", "not_among", "compares", "subtracts", "joins", "either", "negates",
        "is_missing", "has_one", "has_any", "counts", "highest", "average", "fallback",
    }  # fmt: skip


def test_conditions_example_shows_hardly_anything_to_someone_who_answers_nothing():
    example = instrument_of(SURVEYS / "examples" / "conditions.yaml")
    declined = walk(example, {"status": {"missing": "declined"}}).step("followed").items
    assert {item.id for item in declined} == {"always", "is_missing", "is_declined"}


def test_functions_example_decides_as_its_notes_say():
    example = instrument_of(SURVEYS / "examples" / "functions.yaml")
    answers = {
        "today": "2026-11-22", "began_work": "1998-08-01", "share": {"missing": "dont_know"}, "order": ["pay", "rota"],
        "seen.pay": 3, "seen.rota": 1, "seen.visa": {"missing": "not_applicable"},
    }  # fmt: skip
    shown = {item.id for item in walk(example, answers).step("followed").items}
    assert shown == {"ranked_first", "any_heavy", "before_2000", "in_august", "long_ago", "unknown", "no_visa", "late"}
    other = answers | {"share": 0.86, "seen.rota": 3, "seen.visa": 2, "began_work": "2026-01-01", "order": ["rota", "pay"]}
    other |= {"wish": {"missing": "skipped"}}
    shown = {item.id for item in walk(example, other).step("followed").items}
    assert shown == {"any_heavy", "all_some", "two_heavy", "full", "part_time"}


@pytest.mark.parametrize("status", ROUTES)
def test_every_route_of_the_flagship_reaches_its_end(flagship, status):
    pages = led_through(flagship, {"status": status})
    assert (len(pages), len(asked(pages))) == ROUTES[status]
    assert pages[-1].section.id == "about_you"


def test_flagship_has_a_route_for_every_first_answer(flagship):
    assert [option.code for option in flagship.item["status"].options] == list(ROUTES)
    assert flagship.item["status"].required


@pytest.mark.parametrize("status", ["practising", "reduced", "trainee", "on_leave"])
@pytest.mark.parametrize("left", ["intent.clinical", "intent.medicine"])
def test_all_who_may_leave_clinical_work_are_asked_whom_they_told_and_why(flagship, status, left):
    route = asked(led_through(flagship, {"status": status, left: 4}))
    assert {"told", "reasons", "main_reasons"} <= set(route)


def test_to_leave_only_a_job_is_not_to_leave_clinical_work(flagship):
    route = asked(led_through(flagship, {"status": "practising", "intent.job": 5}))
    assert not {"told", "reasons"} & set(route)


def test_someone_who_answers_only_the_first_question_still_reaches_the_end(flagship):
    for status in ROUTES:
        pages = [page.section.id for page in walk(flagship, {"status": status}).sections]
        assert pages[-1] == "about_you"


def test_an_answer_of_another_route_opens_no_page(flagship):
    """Someone who meant to leave goes back and says that they have retired."""
    answers = {"status": "practising", "intent.clinical": 5, "told": ["no_one"], "reasons": ["pay"]}
    path = walk(flagship, answers | {"status": "retired"})
    assert "reasons_for_leaving" not in [page.section.id for page in path.sections]
    assert path.answers == {"status": "retired"}


def test_every_item_of_the_flagship_is_on_some_route(flagship):
    chosen = {"intent.clinical": 5, "discussed": "planned"}
    reached = {
        name for status in ROUTES for name in asked(led_through(flagship, {"status": status, **chosen}))
    }
    assert reached == {item.id for item in flagship.items() if not isinstance(item, Note)}


def test_no_page_of_the_flagship_holds_more_than_five_lines_of_a_matrix(flagship):
    for section in flagship.sections:
        assert sum(len(item.statements) for item in section.items if isinstance(item, Matrix)) <= 5


def test_the_failure_growth_scale_runs_either_way_and_no_question_names_an_end(flagship):
    on_it = {item.id for item in flagship.items() if isinstance(item, Rating) and item.scale == flagship.item["own"].scale}
    assert on_it == {"norm", "norm_guess", "own", "tone", *(f"move_seen_{k}" for k in (1, 2, 3, 4, 5))} == set(flagship.flips)
    for item in on_it:
        assert flagship.flips[item].holds({"direction": "growth_first"}) and not flagship.flips[item].holds({"direction": "failure_first"})
        for language, ends in (("en", "fail|grow"), ("de", "scheiter|entwick")):
            assert not re.search(ends, flagship.in_language(language).item[item].ask.source, re.IGNORECASE)


@pytest.mark.parametrize("language, verdict", [("en", r"gave up|give up|giv\w+ up|quit"), ("de", r"aufgeb|aufgegeben|gibt .* auf\b|hinwerf")])
def test_no_text_of_the_flagship_says_that_someone_gave_up(language, verdict):
    texts = (SURVEYS / f"leaving-clinical-practice{'' if language == 'en' else '.de'}.yaml").read_text("utf-8")
    said = "\n".join(line for line in texts.splitlines() if not line.lstrip().startswith("#"))
    assert not re.search(verdict, said, re.IGNORECASE)


def test_chance_decides_whether_the_norm_or_ones_own_view_comes_first(flagship):
    assert set(flagship.drawn_by_name["sections~order"].moving) == {"how_it_is_seen", "how_you_see_it"}
    shown = [section.id for section in flagship.sections]
    order = [*shown[: shown.index("how_it_is_seen")], "how_you_see_it", "how_it_is_seen", *shown[shown.index("how_you_see_it") + 1 :]]
    pages = [page.section.id for page in walk(flagship, {"status": "left", "sections~order": order}).sections]
    assert pages.index("how_you_see_it") + 1 == pages.index("how_it_is_seen")


def test_each_party_that_may_be_let_down_is_asked_about(flagship):
    """An empty box of a tick list says "no" and "not read" alike."""
    assert isinstance(flagship.item["let_down"], Matrix) and len(flagship.item["let_down"].statements) == 5


def test_who_may_not_know_can_say_so(flagship):
    offer = {item.id for item in flagship.items() if "dont_know" in item.offers}
    assert offer == {
        "norm", "norm_guess", "seen", "patients_gain", "medicine_gains", "duty", "expected_years", "return_ease",
        "held_against_expected", "discussed", "tone",
    }  # fmt: skip


def test_who_does_not_know_the_norm_is_not_asked_for_more_of_it(flagship):
    for norm, items in (({"missing": "dont_know"}, ["norm"]), (3, ["norm", "seen"]), ({"missing": "skipped"}, ["norm", "seen"])):
        assert asked([walk(flagship, {"status": "left", "norm": norm}).step("how_it_is_seen")]) == items


def test_those_in_training_are_asked_about_leaving_it_and_not_about_their_post(flagship):
    for status, statement in (("trainee", "training"), ("practising", "job"), ("reduced", "job"), ("on_leave", "job")):
        page = walk(flagship, {"status": status}).step("next_two_years")
        asked_about = {name for item in page.items if item.id == "intent" for name in page.names_of(item)}
        assert asked_about == {f"intent.{each}" for each in (statement, "clinical", "medicine")}


def test_people_outside_medicine_have_a_question_about_themselves(flagship):
    own = asked([walk(flagship, {"status": "outside"}).step("about_you")])
    assert own == ["outside_work", "gender", "heard"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_consent_of_the_flagship_counts_its_questions(flagship, language):
    """The numbers of cases, of questions about each, of the fewest and the most further ones, and of those for outsiders."""
    consent = flagship.in_language(language).consent.source
    said = [int(number) for number in re.findall(r"\b\d+\b", consent.split("**")[4])]
    (move,) = flagship.vignettes
    before = 1 + move.each_sees * len(move.ratings)  # the first question, and the cases
    least, most = {"norm": {"missing": "dont_know"}}, {"intent.clinical": 5, "discussed": "planned"}
    counts = {
        status: [len(asked(led_through(flagship, {"status": status, **chosen}))) - before for chosen in (least, most)] for status in ROUTES
    }  # fmt: skip
    outside = counts.pop("outside")
    assert said == [move.each_sees, len(move.ratings), min(map(min, counts.values())), max(map(max, counts.values())), *set(outside)]


def test_the_note_of_method_speaks_of_the_survey_as_it_is(flagship):
    note = (SURVEYS / "leaving-clinical-practice.md").read_text("utf-8")
    known = {*flagship.item, *flagship.drawn_by_name, *flagship.computed_by_name, "move", "seen", "cause", "respect", "move_seen"}
    keys = {"analysis", "weights", f"sample: {flagship.sample}", "opinion simulate"}
    assert {name.rstrip(":") for name in re.findall(r"`([^`]*)`", note)} <= known | keys
    marked = [item for item in flagship.items() if item.identifying]
    assert f"{math.prod(map(categories, marked))} combinations" in note
    assert {int(number) for number in re.findall(r"\[(\d+)(?:, \d+)?\]", note)} <= set(range(1, 12))
    assert re.findall(r"^(\d+)\. ", note, re.MULTILINE) == [str(number) for number in range(1, 12)]


def test_norm_and_own_view_are_asked_on_the_same_statements_and_points(flagship):
    """The gap between the two is a difference of like and like."""
    for norm, own in (("norm", "own"), ("seen", "view")):
        assert flagship.item[norm].scale == flagship.item[own].scale
    assert flagship.item["seen"].statements == flagship.item["view"].statements


def test_what_weighs_most_is_chosen_among_what_was_asked(flagship):
    item = flagship.item
    obstacles = [(s.id, s.text) for name in ("costs", "ties") for s in item[name].statements]
    assert [(option.code, option.label) for option in item["heaviest"].options] == obstacles
    costs = {f"costs.{s.id}": 1 for s in item["costs"].statements} | {"costs.debt": 3, "ties.visa": 2}
    asked = walk(flagship, {"status": "practising", **costs}).step("what_weighs_most")
    assert {key for key in part_keys(item["heaviest"]) if key not in asked.off} == {"heaviest.debt", "heaviest.visa"}
    assert walk(flagship, {"status": "practising", **costs, "costs.debt": 1, "ties.visa": 1}).step("what_weighs_most") is None


def part_keys(item: Item) -> list[str]:
    return [f"{item.id}.{option.code}" for option in item.options]


def test_five_vignettes_of_five_professions_come_first_in_twenty_balanced_blocks(flagship):
    (move,) = flagship.vignettes
    assert [section.id for section in flagship.sections[1:6]] == [f"someone_moves_on_{k}" for k in (1, 2, 3, 4, 5)]
    known = report(move.design, flagship.sample)
    assert (known.blocks, known.distinct, known.admissible) == (20, 100, 100)
    assert (known.main, known.correlation) == (pytest.approx(1), 0) and known.within > 0.98
    for block in move.design.blocks:
        assert len({profession for profession, _, _ in block}) == 5


def test_the_sample_is_enough_for_the_primary_contrast(flagship):
    """A doctor against an engineer in the first case: each is first for a fifth of those who are in medicine."""
    (plan,) = flagship.analysis.primary
    contrast = plan.contrast
    assert (plan.item, plan.vignettes) == ("move_seen", "first")
    assert (contrast.by, contrast.first, contrast.second) == ("profession", "physician", "engineer")
    medical, rated = 0.9, 0.97
    each = flagship.sample * medical * rated / 5
    assert power(0.25, math.sqrt(2 / each)) > 0.8
    assert power(0.25, math.sqrt(2 / 252)) > 0.8 > power(0.25, math.sqrt(2 / 251))  # what the file says of it


def test_poles_may_stand_either_way(flagship):
    signs = flagship.item["signs"]
    assert isinstance(signs, SemanticDifferential) and signs.flip and len(signs.statements) == 4
    assert {"signs~poles", "signs~order"} <= set(flagship.given)


def test_scores_rise_with_what_they_are_named_for(flagship):
    """Five items each of the norm and of one's own view; the gap is their difference."""
    worst = {"norm": 1, "seen.failed": 5, "seen.not_equal": 5, "seen.grew": 1, "seen.chose_well": 1}
    own = {"own": 5, "view.failed": 1, "view.not_equal": 1, "view.grew": 5, "view.chose_well": 5}
    strain = {"strain.ran_out": 5, "strain.willpower": 5, "strain.restored": 1, "strain.switched_off": 1}
    costs = {f"{name}.{s.id}": 5 for name in ("costs", "ties") for s in flagship.item[name].statements}
    answers = worst | own | strain | costs
    values = {each.name: compile_tree(each.tree)(answers) for each in flagship.computed}
    assert values == {
        "stigma_seen": 100, "stigma_own": 0, "stigma_gap": 100, "strain_felt": 100, "cost_of_leaving": 100,
    }  # fmt: skip
    cost = compile_tree(flagship.computed_by_name["cost_of_leaving"].tree)
    assert cost(answers | {"costs.debt": {"missing": "not_applicable"}}) == 90  # what does not exist is no obstacle
    assert cost(costs | dict.fromkeys(costs, {"missing": "not_applicable"})) == 0
    assert all("not yet validated" in computed.label for computed in flagship.computed)
    without = {name: value for name, value in answers.items() if name not in ("own", "view.grew")}
    assert compile_tree(flagship.computed_by_name["stigma_own"].tree)(without) is None


def test_the_flagship_is_whole_in_german(flagship):
    assert flagship.languages == ("en", "de")
    german = flagship.in_language("de")
    for item in flagship.items():
        assert german.item[item.id].ask.source != item.ask.source or item.id.startswith("held")


def test_every_branch_of_the_flagship_is_reached(flagship):
    chance, counted = random.Random(7), ReachCounts(flagship)
    for _ in range(1000):
        counted.add(respondent(Route(flagship), chance))
    reach = counted.reach()
    assert (reach.never_reached(), reach.never_opened(), reach.never_asked(), reach.stuck) == ([], [], [], {})


@pytest.mark.parametrize("status", ROUTES)
def test_every_route_of_the_flagship_takes_less_than_ten_minutes(flagship, status):
    """The median of 150, and the one of 1,000 that the note of method gives."""
    chance, counted, took = random.Random(7), ReachCounts(flagship), Durations(flagship)
    behaviour = Behaviour(answers={"status": {status: 1.0}})
    for _ in range(150):
        counted.add(respondent(Route(flagship), chance, behaviour, durations=took))
    words = {
        "practising": "practising", "reduced": "hours cut", "on_leave": "on leave", "left": "left", "returned": "returned", "retired_early": "retired early",
        "retired": "retired", "trainee": "in training", "unable": "unable to practise", "outside": "outside medicine",
    }  # fmt: skip
    note = (SURVEYS / "leaving-clinical-practice.md").read_text("utf-8").partition("Simulated medians")[2]
    said = re.search(rf"\b{words[status]}\s([0-9.]+[0-9])", note)
    assert counted.reach().minutes.median < 10 and float(said[1]) < 10
    assert counted.reach().minutes.median == pytest.approx(float(said[1]), abs=0.8)


def test_sensitive_items_of_the_flagship_may_be_declined(flagship):
    sensitive = {
        "intent", "told", "strain", "reasons", "main_reasons", "forced", "reactions", "relief", "regret",
        "way_back", "held_against", "held_against_expected",
    } | {item.id for item in about_the_person(flagship)}  # fmt: skip
    assert {item.id for item in flagship.items() if item.decline} == sensitive


def test_at_the_expected_sample_the_flagship_singles_nobody_out_on_average(flagship):
    """What a colleague may know counts together, the position asked about on the first page included."""
    marked = [item.id for item in flagship.items() if item.identifying]
    assert marked == ["status", "specialty", "stage", "gender"]
    cells = math.prod(categories(flagship.item[item]) for item in marked)
    assert flagship.sample / cells >= flagship.results.floor


def test_every_question_about_the_person_gives_its_reason(flagship):
    about = about_the_person(flagship)
    assert len(about) == 6
    assert all(item.hint.source.startswith("Why we ask: ") and not item.required for item in about)


def test_poll_can_be_set_beside_the_flagship(flagship):
    poll = instrument_of(SURVEYS / "is-leaving-failure.yaml")
    (item,) = poll.items()
    assert (item.id, item.scale) == ("own", flagship.item["own"].scale)
    assert flagship.item["own"].ask.source == item.ask.source
    assert poll.results.show_to == "everyone"
