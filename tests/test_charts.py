"""The description of a chart: researchers and the public get the same, but for what disclosure leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.charts.captions import mean_places
from app.results.charts.chart import describe, describe_public
from app.results.charts.draw import draw
from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.statistics.intervals import Estimate
from app.survey.model import Instrument
from tests.support.answers import given_response, instrument
from tests.support.figures import public_figures

ASKED = """
title: Charts
sections:
  s:
    items:
      status: {type: single_choice, ask: Where?, options: {left: Left, stayed: Stayed}}
      sure: {type: rating, ask: How sure?, scale: {1: Not, 2: A little, 3: Very}}
      years: {type: number, ask: How many years?, range: [0, 40]}
      seen: {type: matrix, ask: How seen?, scale: {1: No, 2: Yes}, statements: {failed: Failed, grew: Grew}}
"""


def counted(asked: Instrument, answers: Iterable[dict[str, Any]]) -> Frame:
    frame = Frame([asked])
    frame.take([given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answers)])
    return frame


def answer(n: int) -> dict[str, Any]:
    return {
        "status": "left" if n % 4 else "stayed", "sure": n % 3 + 1, "years": n % 41,
        "seen.failed": n % 2 + 1, "seen.grew": 2 - n % 2,
    }  # fmt: skip


def test_public_charts_are_described_as_those_of_researchers_without_intervals():
    frame = counted(instrument(ASKED), map(answer, range(120)))
    ours = [describe(item) for item in figures(frame).items]
    public = [describe_public(item) for item in public_figures(frame, 10)]
    kinds = ["bars", "columns", "histogram", "stacks"]
    assert [chart.kind for chart in ours] == [chart.kind for chart in public] == kinds
    labels = [[[point.code for point in series.points] for series in chart.series] for chart in (*ours[:2], ours[3])]
    assert labels == [[[point.code for point in each.points] for each in chart.series] for chart in (*public[:2], public[3])]
    of_both = [[(point.count, point.base) for point in charts[1].first.points] for charts in (ours, public)]
    assert of_both[0] == of_both[1]
    assert {(point.low, point.high) for chart in public for each in chart.series for point in each.points} == {(None, None)}
    assert all(point.base == 120 and point.low is not None for each in ours[1].series for point in each.points)


def test_a_chart_writes_its_numbers_in_the_language_asked_for():
    """2, 4, 4, 6, each five times: mean 4, reach 2.09302 · √(40/19) / √20 = 0.679."""
    years = figures(counted(instrument(ASKED), [{"years": value} for value in (2, 4, 4, 6) * 5])).items[2]
    means = [draw(years, language).measures[0][1] for language in ("en", "de")]
    assert means == ["4.0 [3.3–4.7]", "4,0 [3,3–4,7]"]


# --- loops --------------------------------------------------------------------------------------------------

LOOP = """
title: Loop
sections:
  why:
    items:
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, rota: The rota}}
  each:
    for_each: reasons
    title: "{entry}"
    items:
      weight: {type: rating, ask: "How much does {entry} weigh?", scale: {1: A little, 2: Some, 3: A lot}}
      tools: {type: multiple_choice, ask: "What of {entry}?", options: {a: A, b: B}}
