"""The sentence made from a chart's figures: what it says, and that it claims nothing that the intervals do not bear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.languages.locale.build import LANGUAGES
from app.results.charts.captions import percent
from app.results.charts.chart import Chart, Point, Series, describe, describe_public
from app.results.charts.sentences.claims import Compared
from app.results.charts.sentences.levels import JudgedLevels, judged_otherwise
from app.results.charts.sentences.own import about_own
from app.results.charts.sentences.public_groups import about_public_groups
from app.results.charts.sentences.scales import highest_and_lowest
from app.results.charts.sentences.sentence import sentence
from app.results.charts.sentences.wording import shortened
from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.statistics.cells import unweighted
from app.results.statistics.differences import PairedShares, paired_share_difference, share_difference
from app.results.statistics.experiments.effects import (
    AttributeEffects,
    Effect,
    ExperimentFinding,
    LevelEffects,
    RatingEffects,
)
from app.results.statistics.intervals import UNKNOWN, Estimate, wilson
from app.results.statistics.values import summary
from app.web.http.templates import environment
from tests.support.answers import given_response, instrument
from tests.support.figures import public_figures

WRITTEN = environment(Path("templates")).from_string("{{ words|said }}")


def written(chart: Chart, language: str = "en") -> str | None:
    said = sentence(chart, language)
    return None if said is None else WRITTEN.render(words=said, language=language)


def said(item: str, answers: Sequence[Any], place: int = 0) -> str | None:
    """The sentence of an item, written in YAML, that was answered so."""
    asked = instrument(f"title: S\nsections:\n  s:\n    items:\n      q: {item}\n")
    answered = [each if isinstance(each, dict) else {} if each is None else {"q": each} for each in answers]
    frame = Frame([asked])
    frame.take([given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answered)])
    return written(describe(figures(frame).items[place]))


def point(label: str, count: int, base: int, code: Any = None) -> Point:
    return Point(label if code is None else code, label, count / base if base else None, *(wilson(count, base) if base else (None, None)), count, base)


def choice(counts: Sequence[int], several: bool = False, base: int = 0) -> Chart:
    """Options a, b, c ... that were chosen so often."""
    n = base or sum(counts)
    points = tuple(point("abcdefgh"[place], count, n) for place, count in enumerate(counts))
    series = Series("q", "", "", "choice", n, points, summary(()))
    return Chart("q", "Q?", "bars", (series,), n, n, several=several)


CHOICE = "{type: single_choice, ask: Where?, options: {in: In practice, left: Left, on: On leave}}"
SEVERAL = "{type: multiple_choice, ask: Why?, options: {tired: Exhaustion, pay: Pay, other: Other}}"
AMOUNT = "{type: rating, ask: How much?, scale: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely, 5: Completely}}"
YEARS = "{type: number, ask: How long?, range: [0, 70], unit: years}"


# --- what is said -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "answers", "says"),
    [
        (CHOICE, ["in"] * 60 + ["left"] * 30 + ["on"] * 10,
         "A majority answered “In practice” (<b>60%</b>); “Left” (30%) comes next."),
        (CHOICE, ["in"] * 450 + ["left"] * 350 + ["on"] * 200,
         "“In practice” (<b>45%</b>) is the answer given most often; “Left” (35%) comes next."),
        (CHOICE, ["in"] * 40 + ["left"] * 35 + ["on"] * 5,
         "No clear difference between the first two: “In practice” (<b>50%</b>) and “Left” (<b>44%</b>)."),
        (CHOICE, ["in"] * 11 + ["left"] * 10 + ["on"] * 9,
         "No clear difference between the first three: “In practice” (<b>37%</b>), “Left” (<b>33%</b>) and “On leave” (30%)."),
        (CHOICE, ["in"] * 4 + ["left"] * 2 + ["on"], "<b>4 of 7</b> answered “In practice”."),
        (CHOICE, ["in"] * 2 + ["left"] * 2, "Only 4 answered: too few to compare."),
        (CHOICE, [], None),
        (SEVERAL, [["tired"]] * 60 + [["tired", "pay"]] * 10 + [["pay"]] * 20 + [["other"]] * 10,
         "“Exhaustion” (<b>70%</b>) is named most often; “Pay” (30%) comes next."),
        (SEVERAL, [["tired", "pay"]] * 40 + [["tired"]] * 10 + [["other"]] * 20,
         "No clear difference between the first two: “Exhaustion” (<b>71%</b>) and “Pay” (<b>57%</b>)."),
        ("{type: multiple_choice, ask: Why?, options: {a: A, b: B, c: C, d: D}}", [["a", "b"]] * 12 + [["c", "d"]] * 10,
         "No answer is clearly named most often; the first is “A” (<b>55%</b>)."),
        (AMOUNT, [1] * 20 + [2] * 20 + [3] * 25 + [4] * 20 + [5] * 15,
         "<b>35%</b> answered “Largely” or “Completely”; 20% answered “Not at all”."),
        (AMOUNT, [1] * 10 + [3] * 20 + [4] * 40 + [5] * 30,
         "A majority (<b>70%</b>) answered “Largely” or “Completely”; 10% answered “Not at all”."),
        (AMOUNT, [1, 2, 5], "<b>1 of 3</b> answered “Largely” or “Completely”; 1 of 3 answered “Not at all”."),
        ("{type: rating, ask: How many stars?, scale: {1: null, 2: null, 3: null, 4: null, 5: null}}", [1, 2, 3, 4, 5] * 20,
         "The middle half of the answers lies between <b>2</b> and <b>4</b>; the median is 3."),
        ("{type: rating, ask: How likely?, scale: {0: Not, 1: null, 2: null, 3: null, 4: null, 5: null, 6: null, 7: null, 8: Very}}",
         [7] * 60 + [1] * 20 + [8] * 20, "<b>60%</b> answered 7, which is also the median."),
        (YEARS, range(1, 42), "Half answered between <b>11</b> and <b>31 years</b>; the median is 21."),
        (YEARS, [30] * 30 + [10, 20, 40], "<b>91%</b> answered 30 years, which is also the median."),
        (YEARS, [10, 20] * 10, "The middle half of the answers lies between <b>10</b> and <b>20 years</b>; the median is 15."),
        (YEARS, [3, 20, 8], "From <b>3</b> to <b>20 years</b> (n = 3)."),
        (YEARS, [3, 3], "All answers are 3 years (n = 2)."),
        ("{type: nps, ask: Would you?, low: Never, high: Always}", [10] * 60 + [8] * 20 + [3] * 20,
         "Promoters outnumber detractors by <b>40</b> percentage points."),
        ("{type: nps, ask: Would you?, low: Never, high: Always}", [10] * 12 + [8] * 20 + [3] * 10,
         "No clear difference between the shares of promoters and detractors."),
        ("{type: ranking, ask: Order?, top: 1, options: {a: Debt, b: Family, c: Visa}}", [["a"]] * 60 + [["b"]] * 30 + [["c"]] * 10,
         "“Debt” is put first most often: by <b>60%</b>."),
        ("{type: ranking, ask: Order?, top: 2, options: {a: Debt, b: Family, c: Visa}}", [["a", "b"]] * 60 + [["a", "c"]] * 50 + [["b", "c"]] * 5,
         "“Debt” is most often among the first 2: for <b>96%</b> of those who ranked."),
        ("{type: date, ask: When?, precision: year}", [str(year) for year in range(1990, 2011)],
         "The middle half of the dates lies between <b>1995</b> and <b>2005</b>; the median is 2000."),
        ("{type: text, ask: A word?}", ["Relief"] * 12, "<b>12</b> of 12 who were asked wrote an answer."),
    ],
)  # fmt: skip
def test_what_a_chart_says(item, answers, says):
    assert said(item, answers) == says


def test_a_scale_that_begins_with_much_is_read_from_its_other_end():
    item = "{type: rating, ask: How much?, scale: {1: Completely, 2: Largely, 3: A little, 4: Not at all}}"
    assert said(item, [1] * 40 + [2] * 30 + [3] * 20 + [4] * 10) == (
        "A majority (<b>70%</b>) answered “Largely” or “Completely”; 10% answered “Not at all”."
    )


def test_statements_say_which_comes_first_and_last_with_what_share():
    item = "{type: matrix, ask: How far?, scale: {1: Not, 2: Little, 3: Some, 4: Largely, 5: Fully}, statements: {up: Gave up, grew: Grew, well: Chose well}}"
    answers = [{"q.up": 5 if n < 60 else 1, "q.grew": 4 if n < 30 else 2, "q.well": 4 if n < 5 else 2} for n in range(100)]
    assert said(item, answers) == (
        "“Gave up” comes first: <b>60%</b> “Largely” or “Fully”; “Chose well” (5%) comes last."
    )
    close = [{"q.up": 5 if n < 60 else 1, "q.grew": 4 if n < 55 else 2, "q.well": 4 if n < 5 else 2} for n in range(100)]
    assert said(item, close) == (
        "No clear difference between the first two (“Largely” or “Fully”): “Gave up” (<b>60%</b>) and “Grew” (<b>55%</b>);"
        " “Chose well” (5%) comes last."
    )


def test_of_columns_with_different_scales_the_sentence_is_about_the_first():
    item = (
        "{type: matrix, ask: How far?, statements: {a: Pay, b: Rota}, columns: {now: {label: Now, scale: {1: No, 2: Partly, 3: Fully}},"
        " then: {label: Then, scale: {1: Less, 2: More}}}}"
    )
    answers = [{"q.a_now": 3, "q.b_now": 3 if n < 20 else 1, "q.a_then": 1, "q.b_then": 1} for n in range(100)]
    assert said(item, answers) == "“Pay – Now” comes first: <b>100%</b> “Fully”."


def test_pairs_of_opposites_name_the_pole_that_is_clearly_nearer():
    item = "{type: semantic_differential, ask: A sign?, points: 7, pairs: {a: [Fear, Courage], b: [Haste, Care]}}"
    answers = [{"q.a": 6 - n % 2, "q.b": 4 + n % 3 - 1} for n in range(30)]
    assert said(item, answers) == (
        "Answers lean towards “Courage” rather than “Fear” (mean <b>5.50</b>, middle 4); 1 of 2 pairs are clearly on one side."
    )


def test_shares_of_a_total_and_best_and_worst_name_the_extremes():
    total = "{type: constant_sum, ask: Divide, total: 100, unit: hours, options: {a: Care, b: Papers, c: Rest}}"
    answers = [{"q.a": 60 + n % 3, "q.b": 30 - n % 3, "q.c": 10} for n in range(30)]
    assert said(total, answers) == "On average “Care” is given most (<b>61.0 hours</b>) and “Rest” least (10.0 hours)."
    best = "{type: best_worst, ask: Which?, best: Most, worst: Least, options: {a: Care, b: Papers, c: Rest}}"
    answers = [{"q.best": "a", "q.worst": "b" if n % 5 else "c"} for n in range(30)]
    assert said(best, answers) == "“Care” has the highest score (<b>100%</b> chose it as “Most”) and “Papers” the lowest."


def experiment(*effects: float, reach: float = 0.1, further: tuple[float, ...] = (), **about: Any) -> Chart:
    """Of a profession and, where there are further effects, of a reason; each against the first level."""
    attributes = [of_levels("profession", effects, reach, len(effects) + len(further))]
    attributes += [of_levels("reason", further, reach, len(effects) + len(further))] if further else []
    rated = RatingEffects(1600, 412, 3.0, tuple(attributes))
    return Chart("v", "V?", "levels", choice([1]).series, 200, 200, finding=ExperimentFinding("v", rated, rated, lead="profession", **about))


def of_levels(name: str, effects: tuple[float, ...], reach: float, family: int) -> AttributeEffects:
    error = reach / 1.96
    found = [
        Effect("xyzwv"[place], "r", Estimate(each, each - reach, each + reach, 800, 400, error), 411, p, min(p * family, 1.0), family,
               detectable=2.8 * error, detectable_adjusted=3.2 * error)
        for place, each in enumerate(effects) for p in (2 * NormalDist().cdf(-abs(each) / error),)
    ]  # fmt: skip
    levels = [LevelEffects("r", "r", UNKNOWN, None), *(LevelEffects(each.level, each.level, UNKNOWN, each) for each in found)]
    return AttributeEffects(name, name.capitalize(), tuple(levels), None)


def test_clear_effects_of_the_leading_attribute_are_counted_the_largest_named():
    assert written(experiment(0.37)) == "“x” is judged <b>0.37 points</b> higher than “r” [0.27 to 0.47]."
    assert written(experiment(0.21, -0.37)) == (
        "2 of 2 others are judged clearly differently from “r”, most of all “y”: <b>0.37 points</b> lower [0.27 to 0.47]."
    )
    assert written(experiment(-0.21, -0.37)) == "All 2 others are judged lower than “r”, most of all “y”, by <b>0.37 points</b> [0.27 to 0.47]."
    assert written(experiment(0.21, 0.37, 0.02)) == (
        "2 of 3 others are judged clearly higher than “r”, most of all “y”, by <b>0.37 points</b> [0.27 to 0.47]."
    )
    assert written(experiment(0.01, 0.37, 0.02)) == (
        "Of 3 others only “y” is judged clearly differently from “r”: <b>0.37 points</b> higher [0.27 to 0.47]."
    )


def test_an_effect_is_said_to_be_nearer_to_the_end_of_the_scale_that_has_a_name():
    item = "{type: rating, ask: How?, scale: {1: Only failure, 2: Neither, 3: Only growth}}"
    asked = instrument(f"title: S\nsections:\n  s:\n    items:\n      q: {item}\n")
    series = describe(figures(Frame([asked])).items[0]).series
    assert written(replace(experiment(0.51), series=series)) == "“x” is judged <b>0.51 points</b> nearer to “growth” than “r” [0.41 to 0.61]."
    assert written(replace(experiment(-0.51), series=series)) == "“x” is judged <b>0.51 points</b> nearer to “failure” than “r” [0.41 to 0.61]."


def test_an_effect_that_only_its_own_interval_separates_from_zero_is_not_claimed():
    """0.11 ± 0.1 leaves out zero, but not with Holm's correction for four effects."""
    assert written(experiment(0.11, 0.02, 0.03, 0.01)) == (
        "None of 4 others is judged clearly differently from “r”; a difference of <b>0.16 points</b> or more would probably have shown."
    )
    assert written(experiment(0.02, further=(0.5, -0.6))) == (
        "“x” is not judged clearly differently from “r”; a difference of <b>0.16 points</b> or more would probably have shown."
        " 2 of 2 others are judged clearly differently from “r”, most of all “y”: <b>0.60 points</b> lower [0.50 to 0.70]."
    )


