"""Item types by what they ask for: every type describes its answers, and all else is derived from them."""

from __future__ import annotations

import pytest

from app.survey.codebook import codebook
from app.survey.items.base import Item
from tests.support.answers import instrument as survey_of

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