"""


def test_the_entries_of_a_loop_are_one_chart_of_entries_and_people():
    """20 people answer of both entries 3 and 3, 10 of one entry 1. Of 50 entries 40 are 3: 80 %. The sums of a person are
    2 of 2 and 0 of 1: G/(G-1) Σ(s - 0.8 m)² / 50² = 30/29 (20 · 0.4² + 10 · 0.8²) / 2500, √ is 0.06302, times t of 29
    (2.04523) is 0.1289."""
    asked = instrument(LOOP)
    both = {"reasons": ["pay", "rota"], "weight_pay": 3, "weight_rota": 3, "tools_pay": ["a"], "tools_rota": ["b"]}
    frame = counted(asked, [*[both] * 20, *[{"reasons": ["pay"], "weight_pay": 1, "tools_pay": ["a", "b"]}] * 10])
    items = {item.id: item for item in with_findings(figures(frame), findings(frame)).items}
    assert list(items) == ["reasons", "weight", "tools"]
    weight = describe(items["weight"])
    assert (weight.ask, weight.answered, weight.people, weight.entries) == ("How much does … weigh?", 50, 30, 2)
    points = [(point.count, point.base, point.share) for point in weight.first.points]
    assert points == [(10, 50, 0.2), (0, 50, 0.0), (40, 50, 0.8)]
    assert (weight.first.points[2].low, weight.first.points[2].high) == pytest.approx((0.8 - 0.1289, 0.8 + 0.1289), abs=1e-4)
    drawing = draw(items["weight"])
    assert drawing.counted.form % drawing.counted.values == "<b>50</b> entries of 30 people"
    tools = describe(items["tools"]).first.points
    assert [(point.code, point.count, point.base) for point in tools] == [("a", 30, 50), ("b", 30, 50)]
    assert tools[0].low < 0.6 < tools[0].high


def test_the_entries_of_a_few_people_have_no_interval():
    frame = counted(instrument(LOOP), [{"reasons": ["pay", "rota"], "weight_pay": 3, "weight_rota": 1}] * 9)
    weight = describe(with_findings(figures(frame), findings(frame)).items[1])
    assert [(point.share, point.low) for point in weight.first.points] == [(0.5, None), (0.0, None), (0.5, None)]


# --- bases --------------------------------------------------------------------------------------------------


def asking(items: str, before: str = "") -> Instrument:
    lines = "\n".join(f"      {line}" for line in items.strip().splitlines())
    return instrument(f"title: T\n{before}\nsections:\n  s:\n    items:\n{lines}\n")


def chart_of(asked: Instrument, rows: Iterable[dict[str, Any]], item: str) -> Any:
    frame = counted(asked, rows)
    (found,) = [each for each in with_findings(figures(frame), findings(frame)).items if each.id == item]
    return draw(found)


def said(caption: Any) -> str:
    return caption.form % caption.values if caption and not isinstance(caption, str) else caption or ""


CONDITIONAL = """
n: {type: number, ask: How many?, range: [0, 9]}
q: {type: multiple_choice, ask: Which?, options: {a: {label: A, show_if: n > 5}, b: {label: B, show_if: n > 2}}}
r: {type: ranking, ask: Rank?, decline: true, options: {a: {label: A, show_if: n > 5}, b: {label: B, show_if: n > 2}, c: {label: C, show_if: n > 2}}}
m: {type: matrix, ask: How?, scale: {1: Bad, 2: Good}, statements: {x: X, y: {text: "Y", show_if: n > 5}}}
"""


def test_each_option_with_a_condition_has_its_own_base_and_says_so():
    """n is 9 of 20 people, of whom 15 chose A; 3 of 20 others. B is offered to all 40, of whom 10 chose it."""
    rows = [{"n": 9, "q": ["a"] if n < 15 else ["b"]} for n in range(20)]
    rows += [{"n": 3, "q": ["b"] if n < 5 else []} for n in range(20)]
    drawing = chart_of(asking(CONDITIONAL), rows, "q")
    shown = [(row.label, said(row.note), row.value) for row in drawing.rows]
    assert shown == [("A", "of 20", "75%"), ("B", "of 40", "25%")]
    assert [line[-1] for line in drawing.body] == ["20", "40"]
    assert said(drawing.counted) == "At least <b>40</b> answered; each part has its own base"
    assert drawing.missing == ()  # no option was offered to everyone: why others have no answer is not known
    assert "Not every option was offered to everyone" in said(drawing.notes[0])


def test_shares_of_a_ranking_are_of_those_to_whom_the_option_was_offered():
    """30 people rank B before C; 10 more are also offered A, and put it first, then B."""
    rows = [{"n": 3, "r": ["b", "c"]}] * 30 + [{"n": 9, "r": ["a", "b", "c"]}] * 10
    drawing = chart_of(asking(CONDITIONAL), [*rows, {"n": 9, "r": {"missing": "declined"}}], "r")
    (panel,) = drawing.panels
    assert [(row.label, said(row.note)) for row in panel.rows] == [("A", "of 10"), ("B", "of 40"), ("C", "of 40")]
    assert [[mark.width for mark in row.marks] for row in panel.rows] == [[100.0], [75.0, 25.0], [75.0, 25.0]]
    assert said(drawing.counted) == "<b>40</b> ranked at least one option" and drawing.missing == ()


def test_a_statement_with_a_condition_has_its_own_number_of_answers():
    rows = [{"n": 9, "m.x": 1, "m.y": 2}] * 12 + [{"n": 1, "m.x": 2}] * 15 + [{"n": 1, "m.x": {"missing": "skipped"}}] * 3
    drawing = chart_of(asking(CONDITIONAL), rows, "m")
    assert [(row.label, said(row.note), row.value) for row in drawing.panels[0].rows] == [("Y", "n = 12", "100%"), ("X", "", "56%")]
    assert said(drawing.counted) == "<b>27</b> of 30 answered" and [n for _reason, n in drawing.missing] == ["3"]


def test_a_heading_names_of_whom_it_is_asked_and_never_a_pipe():
    asked = asking(
        """