def test_a_planned_contrast_is_claimed_only_where_it_is_clear():
    ends, found = ("failure", "growth"), Estimate(-0.3, -0.5, -0.1, 400)
    said = judged_otherwise(JudgedLevels("a doctor", "an engineer", ends, 1, 0.3), found, True)
    assert WRITTEN.render(words=said, language="en") == "“a doctor” is judged <b>0.3 points</b> nearer to “failure” than “an engineer” [0.1 to 0.5]."
    said = judged_otherwise(JudgedLevels("a doctor", "an engineer", ends, 1, 0.3), Estimate(-0.1, -0.3, 0.1, 400), False)
    assert WRITTEN.render(words=said, language="en") == "No clear difference between “a doctor” and “an engineer”; one of <b>0.3 points</b> or more would probably have shown."


# --- what is never said -------------------------------------------------------------------------------------

#: Words that claim that something is more, or less, than something else.
ORDER = re.compile(r"most often|comes next|comes first|comes last|[Mm]ore |highest|lowest|outnumber|majority|is given|first most")
PER_CENT = re.compile(r"(\d+)%")


def claimed(text: str | None) -> bool:
    return ORDER.search((text or "").replace("No answer is clearly given most often", "").replace("No answer is clearly named most often", "")) is not None


@given(st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_an_option_is_ahead_only_where_the_interval_of_the_difference_bears_it(counts):
    text, n, ranked = written(choice(counts)), sum(counts), sorted(counts, reverse=True)
    if n < 10:
        assert not claimed(text) and "%" not in (text or "")
    elif claimed(text):
        first, second = ranked[0], ranked[1]
        assert paired_share_difference(PairedShares(*map(unweighted, (0, first, second, n - first - second)))).low > 0
    if "majority" in (text or ""):
        assert wilson(ranked[0], n)[0] > 0.5
    if "comes next" in (text or "") and len(counts) > 2:
        second, third = ranked[1:3]
        assert paired_share_difference(PairedShares(*map(unweighted, (0, second, third, n - second - third)))).low > 0


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=12, max_size=150))
def test_of_several_options_one_is_ahead_only_if_the_same_peoples_answers_bear_it(rows):
    """The sentence sees only how many chose each option; here it is known who chose which together."""
    counts = [sum(row[place] for row in rows) for place in range(3)]
    text = written(choice(counts, several=True, base=len(rows)))
    if claimed(text):
        for one, other in pairwise(sorted(range(3), key=lambda place: -counts[place])[: 3 if "next" in (text or "") else 2]):
            both = sum(row[one] and row[other] for row in rows)
            cells = PairedShares(*map(unweighted, (both, counts[one] - both, counts[other] - both, len(rows) - counts[one] - counts[other] + both)))
            assert paired_share_difference(cells).low > 0


