"""Coefficient plots: where marks lie, what they look like, and their words. See app/results/charts/effects.py."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from app.results.charts.effects import draw_coefficients, effects_axis, what_marks_mean
from app.results.charts.geometry import Drawing
from app.results.charts.standalone import About, chart_svg, words
from app.results.statistics import tests as statistics_tests
from app.results.statistics.experiments.effects import AttributeEffects, Effect, LevelEffects
from app.results.statistics.intervals import UNKNOWN, Estimate

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
    assert effects_axis([ALL, FIRST]) == [-0.5, 0.0, 0.5, 1.0]
    assert drawing.ticks == ((0.0, "−0.5"), (33.33, "0"), (66.67, "+0.5"), (100.0, "+1"))
    assert drawing.reference is not None and drawing.reference[0] == 33.33 and drawing.ends == ("failure", "growth")
    engineer = drawing.rows[1].effects[0]
    assert engineer is not None and (engineer.at, engineer.low, engineer.high) == pytest.approx((60.0, 53.33, 66.67))


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
    root = ElementTree.fromstring(chart_svg(drawing, About("s", "S", "complete responses", 100, "27 November 2026")))
    written = " ".join(root.itertext())
    for said in ("← failure", "growth →", "reference", "+0.40", "All vignettes (100)", "The first alone (50)", "Profession · levels differ"):
        assert said in written
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 4  # three effects of the first alone, and the key
