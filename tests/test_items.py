"""Item types: each is one file that describes its answers, and all else is derived from them without naming it."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.interview.form import fields_of
from app.interview.path import NOTHING_OFF
from app.interview.route import Route
from app.results.charts.draw import draw
from app.results.disclosure.counted import counted
from app.results.disclosure.release import next_release
from app.results.marginals import figures
from app.simulation.behaviour import Behaviour
from app.simulation.respondents import fields_sent, new_person, respondent
from app.survey.codebook import codebook
from app.survey.items.base import Item
from app.survey.items.fields import Page
from app.survey.items.registry import SHAPES, TYPES
from app.survey.model import Instrument, ResultsPolicy
from app.survey.source.schema import survey_schema
from tests.support import expressions, surveys
from tests.support.answers import given_response, instrument_of
from tests.support.answers import instrument as survey_of
from tests.support.exports import assert_reads_back, framed

ROOT = Path(__file__).parent.parent

CHOICE = "options: {a: A, b: B, c: {label: C, please_say: true}}"
#: One item of each type with its figure, and its answers: name, kind, measure, group, who gives a reason with it.
ASKED = {
    f"{{type: single_choice, ask: Q, {CHOICE}}}": (
        "distribution", [("q", "choice", "nominal", "", ""), ("q.c", "text", "nominal", "", "")],
    ),
    f"{{type: dropdown, ask: Q, {CHOICE}}}": (
        "distribution", [("q", "choice", "nominal", "", ""), ("q.c", "text", "nominal", "", "")],
    ),
    f"{{type: multiple_choice, ask: Q, {CHOICE}}}": (
        "flags", [("q", "multiple", "nominal", "", ""), ("q.c", "text", "nominal", "", "")],
    ),
    "{type: rating, ask: Q, scale: {1: Low, 2: High}}": ("distribution", [("q", "choice", "ordinal", "", "")]),
    "{type: nps, ask: Q, low: No, high: Yes}": ("net", [("q", "choice", "ordinal", "", "")]),
    "{type: matrix, ask: Q, scale: {1: Low, 2: High}, statements: {a: A, b: B}}": (
        "distribution", [("q.a", "choice", "ordinal", "", ""), ("q.b", "choice", "ordinal", "", "")],
    ),
    "{type: semantic_differential, ask: Q, pairs: {a: [Cold, Warm]}}": (
        "distribution", [("q.a", "choice", "ordinal", "", "")],
    ),
    "{type: number, ask: Q, range: [0, 9]}": ("distribution", [("q", "number", "interval", "", "q")]),
    "{type: slider, ask: Q, range: [0, 9]}": ("distribution", [("q", "number", "interval", "", "q")]),
    "{type: date, ask: Q}": ("distribution", [("q", "date", "interval", "", "q")]),
    "{type: text, ask: Q}": ("distribution", [("q", "text", "nominal", "", "q")]),
    "{type: ranking, ask: Q, options: {a: A, b: B}}": ("ranks", [("q", "ranks", "ordinal", "", "q")]),
    "{type: constant_sum, ask: Q, options: {a: A, b: B}}": (
        "shares", [("q.a", "number", "interval", "q", "q"), ("q.b", "number", "interval", "q", "q")],
    ),
    "{type: best_worst, ask: Q, best: Most, worst: Least, options: {a: A, b: B, c: C}}": (
        "best_worst", [("q.best", "choice", "nominal", "q", "q"), ("q.worst", "choice", "nominal", "q", "q")],
    ),
    "{type: note, text: Read this}": ("distribution", []),
}  # fmt: skip


def asked(item: str) -> Item:
    return survey_of(f"title: T\nsections: {{s: {{items: {{q: {item}}}}}}}").item["q"]


@pytest.mark.parametrize("item", ASKED, ids=lambda item: item.split(",")[0][7:])
def test_an_item_says_what_it_asks_for(item):
    read = asked(item)
    answers = [(each.name, each.kind, each.measure, each.group, each.reason_with) for each in read.answers()]
    assert (read.figure, answers) == ASKED[item]
    assert read.reasons_beside == any(each.reason_with for each in read.answers())


def test_a_two_poled_row_labels_its_ends_with_its_poles():
    (answer,) = asked("{type: semantic_differential, ask: Q, pairs: {a: [Cold, Warm]}}").answers()
    assert answer.poles is not None
    assert [pole.plain for pole in answer.poles] == ["Cold", "Warm"]


def test_variables_carry_the_measure_and_the_figure_of_their_answer():
    read = survey_of(
        "title: T\nscores: {total: {label: L, mean: [m]}}\nsections: {s: {items: {"
        "m: {type: matrix, ask: Q, scale: {1: Low, 2: High}, statements: {a: A}},"
        "r: {type: ranking, ask: Q, options: {a: A, b: B}},"
        "w: {type: constant_sum, ask: Q, options: {a: A, b: B}}}}}"
    )
    found = [(each.name, each.measure, each.figure, each.group) for each in codebook(read).variables]
    assert found == [
        ("m.a", "ordinal", "distribution", ""),
        ("r.a", "ordinal", "ranks", ""),
        ("r.b", "ordinal", "ranks", ""),
        ("w.a", "interval", "shares", "w"),
        ("w.b", "interval", "shares", "w"),
        ("total", "interval", "distribution", ""),
    ]


def test_the_parts_of_a_sum_say_what_they_add_up_to():
    read = asked("{type: constant_sum, ask: Q, options: {a: A, b: B}, total: 10}")
    assert read.adds_up_to == 10
    assert not any(read.answer[name].is_on_a_scale for name in read.names)


# --- the registry ----------------------------------------------------------------------------------------

ASKING = [name for name, kind in TYPES.items() if kind.shape.is_asked]


def example(kind: str) -> Instrument:
    return instrument_of(ROOT / "surveys" / "examples" / f"{kind.replace('_', '-')}.yaml")


def responses(asked: Instrument, number: int) -> list[tuple[dict, str]]:
    """Answers of simulated respondents who submit."""
    route, chance = Route(asked), random.Random(5)
    found = [respondent(route, chance, Behaviour(breaks_off=0, skips=0.1, declines=0.2)) for _ in range(number)]
    return [(each.pages[-1], "complete") for each in found]


@pytest.mark.parametrize("kind", SHAPES)
def test_every_type_has_a_template_an_example_and_a_row_of_reference(kind):
    asked = example(kind)
    assert kind in [item.type for item in asked.items()] or asked.vignettes
    assert (ROOT / "templates" / "items" / f"{kind}.html").exists() or asked.vignettes
    assert re.search(rf"^\| `{kind}` \|", (ROOT / "surveys" / "README.md").read_text("utf-8"), re.MULTILINE)
    kinds = [shape["properties"].get("type", {}).get("const") for shape in survey_schema()["$defs"].values()]
    assert kind in kinds


@pytest.mark.parametrize("kind", ASKING)
def test_what_a_simulated_respondent_fills_in_is_read_and_written_back(kind):
    asked, chance = example(kind), random.Random(3)
    answered = 0
    for section in asked.sections:
        for item in (item for item in section.items if item.type == kind):
            for _ in range(30):
                person = new_person(chance, Behaviour(careless=0.3, skips=0, declines=0.2), "de")
                fields = fields_sent(item, person, {"today": "2026-11-22"}, NOTHING_OFF)
                values, problems = item.from_form(Page(fields, "de", "2026-11-22"))
                assert problems == []
                again = fields_of(section, values, "de")
                assert {name: sorted(again[name]) for name in fields} == {name: sorted(sent) for name, sent in fields.items()}
                answered += bool(values)
    assert answered


@pytest.mark.parametrize("kind", ASKING)
def test_the_data_of_every_type_read_back_from_an_export(kind):
    asked = example(kind)
    assert_reads_back(asked, responses(asked, 12))


@pytest.mark.parametrize("kind", ASKING)
def test_every_type_has_marginals_and_a_chart(kind):
    asked = example(kind)
    changes = [given_response(asked, number, *each) for number, each in enumerate(responses(asked, 20))]
    mine = {item.id for item in asked.items() if item.type == kind}
    found = [each for each in figures(framed(changes, asked)).items if each.item in mine]
    assert {each.item for each in found} == mine
    for each in found:
        assert each.answered and draw(each, "en").summary is not None


def test_random_surveys_hold_every_type():
    """So that the three evaluators of conditions, paths and exports are tried with each of them."""
    assert set(ASKING) == set(expressions.TYPES) == {*surveys.TYPES} - {"columns"}


def test_the_net_figure_is_promoters_less_detractors():
    asked = survey_of("title: T\nsections: {s: {items: {q: {type: nps, ask: Q, low: No, high: Yes}}}}")
    scores = [10, 10, 9, 8, 7, 6, 0, 10, 9, 3]
    changes = [given_response(asked, number, {"q": score}, "complete") for number, score in enumerate(scores)]
    (item,) = figures(framed(changes, asked)).items
    net = item.parts[0].net
    assert net is not None and net.value == pytest.approx(0.2) and net.n == 10
    # The mean of 5 ones, 3 minus ones and 2 zeros, with Student's t of 9 degrees of freedom.
    assert (net.low, net.high) == pytest.approx((-0.457, 0.857), abs=0.001)
    assert ("promoters less detractors", "+20 [−46 – 86]") in [
        (str(words.form), value) for words, value in draw(item, "en").measures
    ]


def test_the_public_sees_the_net_figure_of_a_score_from_0_to_10():
    """Of 132, 24 are promoters and 84 detractors."""
    asked = survey_of("title: T\nsections: {s: {items: {q: {type: nps, ask: Q, low: No, high: Yes}}}}")
    scores = [score for score in range(11) for _ in range(12)]
    changes = [given_response(asked, number, {"q": score}, "complete") for number, score in enumerate(scores)]
    release = next_release(None, counted(framed(changes, asked)), ResultsPolicy("everyone"))
    assert release is not None and release.items[0].parts[0].net == (24 - 84) / 132
    assert {str(words.form): value for words, value in draw(release.items[0], "en").measures}["promoters less detractors"] == "−45"


# --- nothing else names a type ---------------------------------------------------------------------------

#: Words that are also a kind of value, or a figure: they say what an answer is, not which type asks for it.
KINDS = {"number", "text", "date", "best_worst"}
#: A vignette is an experiment with rooms of its own; its questions are called ratings.
OF_VIGNETTES = {"vignette"}
CLASSES = {kind.__name__ for kind in TYPES.values()} | {kind.shape.__name__ for kind in TYPES.values()}
HOME = ROOT / "app" / "survey" / "items"


def named_types(path: Path) -> Iterator[str]:
    """Every type that a module names: as a text of its own, as a class, or by comparing an item's type with one."""
    names = set(SHAPES) - KINDS - OF_VIGNETTES - ({"rating"} if "vignettes" in path.name else set())
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and node.value in names:
            yield f"{path.name}:{node.lineno} {node.value!r}"
        elif (isinstance(node, ast.Name | ast.alias) and getattr(node, "id", getattr(node, "name", "")) in CLASSES) or (isinstance(node, ast.Compare) and re.search(r"\b(item|old|new|shape)\.type == ['\"]", ast.unparse(node))):
            yield f"{path.name}:{node.lineno} {ast.unparse(node)}"