@given(st.lists(st.integers(0, 80), min_size=2, max_size=6), st.booleans(), st.sampled_from(["en", "de", "fr", "ar"]))
def test_numbers_in_a_sentence_are_those_of_the_chart(counts, several, language):
    chart = choice(counts, several, base=max(sum(counts), 1))
    text = written(chart, language) or ""
    shown = {percent(each.share, language) for each in chart.first.points if each.share is not None}
    for number in re.findall(r"[\d٠-٩][\d٠-٩.,]*\s?[%٪]\u061c?", text):
        assert number in shown
    assert text.count("<b>") <= 2


@given(st.lists(st.integers(0, 40), min_size=5, max_size=5))
def test_a_rating_claims_a_majority_only_above_half(counts):
    n = sum(counts)
    scale = tuple(point(label, count, n, code) for code, (label, count) in enumerate(zip(["No", "B", "C", "D", "Fully"], counts, strict=True)))
    text = written(Chart("q", "Q?", "columns", (Series("q", "", "", "choice", n, scale, summary(())),), n, n))
    if "majority" in (text or ""):
        assert n >= 10 and wilson(counts[3] + counts[4], n)[0] > 0.5


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40))
def test_quartiles_and_median_of_numbers_are_those_of_the_answers(values):
    import numpy

    series = Series("q", "", "", "number", len(values), (), summary(()), tuple((v, unweighted(values.count(v))) for v in sorted(set(values))))
    text = written(Chart("q", "Q?", "histogram", (series,), len(values), len(values))) or ""
    found = [float(each.replace("−", "-")) for each in re.findall(r"[-−]?\d+\.?\d*", text.replace("(n =", "").replace("%", ""))]
    if "median is" in text:
        assert found == pytest.approx([round(float(numpy.quantile(values, part)), 2) for part in (0.25, 0.75, 0.5)], abs=0.006)
    assert ("Half" not in text and "half" not in text) or len(values) >= 10


