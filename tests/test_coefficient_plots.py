"""Coefficient plots: where marks lie, what they look like, and their words. See app/results/charts/effects.py."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from app.exports.chart import arm_csv
from app.results.charts.arms import draw_arm
from app.results.charts.compared_file import HEAD
from app.results.charts.effects import draw_coefficients, effects_axis, what_marks_mean
from app.results.charts.effects_by_group import effects_by_group
from app.results.charts.geometry import Drawing
from app.results.charts.standalone import About, chart_svg, words
from app.results.comparison import ComparedGroup
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.statistics import tests as statistics_tests
from app.results.statistics.experiments.effects import (
    ArmEffects,
    AttributeEffects,
    AttributeInteraction,
    Effect,
    ExperimentFinding,
    GroupedEffects,
    GroupEffects,
    Interaction,
    LevelEffects,
    RatingEffects,
)  # fmt: skip
from app.results.statistics.intervals import UNKNOWN, Estimate
from tests.support.answers import instrument

ABOUT = About("s", "S", "complete responses", 100, "27 November 2026")
TESTED = statistics_tests.Test(9.0, 3.0, 0.0004, "Wald", 49.0)


def effect(level: str, value: float, reach: float, adjusted: float | None, reason: str = "") -> Effect:
    found = Estimate(value, value - reach, value + reach, 100, 50) if adjusted is not None else Estimate(value, None, None, 8, 8)
    return Effect(level, "a doctor", found, 49, adjusted and adjusted / 3, adjusted, 3, detectable=0.3, detectable_adjusted=0.4, reason=reason)


def attribute(*effects: Effect) -> AttributeEffects:
    mean = Estimate(3.0, 2.9, 3.1, 100, 50)
    levels = [LevelEffects("d", "a doctor", mean, None), *(LevelEffects(each.level, each.level, mean, each) for each in effects)]
    return AttributeEffects("who", "Profession", tuple(levels), TESTED)


ALL = attribute(effect("an engineer", 0.4, 0.1, 0.001), effect("a lawyer", 0.2, 0.15, 0.09), effect("a nurse", -0.1, 0.2, 0.9))
FIRST = attribute(effect("an engineer", 0.5, 0.4, 0.2), effect("a lawyer", 0.1, 0.4, 0.9), effect("a nurse", 0.0, 0.0, None))


def drawn() -> Drawing:
    return draw_coefficients([ALL], [FIRST], ("failure", "growth"), 3.0, Drawing("q", "Failure or growth?", "table", 100))


def test_effects_lie_on_a_round_axis_in_points_with_zero_named():
    drawing = drawn()
    axis = effects_axis([ALL, FIRST])
    assert (axis.low, axis.high) == pytest.approx((-0.336, 0.936)) and [word for _, word in axis.ticks] == ["0", "+0.5"]
    assert drawing.ticks == ((26.42, "0"), (65.72, "+0.5")) and drawing.ends == ("failure", "growth")
    assert drawing.reference is not None and drawing.reference[0] == drawing.rows[0].effects[0].at == 26.42
    engineer = drawing.rows[1].effects[0]
    assert engineer is not None and (engineer.at, engineer.low, engineer.high) == pytest.approx((57.86, 50.0, 65.72))


def test_effects_of_too_few_lie_at_their_values_too():
    axis = effects_axis([attribute(effect("an engineer", 2.0, 0.0, None), effect("a nurse", -1.0, 0.0, None))])
    assert axis.low < -1 and axis.high > 2 and axis.along(2.0) < 100 and axis.along(-1.0) > 0


def test_a_mark_is_filled_tinted_or_open_as_its_effect_is_sure():
    standings = [[dot and dot.standing for dot in row.effects] for row in drawn().rows]
    assert standings == [["reference"], ["clear", "possible"], ["possible", "open"], ["open", "few"]]


def test_the_reference_level_is_named_and_whether_levels_differ_is_said():
    reference, engineer, *_ = drawn().rows
    assert (reference.label, reference.interval, reference.group) == ("a doctor", "reference", "Profession")
    assert reference.group_note == "levels differ (joint test, p < 0.001)"
    assert (engineer.value, engineer.interval, engineer.mean_words) == ("+0.40", "[+0.30 to +0.50]", ("3.00", "[2.90–3.10]"))


def test_the_least_effect_that_would_have_shown_is_said():
    said = " ".join(words(note) for note in what_marks_mean([ALL]))
    assert "Holm’s correction for all 3 effects" in said
    assert "Any effect of 0.30 points or more would probably have shown (in 80 of 100 such studies), of 0.40 or more as a clear one." in said


def test_without_any_effect_that_was_tested_there_is_a_plot_and_no_claim():
    few = attribute(effect("a nurse", 0.3, 0.0, None, "Fewer than 10 respondents judged it."))
    drawing = draw_coefficients([few], (), None, None, Drawing("q", "Q?", "table", 8))
    assert [row.value for row in drawing.rows] == ["", "+0.30"] and list(what_marks_mean([few])) == []
    nothing = AttributeEffects("who", "Who", (LevelEffects("d", "d", UNKNOWN, None),), None)
    assert draw_coefficients([nothing], (), None, None, Drawing("q", "Q?", "table", 8)).mean_axis is None


def test_as_a_file_the_plot_has_both_samples_the_ends_and_the_reference():
    drawing = drawn().add(samples=(("All vignettes", "100"), ("The first alone", "50")))
    root = ElementTree.fromstring(chart_svg(drawing, ABOUT))
    written = " ".join(root.itertext())
    for said in ("← failure", "growth →", "reference", "+0.40", "All vignettes (100)", "The first alone (50)", "Profession · levels differ"):
        assert said in written
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 4  # three effects of the first alone, and the key


# --- by group -----------------------------------------------------------------------------------------------


def by_group(apart: float, joint: float, adjusted: float):
    """Two groups, and how much further the effect of an engineer lies from zero in the second."""
    mine, others = (attribute(effect("an engineer", value, 0.1, 0.001)) for value in (0.4, 0.4 + apart))
    rated = [RatingEffects(200, 100, 3.0, (each,)) for each in (mine, others)]
    less = Effect("Left", "Stays", Estimate(apart, apart - 0.1, apart + 0.1, 100, 50), 98, adjusted, adjusted, 1, detectable=0.3)
    differences = AttributeInteraction("who", "Profession", (("an engineer", (less,)),), statistics_tests.Test(4.0, 1.0, joint, "Wald", 98.0))
    whole = Interaction((differences,), differences.joint, ("Stays", "Left"), ())
    split = GroupedEffects("status", "Status", (GroupEffects("s", "Stays", rated[0], None), GroupEffects("l", "Left", rated[1], None)), whole, None)
    item = figures(Frame([instrument("title: S\nsections: {a: {items: {q: {type: rating, ask: Failure or growth?, scale: {1: Only failure, 2: Both, 3: Only growth}}}}}")])).items[0]
    groups = [ComparedGroup("s", "Stays", 50, False, 0), ComparedGroup("l", "Left", 50, True, 1)]
    found = effects_by_group(item, ExperimentFinding("q", rated[0], None, split, "who"), groups)
    assert found is not None
    return found


def test_effects_by_group_share_an_axis_and_the_difference_is_from_the_first_group():
    found = by_group(-0.3, 0.001, 0.001)
    (block,) = found.drawing.blocks
    assert block.label == "Profession: an engineer" and [line.value for line in block.lines] == ["+0.40", "+0.10"]
    assert [(line.difference, line.standing) for line in block.lines] == [("", ""), ("−0.30", "clear")]
    assert found.against == "less “Stays”" and found.drawing.zero is not None and not found.is_quiet
    assert words(found.says) == (
        "The effects of “Profession” differ between groups (joint test, p = 0.001): that of “an engineer” is 0.30 points nearer to"
        " “failure” for “Left” than for “Stays” [0.20 to 0.40]."
    )


def test_an_interaction_that_is_open_says_what_would_have_shown():
    found = by_group(-0.05, 0.4, 0.4)
    assert found.is_quiet and words(found.says) == (
        "No clear difference between groups in the effects of “Profession” (joint test, p = 0.40); one of 0.30 points or more would"
        " probably have shown."
    )


def test_the_file_of_a_comparison_has_a_line_for_each_level_and_group():
    lines = by_group(-0.3, 0.001, 0.001).lines
    assert all(len(line) == len(HEAD) for line in lines) and len(lines) == 2
    last = dict(zip(HEAD, lines[1], strict=True))
    assert (last["measure"], last["kind"], last["group"], last["value"], last["difference"]) == ("who=an engineer", "effect", "l", 0.1, -0.3)
    assert (last["compared_with"], last["how_sure"], last["under_floor"], last["respondents"]) == ("Stays", "clear", 1, 0)


def test_without_groups_or_an_experiment_nothing_is_compared():
    item = figures(Frame([instrument("title: S\nsections: {a: {items: {q: {type: number, ask: N?, range: [0, 9]}}}}")])).items[0]
    assert effects_by_group(item, None, ()) is None
    assert effects_by_group(item, ExperimentFinding("q", RatingEffects(1, 1, 3.0, (ALL,)), None), ()) is None


# --- arms ---------------------------------------------------------------------------------------------------


def arm(*effects: Effect) -> ArmEffects:
    return ArmEffects("cause", "own", "Failure or growth?", replace(attribute(*effects), label="Cause"), notes=("It is asked only of some.",))


def test_an_arm_is_drawn_like_a_vignette_and_said_in_a_sentence():
    drawing = draw_arm(arm(effect("burnout", -0.4, 0.1, 0.001), effect("visa", 0.1, 0.2, 0.9)))
    assert drawing.kind == "effects" and drawing.id == "arm.cause.own" and [row.value for row in drawing.rows] == ["", "−0.40", "+0.10"]
    assert words(drawing.sentence) == "With “burnout” it is 0.40 points lower than with “a doctor” [0.30 to 0.50]."
    assert "It is asked only of some." in [words(note) for note in drawing.notes]
    quiet = draw_arm(arm(effect("visa", 0.1, 0.2, 0.9)))
    assert words(quiet.sentence) == "No clear difference between arms; one of 0.40 points or more would probably have shown."


def test_the_file_of_an_arm_has_every_mean_and_difference():
    found = arm(effect("burnout", -0.4, 0.1, 0.001))
    rows = list(csv.DictReader(io.StringIO(arm_csv(found, ABOUT).decode("utf-8-sig"))))
    assert [(row["statistic"], row["label"], row["value"]) for row in rows] == [
        ("mean", "a doctor", "3"), ("mean", "burnout", "3"), ("difference from the first arm", "burnout", "-0.4"),
    ]  # fmt: skip
    assert "<title>Failure or growth?</title>" in chart_svg(draw_arm(found), ABOUT)
