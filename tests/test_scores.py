"""Scores: reversal, prorating, rescaling and bands, against values worked out by hand, with answers missing."""

from __future__ import annotations

from typing import Any

import pytest

from app.survey.conditions.evaluator import compile_tree
from app.survey.items.base import Answer, Option
from app.survey.model import Computed
from app.survey.scope import answer_of_computed
from app.survey.scores import ScorePart, score
from app.survey.texts import Text

SCALE = tuple(Option(code, Text("")) for code in (1, 2, 3, 4, 5))
PARTS = [ScorePart.of(Answer(name, "choice", options=SCALE)) for name in ("a", "b", "c", "d")]
DECLINED = {"missing": "declined"}


def made(*arguments: Any, **options: Any) -> Computed:
    return next(score("burden", "Burden", *arguments, **options))


def worth(computed: Computed, **answers: Any) -> Any:
    return compile_tree(computed.tree)(answers)


@pytest.mark.parametrize(
    ("how", "options", "answers", "by_hand"),
    [
        ("mean", {}, {"a": 1, "b": 2, "c": 4, "d": 5}, 3.0),
        ("mean", {}, {"a": 1, "b": 2}, 1.5),
        ("mean", {}, {"a": 1, "b": DECLINED}, 1.0),
        ("mean", {}, {}, None),
        ("mean", {"at_least": 3}, {"a": 1, "b": 2}, None),
        ("mean", {"at_least": 3}, {"a": 1, "b": 2, "d": 3}, 2.0),
        ("mean", {"reverse": ["c", "d"]}, {"a": 1, "b": 2, "c": 4, "d": 5}, 1.5),  # 1 2 2 1
        ("mean", {"reverse": ["c"], "at_least": 2}, {"a": 1, "c": 1}, 3.0),  # 1 5
        ("sum", {}, {"a": 1, "b": 2, "c": 4, "d": 5}, 12.0),
        ("sum", {}, {"a": 1, "b": 2, "c": 4}, None),  # a sum of three is no sum of four
        ("sum", {"at_least": 3}, {"a": 1, "b": 2, "c": 4}, 7.0),
        ("sum", {"reverse": ["a"]}, {"a": 1, "b": 2, "c": 4, "d": 5}, 16.0),
        ("sum_prorated", {}, {"a": 1, "b": 2, "c": 4, "d": 5}, 12.0),
        ("sum_prorated", {}, {"a": 1, "b": 2, "c": 3}, 8.0),
        ("sum_prorated", {"at_least": 3}, {"a": 1, "b": 2}, None),
        ("sum_prorated", {"at_least": 2, "reverse": ["b"]}, {"a": 1, "b": 2}, 10.0),  # 1 4, twice
        ("count", {}, {"a": 1, "b": DECLINED, "c": 5}, 2.0),
        ("count", {}, {}, None),  # nothing of it was asked
        ("count", {}, {"b": DECLINED}, 0.0),
        ("count", {"to": [0, 1]}, {}, None),
        ("count", {"at_least": 2}, {"a": 1}, None),
        ("mean", {"to": [0, 100]}, {"a": 1, "b": 1, "c": 1, "d": 1}, 0.0),
        ("mean", {"to": [0, 100]}, {"a": 5, "b": 5, "c": 5, "d": 5}, 100.0),
        ("mean", {"to": [0, 100]}, {"a": 2, "b": 3}, 37.5),
        ("mean", {"to": [0, 100]}, {"a": DECLINED}, None),
        ("mean", {"to": [100, 0]}, {"a": 2, "b": 3}, 62.5),
        ("mean", {"to": [-1, 1], "reverse": ["a"]}, {"a": 5, "b": 1, "c": 1, "d": 1}, -1.0),
        ("sum", {"to": [0, 10]}, {"a": 1, "b": 2, "c": 4, "d": 5}, 5.0),  # 12 of 4 to 20
        ("sum_prorated", {"to": [0, 10]}, {"a": 3}, 5.0),
        ("count", {"to": [0, 1]}, {"a": 1}, 0.25),
    ],
)  # fmt: skip
def test_score_is_what_it_is_by_hand(how, options, answers, by_hand):
    assert worth(made(how, PARTS, **options), **answers) == by_hand


TRUTHS = [
    ScorePart.of(Answer(f"{name}_long", "truth", tree=[">", ["get", name], 10], needs=frozenset({name})))
    for name in ("a", "b", "c")
]


def test_count_of_truths_counts_those_that_are_true_among_those_that_are_known():
    computed = made("count", TRUTHS)
    assert computed.names == {"a", "b", "c"}
    assert worth(computed, a=11, b=10, c=12) == 2
    assert worth(computed, a=11, b=DECLINED) == 1
    assert worth(computed, b=1) == 0
    assert worth(computed) is None


def test_reversed_truth_counts_where_it_is_false():
    assert worth(made("count", TRUTHS, reverse=["b_long"]), a=11, b=10) == 2