def test_a_long_label_is_cut_after_a_word():
    label = "An operating or acute field, such as surgery, obstetrics or anaesthesia, or another one like it"
    assert shortened(label) == "An operating or acute field, such as surgery, obstetrics…"
    assert shortened("They now lead an organisation.") == "They now lead an organisation"
    assert shortened("x" * 80) == "x" * 59 + "…"


def test_what_follows_a_label_in_arabic_keeps_its_order():
    item = "{type: single_choice, ask: Where?, options: {left: تركت العمل, stayed: أمارس}}"
    says = said(item, ["left"] * 9 + ["stayed"])
    assert says is not None and "“\u2068تركت العمل\u2069” (<b>90%</b>)" in says
    assert "\u2068" not in (said(item.replace("تركت العمل", "Left").replace("أمارس", "Stayed"), ["left"] * 9 + ["stayed"]) or "")


def test_labels_of_a_survey_stay_text():
    says = said("{type: single_choice, ask: Q?, options: {a: '<b>x</b> 100%(n)s', b: y}}", ["a"] * 30)
    assert says == "A majority answered “&lt;b&gt;x&lt;/b&gt; 100%(n)s” (<b>100%</b>); 0% answered “y”."


# --- two poles ----------------------------------------------------------------------------------------------

POLES = "{type: rating, ask: How is it seen?, scale: {1: Only failure, 2: More failure than growth, 3: Neither, 4: More growth than failure, 5: Only growth}}"


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((140, 440, 260, 130, 30), "A majority (<b>58%</b>) leans towards “failure”, 16% towards “growth”; 26% in the middle."),
        ((10, 35, 31, 20, 4), "More lean towards “failure” (<b>45%</b>) than towards “growth” (24%); 31% in the middle."),
        ((10, 25, 31, 30, 4), "<b>35%</b> lean towards “failure” and 34% towards “growth”, without a clear difference; 31% in the middle."),
        ((110, 240, 310, 290, 50), "About as many lean towards “failure” (<b>35%</b>) as towards “growth” (34%); 31% in the middle."),
        ((1, 2, 0, 1, 0), "<b>3 of 4</b> lean towards “failure” and 1 of 4 towards “growth”; 0 of 4 in the middle."),
    ],
)  # fmt: skip
def test_a_scale_with_two_poles_says_to_which_people_lean(counts, says):
    answers = [code for code, count in enumerate(counts, 1) for _ in range(count)]
    assert said(POLES, answers) == says