status: {type: single_choice, ask: Where?, options: {left: Left the clinic, stayed: In the clinic}}
q: {type: rating, ask: "Because of {cause}?", show_if: status == "left", scale: {1: Bad, 2: Good}}
""",
        "arms: {cause: {burnout: burnout, family: their family}}",
    )
    drawing = chart_of(asked, [{"cause": "family", "status": "left", "q": 1}], "q")
    assert drawing.ask == "Because of burnout / their family?"
    assert drawing.asked_of == ("who chose “Left the clinic”", 'status == "left"')


# --- drawing ------------------------------------------------------------------------------------------------


@given(st.integers(0, 40), st.integers(2, 400), st.lists(st.integers(0, 400), min_size=1, max_size=40))
def test_the_area_of_a_column_is_the_share_of_its_class(least, width, steps):
    asked = asking(f"n: {{type: number, ask: How many?, range: [{least}, {least + width}]}}")
    drawing = chart_of(asked, [{"n": least + min(step, width)} for step in steps], "n")
    parts = describe(figures(counted(asked, [{"n": least + min(step, width)} for step in steps])).items[0]).first.points
    assert parts[0].edges[0] == least - 0.5 and parts[-1].edges[1] == least + width + 0.5
    areas = [mark.height * (point.edges[1] - point.edges[0]) for mark, point in zip(drawing.columns, parts, strict=True)]
    assert [area / sum(areas) for area in areas] == pytest.approx([point.share for point in parts], abs=0.02)
    widths = [after.x - mark.x for mark, after in pairwise(drawing.columns)]
    spans = [point.edges[1] - point.edges[0] for point in parts[:-1]]
    assert widths == pytest.approx([100 * span / (width + 1) for span in spans], abs=0.05)


def test_a_number_shows_the_bar_of_its_middle_half_with_the_median():
    """1 to 21: quartiles 6 and 16, median 11, on an axis from -0.5 to 40.5."""
    asked = asking("n: {type: number, ask: How many?, range: [0, 40]}")
    half = chart_of(asked, [{"n": n} for n in range(1, 22)], "n").middle_half
    assert (half.first, half.median, half.third) == pytest.approx((100 * 6.5 / 41, 100 * 11.5 / 41, 100 * 16.5 / 41), abs=0.01)
    assert said(half.middle) == "median 11"
    assert chart_of(asked, [{"n": n} for n in range(9)], "n").middle_half is None
    assert half.mean is None


def test_several_choices_are_sorted_and_none_and_other_stay_last():
    asked = asking(
        "q: {type: multiple_choice, ask: Which?, options: {other: {label: Other, please_say: true}, a: A, b: B, none: {label: None, exclusive: true}}}"
    )
    rows = [{"q": ["other"]}] * 20 + [{"q": ["none"]}] * 18 + [{"q": ["a", "b"]}] * 5 + [{"q": ["b"]}]
    assert [row.label for row in chart_of(asked, rows, "q").rows] == ["B", "A", "Other", "None"]


def test_amounts_begin_with_much_whichever_end_it_stands_at():
    scales = ("{1: Not at all, 2: A little, 3: Largely, 4: Completely}", "{1: Completely, 2: Largely, 3: A little, 4: Not at all}")
    for scale, much in zip(scales, (4, 1), strict=True):
        asked = asking(f"m: {{type: matrix, ask: How?, scale: {scale}, statements: {{x: X, y: Y}}}}")
        rows = [{"m.x": much, "m.y": 5 - much} for _ in range(12)]
        (panel,) = chart_of(asked, rows, "m").panels
        assert [label for _shade, label in panel.legend] == ["Completely", "Largely", "A little", "Not at all"]
        assert [(row.label, row.start) for row in panel.rows] == [("X", "100%"), ("Y", "0%")]
        assert (said(panel.start), panel.middle) == ("Largely or more", None)
        assert panel.rows[0].marks[0].shade == "r1" and panel.rows[1].marks[0].shade == "r5"


def test_a_few_answers_are_counted_and_have_no_interval():
    asked = asking("q: {type: single_choice, ask: Q?, options: {a: A, b: B}}\nr: {type: rating, ask: R?, scale: {1: Bad, 2: Good}}")
    few, some = ([{"q": "a", "r": 1}] * n for n in (9, 10))
    assert [(row.value, row.interval, row.whisker) for row in chart_of(asked, few, "q").rows] == [("9", "", None), ("0", "", None)]
    assert chart_of(asked, some, "q").rows[0].value == "100%" and chart_of(asked, some, "q").rows[0].interval == "[72–100]"
    assert [mark.whisker for mark in chart_of(asked, few, "r").columns] == [None, None]


VIGNETTE = """
move:
  type: vignette
  show_if: cause == "shown"
  text: "{who} moves."
  attributes: {who: {doctor: A doctor, lawyer: A lawyer}}
  each_sees: 2
  design: random
  ratings: {seen: {ask: How seen?, scale: {1: Only bad, 2: Both equally, 3: Only good}}}