def test_parts_on_different_scales_are_each_reversed_on_their_own():
    parts = [ScorePart.of(Answer("a", "choice", options=SCALE)), ScorePart.of(Answer("b", "number", least=0, most=10))]
    computed = made("sum", parts, reverse=["a", "b"], to=[0, 30])
    assert computed.score.range == (0, 30)
    assert worth(computed, a=1, b=2) == 25.714285714  # (5 + 8 - 1) * 30 / 14, in billionths


def test_range_is_that_of_the_most_extreme_answers_that_are_enough():
    parts = [ScorePart.of(Answer("a", "number", least=-2, most=2)), ScorePart.of(Answer("b", "number", least=1, most=10))]
    ranges = {
        how: [made(how, parts, at_least=least).score.range for least in (1, 2)]
        for how in ("mean", "sum", "sum_prorated", "count")
    }
    assert ranges == {
        "mean": [(-2, 10), (-0.5, 6)],
        "sum": [(-2, 12), (-1, 12)],
        "sum_prorated": [(-4, 20), (-1, 12)],
        "count": [(0, 2), (0, 2)],
    }


def test_range_is_unknown_when_that_of_a_part_is():
    parts = [PARTS[0], ScorePart.of(Answer("ratio", "number", tree=["/", ["get", "x"], ["get", "y"]]))]
    assert made("mean", parts).score.range is None
    assert made("mean", parts, to=[0, 100]).tree == made("mean", parts).tree


BANDS = [
    (Option("low", Text("Low")), 33),
    (Option("middle", Text("Middle")), 66),
    (Option("high", Text("High")), None),
]


@pytest.mark.parametrize(
    ("answers", "band"),
    [
        ({"a": 1, "b": 1}, "low"),
        ({"a": 2, "b": 2}, "low"),  # 25
        ({"a": 3, "b": 3}, "middle"),
        ({"a": 4, "b": 4}, "high"),  # 75
        ({"a": 3}, None),
        ({}, None),
    ],
)
def test_bands_are_a_second_value_with_labels(answers, band):
    first, second = score("burden", "Burden", "mean", PARTS, (), 2, [0, 100], BANDS)
    assert (second.name, second.kind) == ("burden_band", "choice")
    assert [option.code for option in second.options] == ["low", "middle", "high"]
    assert second.names == first.names == {"a", "b", "c", "d"}
    assert worth(second, **answers) == band


def test_a_score_on_the_limit_of_a_band_is_in_the_band_above():
    bands = [(Option("low", Text("Low")), 3), (Option("high", Text("High")), None)]
    _, band = score("burden", "Burden", "mean", PARTS, bands=bands)
    assert worth(band, a=3) == "high"


def test_a_score_of_scores_is_worked_out_from_answers():
    first = made("mean", PARTS[:2], at_least=2, to=[0, 100])
    second = next(score("other", "Other", "sum", PARTS[2:], at_least=1))
    parts = [ScorePart.of(answer_of_computed(each)) for each in (first, second)]
    both = made("mean", parts, reverse=["other"], at_least=2)
    assert both.names == {"a", "b", "c", "d"}
    assert both.score.parts == ("burden", "other")
    assert second.score.range == (1, 10)
    assert worth(both, a=3, b=4, c=2, d=5) == (62.5 + (11 - 7)) / 2
    assert worth(both, a=3, c=2, d=5) is None  # half of the first is missing
    assert worth(both, a=3, b=4) is None


def test_what_is_no_number_is_no_part():
    kinds = [
        Answer("x", "choice", options=(Option("left", Text("")), Option("right", Text("")))),
        Answer("x", "multiple", options=SCALE),
        Answer("x", "text"),
    ]
    assert [ScorePart.of(answer) for answer in kinds] == [None, None, None]


def test_a_part_that_does_not_apply_counts_as_the_score_says():
    """A debt that nobody has is no obstacle: 1, and 5 where the part is reversed."""
    parts = [PARTS[0].counting_not_applicable(1), PARTS[1].counting_not_applicable(1), PARTS[2]]
    cost = made("mean", parts, at_least=2)
    absent = {"missing": "not_applicable"}
    assert worth(cost, a=5, b=absent) == 3
    assert worth(cost, a=absent, b=absent) == 1
    assert worth(cost, a=5, c=absent) is None  # `c` does not count then, and one part is not enough
    assert worth(cost, a=5, b=DECLINED) is None
    assert worth(made("mean", parts, reverse=["a"]), a=absent) == 5
    assert cost.score.not_applicable == (("a", 1), ("b", 1))


def test_score_keeps_how_it_is_made():
    kept = made("mean", PARTS, reverse=["b"], at_least=2, to=[0, 100]).score
    assert (kept.how, kept.parts, kept.reverse, kept.at_least) == ("mean", ("a", "b", "c", "d"), ("b",), 2)
    assert (kept.range, kept.to) == ((0, 100), (0, 100))