@given(st.lists(st.integers(0, 60), min_size=5, max_size=5))
def test_people_lean_to_one_pole_only_where_the_difference_bears_it(counts):
    n = sum(counts)
    labels = ["Only failure", "More failure", "Neither", "More growth", "Only growth"]
    points = tuple(point(label, count, n, code) for code, (label, count) in enumerate(zip(labels, counts, strict=True)))
    series = Series("q", "", "", "choice", n, points, summary(()), sides=("failure", "growth"))
    text = written(Chart("q", "Q?", "columns", (series,), n, n)) or ""
    low, high = sorted((sum(counts[:2]), sum(counts[3:])))
    if text.startswith(("More", "A majority")):
        assert paired_share_difference(PairedShares(*map(unweighted, (0, high, low, n - high - low)))).low > 0
    if text.startswith("About as many"):
        found = paired_share_difference(PairedShares(*map(unweighted, (0, high, low, n - high - low))))
        assert max(abs(found.low), abs(found.high)) < 0.1


# --- own answers --------------------------------------------------------------------------------------------


def to(item: str, answers: Sequence[Any], own: Any) -> str | None:
    """What is said to a respondent who answered so."""
    asked = instrument(f"title: S\nsections:\n  s:\n    items:\n      q: {item}\n")
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"q": each}, seq=n + 1) for n, each in enumerate(answers)])
    words = about_own(describe(figures(frame).items[0]), {"q": own}, "en")
    return None if words is None else WRITTEN.render(words=words, language="en")