def test_only_its_own_file_and_the_registry_name_a_type():
    database = {ROOT / "app" / "responses" / "tables.py"}  # where Date is a column
    files = {path for path in (ROOT / "app").rglob("*.py") if HOME not in path.parents and "migrations" not in path.parts}
    assert [found for path in sorted(files - database) for found in named_types(path)] == []


def test_an_item_type_names_no_other_but_those_that_it_is_a_form_of():
    """A slider is a number, a net score a rating: they import what they share."""
    for name, kind in TYPES.items():
        module = HOME / f"{name}.py"
        own = {each.__name__ for each in kind.__mro__} | {f"{each.__name__}Shape" for each in kind.__mro__}
        named = {found.split()[-1] for found in named_types(module)} - own - {repr(name), kind.shape.__name__}
        assert {each for each in named if not each.endswith("Shape")} == set(), name


@pytest.mark.parametrize("file", sorted((ROOT / "app" / "web" / "static").glob("*.[jc]s*")), ids=lambda file: file.name)
def test_the_browser_goes_by_what_a_field_does(file):
    """Scripts and styles name no type; the parts of an attribute's or a property's name do not count."""
    names = set(SHAPES) - KINDS - OF_VIGNETTES - ({"note"} if file.suffix == ".css" else set())
    found = re.findall(rf"(?<![\w-])({'|'.join(sorted(names))})(?![\w-])", file.read_text("utf-8"))
    assert found == []