"""


def test_ratings_of_vignettes_miss_vignettes_and_name_the_ends_and_the_mean():
    """Of 24 people each sees two; 4 skip both, 2 skip one: 38 of 48 are rated, 10 skipped. Three more see none."""
    def seen(n: int) -> dict[str, Any]:
        if n >= 24:
            return {"cause": "hidden"}
        skipped, first = {"missing": "skipped"}, "doctor" if n % 2 else "lawyer"
        second = skipped if n < 6 else 1 + (n + 1) % 3
        return {"cause": "shown", "move_who_1": first, "move_who_2": "doctor", "move_seen_1": skipped if n < 4 else 1 + n % 3, "move_seen_2": second}

    drawing = chart_of(asking(VIGNETTE, "arms: {cause: [shown, hidden]}"), map(seen, range(27)), "move.seen")
    missing = [(said(word), n) for word, n in drawing.missing]
    assert said(drawing.counted) == "<b>38</b> of 48 vignettes rated" and missing == [("not shown", "6"), ("skipped", "10")]
    assert drawing.ends == ("bad", "good") and said(drawing.reference[1]) == "no effect"
    assert said(drawing.mean_axis.reference[1]).startswith("all ")
    assert [said(cell) for cell in drawing.head[-2:]] == ["Effect", "Effect, first vignette alone"]
    assert [row[-2:] for row in drawing.body] == [("0", "0"), ("0.0 [−0.7 to +0.6]", "−0.1 [−0.9 to +0.7]")]


@pytest.mark.parametrize(("people", "has_interval"), [(2, False), (10, True)])
def test_means_of_few_ratings_have_no_interval_in_tables(people: int, has_interval: bool):
    """Two ratings of 2 and 3 would have one from −4 to 9, on a scale from 1 to 3."""
    seen = [{"move_who_1": "doctor", "move_who_2": "doctor", "move_seen_1": 2 + n % 2, "move_seen_2": 3 - n % 2} for n in range(people)]
    drawing = chart_of(asking(VIGNETTE.replace('  show_if: cause == "shown"\n', "")), seen, "move.seen")
    by_place = drawing.further[0].body
    assert len(by_place) == 2 and all((line[-1] != "–") == has_interval for line in by_place)
    assert (drawing.body[0][2] != "–") == has_interval


def test_ones_own_answer_is_marked_among_bars():
    asked = instrument(ASKED)
    public = public_figures(counted(asked, map(answer, range(120))), 10)
    drawing = draw(public[1], own={"sure": frozenset({2})})
    assert drawing.kind == "bars" and [row.own for row in drawing.rows] == [False, True, False]
    assert [mark.shade for row in drawing.rows for mark in row.marks] == ["one", "own", "one"]


def test_ones_own_answer_is_marked_in_statements_and_numbers_and_said_in_words():
    frame = counted(instrument(ASKED), map(answer, range(120)))
    *_, years, seen = public_figures(frame, 10)
    drawing = draw(seen, own={"seen.failed": frozenset({2})})
    found = {row.label: ([mark.own for mark in row.marks], row.note) for row in drawing.panels[0].rows}
    marks, note = found["Failed"]
    assert marks.count(True) == 1 and note.values["label"] == "Yes" and found["Grew"] == ([False, False], "")
    codes = [cell.code for cell in years.parts[0].cells]
    numbers = draw(years, own={"years": frozenset({codes[1]})})
    assert numbers.kind == "columns"
    assert [mark.shade for mark in numbers.columns].count("own") == 1 and numbers.notes[0].values["label"] == codes[1]


def test_what_is_left_of_a_sum_that_is_zero_is_written_as_zero():
    assert mean_places(Estimate(-3e-17, None, None, 5)) == mean_places(Estimate(0.0, 1e-17, 1e-17, 5)) == 2