@pytest.mark.parametrize(
    ("item", "answers", "own", "says"),
    [
        (AMOUNT, [1] * 10 + [3] * 26 + [4] * 24 + [5] * 40, 3, "You said “Somewhat”, as <b>26%</b> did."),
        (AMOUNT, [1] * 10 + [3] * 20 + [4] * 10 + [5] * 60, 5, "You said “Completely”, as <b>60%</b> did: the answer given most often."),
        (CHOICE, ["in"] * 3 + ["left"], "left", "You said “Left”, as <b>1 of 4</b> did."),
        (CHOICE, ["in"] * 30, {"missing": "declined"}, None),
        (SEVERAL, [["tired"]] * 60 + [["tired", "pay"]] * 10 + [["other"]] * 30, ["pay"], "You chose “Pay”, as <b>10%</b> did."),
        (SEVERAL, [["tired"]] * 60 + [["tired", "pay"]] * 10 + [["other"]] * 30, ["tired", "pay"],
         "You chose “Exhaustion” (<b>70%</b>) and “Pay” (<b>10%</b>)."),
        ("{type: ranking, ask: Order?, top: 2, options: {a: Debt, b: Family, c: Visa}}", [["a", "b"]] * 30 + [["b", "c"]] * 10,
         ["b", "a"], "You put “Family” first, as <b>25%</b> did."),
        (YEARS, range(1, 61), 35, "You said 35 years; <b>17%</b> said 30–39."),
        ("{type: number, ask: How many?, range: [0, 5]}", [1, 2, 2, 3] * 10, 2, "You said 2, as <b>50%</b> did."),
        ("{type: text, ask: A word?}", ["Relief"] * 12, "Relief", None),
    ],
)  # fmt: skip
def test_a_respondent_reads_what_they_said_and_how_many_said_the_same(item, answers, own, says):
    assert to(item, answers, own) == says


# --- claims about the same people ---------------------------------------------------------------------------

PEOPLE = st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=12, max_size=120)


def statements(rows: Sequence[tuple[int, ...]]) -> Chart:
    """Three statements on a scale of five points, each answered by everyone."""
    def series(place: int) -> Series:
        counts = [sum(row[place] == code for row in rows) for code in range(1, 6)]
        points = tuple(point(f"p{code}", count, len(rows), code) for code, count in enumerate(counts, 1))
        return Series(f"q.{place}", "abc"[place], "", "choice", len(rows), points, summary(()))

    return Chart("q", "Q?", "stacks", tuple(map(series, range(3))), len(rows), len(rows))


@given(PEOPLE)
def test_a_statement_comes_first_or_last_only_if_the_same_peoples_answers_bear_it(rows):
    text = written(statements(rows)) or ""
    tops = [{n for n, row in enumerate(rows) if row[place] >= 4} for place in range(3)]
    ranked = sorted(tops, key=len, reverse=True)
    pairs = [(ranked[0], ranked[1])] * ("comes first" in text) + [(ranked[1], ranked[2])] * ("comes last" in text)
    for more, fewer in pairs:
        both = len(more & fewer)
        cells = PairedShares(*map(unweighted, (both, len(more) - both, len(fewer) - both, len(rows) - len(more | fewer))))
        assert paired_share_difference(cells).low > 0


def ordered(*means: tuple[float, float]) -> str:
    found = sorted((Compared("wxyzv"[n], mean, mean - reach, mean + reach, 200) for n, (mean, reach) in enumerate(means)), key=lambda each: -each.value)
    words = highest_and_lowest(found, "en")
    return WRITTEN.render(words=words, language="en") if words else ""


