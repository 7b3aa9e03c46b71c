"""Two questions crossed: counts, shares, residuals, tests, means, and what cannot be crossed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.crosstabs import CannotCross, crosstab, row_names, strength
from app.results.frame.frame import Frame
from app.results.statistics.intervals import wilson
from app.results.view import View
from tests.support.answers import given_response, instrument

OPTIONS = ", ".join(f"t{number}: Town {number}" for number in range(300))
ASKED = instrument(f"""
title: Leaving
scales:
  growth: {{1: Only failure, 2: More failure, 3: Neither, 4: More growth, 5: Only growth}}
sections:
  s:
    items:
      status: {{type: single_choice, ask: Where are you?, decline: true, options: {{practising: In practice, left: Left, back: Came back}}}}
      own: {{type: rating, ask: Failure or growth?, scale: growth, decline: true}}
      why: {{type: multiple_choice, ask: Why?, options: {{burnout: Burnout, visa: Visa, pay: Pay}}}}
      years: {{type: number, ask: How many years?, range: [0, 70], unit: years, decline: true}}
      town: {{type: dropdown, ask: Which town?, options: {{{OPTIONS}}}}}
      next: {{type: text, ask: What next?}}
""")
Rows = Sequence[Mapping[str, Any]]


def framed(rows: Rows) -> Frame:
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, number, answers) for number, answers in enumerate(rows)])
    return frame


def crossed(rows: Rows, first: str, second: str, view: View = View()):
    return crosstab(framed(rows), view, first, second)


def table(counts: Sequence[Sequence[int]]) -> Rows:
    """Respondents for a table of own (1 and 5) by status (practising and left)."""
    return [
        {"own": own, "status": status}
        for own, row in zip((1, 5), counts, strict=True)
        for status, n in zip(("practising", "left"), row, strict=True)
        for _ in range(n)
    ]


# --- counting -----------------------------------------------------------------------------------------------

ANSWERS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "own": st.one_of(st.integers(1, 5), st.just({"missing": "declined"})),
            "status": st.one_of(st.sampled_from(["practising", "left", "back"]), st.just({"missing": "declined"})),
            "years": st.integers(0, 70),
            "why": st.lists(st.sampled_from(["burnout", "visa", "pay"]), unique=True, min_size=1),
        },
    ),
    max_size=40,
)


@given(ANSWERS)
def test_each_response_is_counted_once_in_a_cell_or_beside_the_table(rows):
    found = crossed(rows, "own", "status")
    pairs = Counter((row.get("own"), row.get("status")) for row in rows if isinstance(row.get("own"), int) and isinstance(row.get("status"), str))
    cells = {
        (category.code, column.code): cell.n
        for category, row in zip(found.rows.categories, found.table.cells, strict=True)
        for column, cell in zip(found.columns.categories, row, strict=True)
    }
    assert {pair: n for pair, n in cells.items() if n} == pairs
    assert found.both + sum(n for _, _, n in found.left_out) == found.n == len(rows)


@given(ANSWERS)
def test_options_and_numbers_are_counted_by_group_as_the_answers_say(rows):
    options = {each.category.code: [count.n for count in each.chosen] for each in crossed(rows, "why", "status").options}
    codes = [code for code, _ in found_columns(rows)]
    for option, counts in options.items():
        assert counts == [sum(row.get("status") == code and option in row.get("why", ()) for row in rows) for code in codes]
    means = crossed(rows, "years", "status").means
    for code, group in zip(codes, means.groups, strict=True):
        values = [row["years"] for row in rows if row.get("status") == code and "years" in row]
        assert group.n == len(values) and (not values or math.isclose(group.mean, sum(values) / len(values)))


def found_columns(rows: Rows):
    return crossed(rows, "own", "status").columns.categories


def test_who_is_not_in_the_table_is_counted_by_question_and_reason():
    declined = {"missing": "declined"}
    rows = [{"own": 1, "status": "left"}, {"own": declined, "status": "left"}, {"own": declined, "status": declined}, {"own": 2, "status": declined}, {"status": "left"}]
    assert crossed(rows, "own", "status").left_out == (("rows", "not_reached", 1), ("rows", "declined", 2), ("columns", "declined", 1))


def test_a_table_follows_the_view_to_its_last_respondent():
    rows = [*table([[30, 10], [20, 40]]), {"own": 5, "status": "left", "years": 70}]
    found = crossed(rows, "own", "status", View(only=(("status", ("left",)),)))
    assert found.both == 51 and [cell.n for cell in found.table.cells[4]] == [0, 41, 0]
    assert found.table.conclusion.test is None


# --- figures ------------------------------------------------------------------------------------------------


def test_shares_are_of_columns_rows_and_all_with_wilsons_intervals():
    found = crossed(table([[30, 10], [20, 40]]), "own", "status").table
    cell = found.cells[0][0]
    assert (cell.n, cell.of_column.value, cell.of_row.value, cell.of_all.value) == (30, 0.6, 0.75, 0.3)
    assert cell.of_column[1:3] == wilson(30, 50) and found.total(4).value == 0.6


def test_tables_are_tested_by_chi_square_and_thin_ones_by_fisher_or_not_at_all():
    usual = crossed(table([[30, 10], [20, 40]]), "own", "status").table
    assert usual.conclusion.test.statistic == pytest.approx(16.6667, abs=1e-4) and usual.v == pytest.approx(0.4082, abs=1e-4)
    thin = crossed(table([[3, 1], [1, 3]]), "own", "status").table
    assert thin.conclusion.test.p == pytest.approx(0.4857, abs=1e-4) and "Fisher" in thin.conclusion.reason
    larger = crossed([{"own": 1 + n % 5, "status": ("practising", "left", "back")[n % 3]} for n in range(20)], "own", "status").table
    assert larger.conclusion.test is None and larger.conclusion.reason.startswith("No test: fewer than 5 are expected")


def test_residuals_are_shaded_from_two_and_three_and_none_is_given_in_thin_cells():
    found = crossed(table([[30, 10], [20, 40]]), "own", "status").table
    assert found.cells[0][0].residual == pytest.approx(4.0825, abs=1e-4)
    assert [cell.leaning for cell in found.cells[0][:2]] == ["most", "fewest"]
    thin = crossed(table([[12, 3], [30, 2]]), "own", "status").table
    assert thin.cells[0][1].is_thin and thin.cells[0][1].residual is None and thin.cells[0][1].leaning == ""


def test_means_differ_by_welch_and_their_pairs_are_adjusted_by_holm():
    rows = [{"status": status, "years": base + n} for status, base in (("practising", 0), ("left", 4), ("back", 5)) for n in range(12)]
    means = crossed(rows, "years", "status").means
    assert means.conclusion.test.method == "Welch’s analysis of variance" and means.conclusion.test.df == 2
    assert [(pair.first, pair.second) for pair in means.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert means.pairs[1].difference.value == -5 and means.pairs[1].p == pytest.approx(3 * 0.0025908, rel=1e-4)


def test_strength_is_in_words_by_cohens_cut_offs():
    assert [strength(v, 2) for v in (0.05, 0.1, 0.3, 0.5)] == ["very weak", "weak", "moderate", "strong"]
    assert strength(0.18, 5) == "moderate"


# --- what cannot be crossed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("own", "own", "A question crossed with itself says nothing. Choose two questions."),
        ("own", "town", '"town" has 300 answers; a table has at most 12 columns. Make it the rows, or choose another question.'),
        ("town", "own", '"town" has 300 answers; a table has at most 60 rows. Choose another question for the rows.'),
        ("own", "years", 'Nothing called "years" can be the columns. '),
        ("next", "own", 'Nothing called "next" can be the rows. '),
        ("<script>", "own", 'Nothing called "<script>" can be the rows. '),
        ("own", "🙂", 'Nothing called "🙂" can be the columns. '),
        ("why", "why.visa", "An option crossed with its own question says nothing. Choose another question."),
    ],
)  # fmt: skip
def test_what_cannot_be_crossed_is_said_in_words(first, second, why):
    with pytest.raises(CannotCross) as found:
        crossed([], first, second)
    assert str(found.value).startswith(why)


def test_every_name_offered_for_rows_can_be_crossed_also_with_nobody():
    names = row_names(framed([]).layout)
    assert {"status", "own", "why", "years", "disposition"} <= {*names} and "town" not in names
    for name in names:
        found = crossed([], name, "status" if name != "status" else "own")
        assert found.both == 0