def test_a_mean_is_lowest_only_where_its_interval_is_apart_from_all_others():
    assert ordered((2.88, 0.1), (3.24, 0.1), (3.20, 0.1), (3.30, 0.1)) == "The mean is lowest for “w” (<b>2.88</b>)."
    assert ordered((2.88, 0.1), (3.00, 0.1), (3.20, 0.1), (3.90, 0.1)) == "The mean is highest for “z” (<b>3.90</b>)."
    assert ordered((2.88, 0.1), (3.00, 0.1), (3.20, 0.1), (3.32, 0.1)) == "The mean is higher for “z” (<b>3.32</b>) than for “w” (<b>2.88</b>)."
    assert ordered((2.88, 0.1), (2.90, 0.1), (2.95, 0.1), (3.00, 0.1)) == ""


@given(st.lists(st.tuples(st.floats(1, 5), st.floats(0.01, 1)), min_size=2, max_size=5))
def test_means_are_ordered_only_where_their_intervals_are_apart(means):
    text = ordered(*means)
    ranked = sorted((Estimate(mean, mean - reach, mean + reach, 200, 50) for mean, reach in means), key=lambda each: -each.value)
    if "highest" in text:
        assert all(ranked[0].low > each.high for each in ranked[1:])
    if "lowest" in text:
        assert all(ranked[-1].high < each.low for each in ranked[:-1])
    if "higher" in text:
        assert ranked[0].low > ranked[-1].high


# --- in public ----------------------------------------------------------------------------------------------

EVERY = """
title: S
sections:
  s:
    items:
      place: {type: single_choice, ask: Where?, options: {in: In practice, left: Left}}
      why: {type: multiple_choice, ask: Why?, options: {tired: Exhaustion, pay: Pay}}
      view: {type: rating, ask: How?, scale: {1: Only failure, 2: Neither, 3: Only growth}}
      years: {type: number, ask: How long?, range: [0, 70], unit: years}
      order: {type: ranking, ask: Order?, top: 1, options: {a: Debt, b: Family, c: Visa}}
      total: {type: constant_sum, ask: Divide, total: 100, options: {a: Care, b: Papers}}
      best: {type: best_worst, ask: Which?, best: Most, worst: Least, options: {a: Care, b: Papers, c: Rest}}
      word: {type: text, ask: A word?}
"""


def everything(n: int) -> dict[str, Any]:
    return {
        "place": "in" if n % 10 < 7 else "left", "why": ["tired"] if n % 10 < 8 else ["pay"], "view": 1 if n % 10 < 7 else 3,
        "years": n % 40, "order": ["a"] if n % 10 < 7 else ["b"], "total.a": 80, "total.b": 20, "best.best": "a",
        "best.worst": "b" if n % 5 else "c", "word": "Relief",
    }  # fmt: skip


def public(language: str, responses: int = 100) -> dict[str, str | None]:
    asked = instrument(EVERY)
    frame = Frame([asked])
    frame.take([given_response(asked, n, everything(n), seq=n + 1) for n in range(responses)])
    return {item.id: written(describe_public(item), language) for item in public_figures(frame, 10)}


def test_the_public_reads_what_was_released_and_no_interval():
    assert public("en") == {
        "place": "A majority answered “In practice” (<b>70%</b>); 30% answered “Left”.",
        "why": "“Exhaustion” (<b>80%</b>) is named most often; “Pay” (20%) comes next.",
        "view": "A majority (<b>70%</b>) leans towards “failure”, 30% towards “growth”; 0% in the middle.",
        "years": "The median lies in the class 0–19 years, as <b>60%</b> of the answers do.",
        "order": "“Debt” is put first most often: by <b>70%</b>.",
        "total": "On average “Care” is given most: <b>80%</b>.",
        "best": "“Care” has the highest score (<b>100%</b> chose it as “Most”) and “Papers” the lowest.",
        "word": None,
    }


def test_public_sentences_are_in_every_language_of_the_service():
    english = public("en")
    for language in LANGUAGES:
        found = public(language)
        assert all(found[item] != text for item, text in english.items() if text), language


def test_where_nothing_is_released_nothing_is_said():
    assert set(public("en", 9).values()) <= {None}


# --- entries of a loop --------------------------------------------------------------------------------------

LOOP = """
title: S
sections:
  s: {items: {reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, rota: Rota}}}}
  each:
    for_each: reasons
    items: {weight: {type: rating, ask: How much?, scale: {1: Little, 2: Some, 3: Much}}}
"""


def entries(*people: tuple[int, int | None], times: int = 1) -> str | None:
    """What is said of the entries of so many people of each kind: an answer for each of their entries."""
    asked = instrument(LOOP)
    answers = []
    for first, second in people:
        given = {"reasons": ["pay"] if second is None else ["pay", "rota"], "weight_pay": first}
        answers += [given if second is None else given | {"weight_rota": second}] * times
    frame = Frame([asked])
    frame.take([given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answers)])
    items = {item.id: item for item in with_findings(figures(frame), findings(frame)).items}
    return written(describe(items["weight"]))


def test_an_answer_is_the_most_frequent_of_entries_only_as_people_bear_it():
    """Of 100 entries 60 are 3. Those of 50 people who gave each answer twice say less than those of 100 people."""
    assert entries((3, 3), (3, 3), (3, 3), (1, 1), (1, 1), times=10) == "In <b>60%</b> of the entries the answer is “Much”."
    assert entries((3, None), (3, None), (3, None), (3, None), (1, None), times=10) == (
        "“Much” is the most frequent answer, in <b>80%</b> of the entries."
    )
    assert entries((3, 3), (1, None)) == "In <b>2 of 3</b> of the entries the answer is “Much”."


# --- groups in public ---------------------------------------------------------------------------------------


def shares_of(counts: Sequence[tuple[int, int]]) -> list[tuple[str, Chart]]:
    """Of each group how many of how many ticked the only option."""
    return [(f"g{place}", choice((min(own, n),), several=True, base=n)) for place, (own, n) in enumerate(counts)]


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ([(80, 100), (30, 100)], "“g0”: <b>80%</b> “a”, more than the others (<b>30%</b>)."),
        ([(52, 100), (48, 100), (50, 100)], "No clear difference between the groups."),
        ([(10, 100), (60, 100), (70, 100)], "“g0”: <b>10%</b> “a”, fewer than the others (<b>65%</b>)."),
        ([(5, 5), (0, 5)], None),
    ],
)  # fmt: skip
def test_the_public_reads_which_group_differs_only_where_that_is_clear(counts, says):
    found = about_public_groups(shares_of(counts), "en")
    assert (None if found is None else WRITTEN.render(words=found, language="en")) == says


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(10, 60)), min_size=2, max_size=4))
def test_groups_differ_in_public_only_where_the_interval_of_the_difference_bears_it(counts):
    found = about_public_groups(shares_of(counts), "en")
    if found is None or "group" not in found.values:
        return
    place = int(found.values["group"].values["label"][1:])
    own, n = min(counts[place]), counts[place][1]
    others, base = sum(min(pair) for pair in counts) - own, sum(each for _own, each in counts) - n
    low, high = share_difference(unweighted(own), unweighted(n), unweighted(others), unweighted(base))[1:3]
    assert low > 0 or high < 0


def test_a_group_that_was_not_asked_about_a_statement_is_left_out_of_its_comparison():
    """The first group was not asked about `b`: the other two are compared all the same; nobody was asked about `c`."""
    labels = ("Not at all", "Completely")

    def rated(*statements: tuple[int, int] | None) -> Chart:
        series = []
        for name, counts in zip("abc", statements, strict=True):
            both = enumerate(zip(labels, counts or (), strict=False))
            points = tuple(point(label, count, sum(counts or ()), code) for code, (label, count) in both)
            series.append(Series(f"q.{name}", name, "", "choice", sum(counts or ()), points, summary(())))
        return Chart("q", "Q?", "stacks", tuple(series), 100, 100)

    asked_of = {"Students": (None, None), "Left": ((20, 80), None), "In practice": ((80, 20), None)}
    found = about_public_groups([(label, rated((50, 50), *rest)) for label, rest in asked_of.items()], "en")
    assert WRITTEN.render(words=found, language="en") == "“Left”: <b>80%</b> “Completely” for “b”, more than the others (<b>20%</b>)."


def test_of_a_scale_with_two_poles_groups_are_compared_by_their_sides():
    labels = ["Only failure", "Neither", "Only growth"]

    def rated(*counts: int) -> Chart:
        points = tuple(point(label, count, sum(counts), code) for code, (label, count) in enumerate(zip(labels, counts, strict=True)))
        series = Series("q", "", "", "choice", sum(counts), points, summary(()), sides=("failure", "growth"))
        return Chart("q", "Q?", "columns", (series,), sum(counts), sum(counts))

    found = about_public_groups([("Left", rated(80, 10, 10)), ("In practice", rated(40, 30, 30))], "en")
    assert WRITTEN.render(words=found, language="en") == "“Left”: <b>80%</b> towards “failure”, more than the others (<b>40%</b>)."
