"""Numbers are what was typed: 0.2 + 0.7 + 0.1 is 1, on the server, in the browser and in Polars, bit for bit."""

from __future__ import annotations

import csv
import io
import json
import math
import struct
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.exports.csv import csv_chunks
from app.languages.formats import plain_number, write_number
from app.results.filters.filter import truth, value
from app.results.frame.frame import Frame
from app.results.frame.numbers import value_counts
from app.survey.conditions.evaluator import compile_part, compile_tree
from app.survey.conditions.exact import nearest_decimal, rounded, settled
from app.survey.conditions.language import parse_condition, parse_expression, whole_scope
from app.survey.conditions.sharing import shared
from app.survey.source.reading import read_survey
from tests.support.answers import given_response
from tests.support.paths import read_section

FORM_JS = Path(__file__).parent.parent / "app" / "web" / "static" / "form.js"
SURVEY = b"""
title: Doses
sections:
  all:
    items:
      a: {type: number, ask: A?, range: [-1000, 1000], decimals: 2}
      b: {type: number, ask: B?, range: [-10, 10], decimals: 6}
      c: {type: number, ask: C?, range: [-1000000000, 1000000000], decimals: 6}
      n: {type: number, ask: N?, range: [-1000000000000000, 1000000000000000]}
      r: {type: rating, ask: R?, scale: {0: ~, 1: ~, 2: ~, 3: ~}}
"""
ASKED = read_survey(SURVEY, "doses")[0]
SCOPE = whole_scope(ASKED)


@pytest.fixture
def in_browser(form_script):
    every = "all => JSON.parse(all).map(one => module.exports.evaluate(one[0], one[1]))"
    return lambda cases: form_script.evaluate(every, json.dumps(cases))


def table_of(rows):
    frame = Frame([ASKED])
    frame.take(given_response(ASKED, place, row, minutes=place) for place, row in enumerate(rows))
    assert not frame.refused
    return frame, pl.concat(list(frame.slices())).sort("~minutes")


def bits(number):
    return None if number is None else struct.pack(">d", number).hex()


@pytest.mark.parametrize(
    ("source", "answers"),
    [
        ("a + 0.7 + 0.1 == 1", {"a": 0.2}),
        ("a - 0.2 == 0.1", {"a": 0.3}),
        ("a * 3 == 0.3", {"a": 0.1}),
        ("a * 100 == 110", {"a": 1.1}),
        ("a / 0.1 == 3", {"a": 0.3}),
        ("sum(a, 0.7, 0.1) >= 1", {"a": 0.2}),
        ("mean(a, 0.2) == 0.15", {"a": 0.1}),
        ("a + 0.2 in [0.3]", {"a": 0.1}),
        ("0.7 + a < 0.8 or a + 0.7 > 0.8 or a + 0.7 == 0.8", {"a": 0.1}),
        ("not (0.1 + 0.7 < 0.8) and not (a + 0.2 > 0.3)", {"a": 0.1}),
        ("min(a + 0.2, 0.3) == max(a + 0.2, 0.3)", {"a": 0.1}),
        ("round(a, 1) == 0.2", {"a": 0.15}),
        ("round(b, 2) == 1.01", {"b": 1.005}),
        ("round(b, 2) == -1.01", {"b": -1.005}),
        ("round(b * 3, 2) == 0.41", {"b": 0.135}),
        ("round(a / 3, 2) == 0.33", {"a": 1.0}),
        ("a / 3 * 3 == a", {"a": 0.7}),
        ("a / 7 + a / 7 + a / 7 + a / 7 + a / 7 + a / 7 + a / 7 == a", {"a": 1.0}),
        ("missing(a) or 1 / (a + 0.2 - 0.3) > 0 or a == 0.1", {"a": 0.1}),
        ("(a + 0.2 - 0.3) * 1000000000 == 0", {"a": 0.1}),
        ("c + 0.1 + 0.2 == 12345678.3", {"c": 12345678.0}),
        ("c * 10 == 1234567.89", {"c": 123456.789}),
        ("(c - 120000.45) * 100 == 10", {"c": 120000.55}),
        ("(c - 100000) * 100 == 10", {"c": 100000.1}),
        ("sum(c, -100000, 0.2) * 100 == 30", {"c": 100000.1}),
        ("abs(a) * 10 == 11", {"a": -1.1}),
        ("-a - 0.2 == -0.3", {"a": 0.1}),
        ("coalesce(a, 0) + 0.2 == 0.3", {"a": 0.1}),
        ("(a if r == 1 else 2) + 0.2 == 0.3", {"a": 0.1, "r": 1}),
        ("n + 0.5 > n", {"n": 999999999999999}),
    ],
)
def test_a_decimal_is_what_it_is_on_paper(in_browser, source, answers):
    tree = parse_condition(source, SCOPE).tree
    frame, table = table_of([answers])
    found = [
        compile_tree(tree)(answers),
        *in_browser([(tree, answers)]),
        *truth(tree, frame.layout).run(table),
    ]
    assert found == [True, True, True]


@pytest.mark.parametrize(
    ("number", "digits", "wanted"),
    [
        (1.005, 2, 1.01), (2.675, 2, 2.68), (1.0049, 2, 1.0), (0.285, 2, 0.29), (-0.5, 0, -1.0), (0.4999999999, 0, 1.0),
        (0.4999999, 0, 0.0), (-0.2, 0, 0.0), (1e15, 9, 1e15), (4321987.125, 2, 4321987.13), (1e300, 9, 1e300), (0.1, 9, 0.1),
        (5e9 + 0.5, 0, 5e9 + 1), (8.5, 0, 9.0), (1234567.0000005, 6, 1234567.000001),
    ],
)  # fmt: skip
def test_rounding_takes_the_decimal_that_was_meant(in_browser, number, digits, wanted):
    assert bits(rounded(number, digits)) == bits(wanted)
    assert bits(*in_browser([(["round", number, digits], {})])) == bits(wanted)


@given(st.integers(-(10**15), 10**15), st.integers(0, 9))
def test_a_decimal_that_can_be_typed_stays_as_it_is(digits, decimals):
    typed = float(Fraction(digits, 10**decimals))
    if abs(typed) < 4e6 or decimals <= 6:
        assert bits(nearest_decimal(typed)) == bits(settled(typed)) == bits(typed)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_nearest_decimal_of_one_is_itself(number):
    once = nearest_decimal(number)
    assert bits(nearest_decimal(once)) == bits(once)
    assert bits(settled(settled(number))) == bits(settled(number))
    assert math.copysign(1, once) == 1 or once < 0


# --- any expression -----------------------------------------------------------------------------------------

DECIMALS = st.integers(-99, 999).map(lambda units: units / 100) | st.sampled_from(
    [0.1, 0.2, 0.3, 1e-6, 7, 12345678.9]
)
LEAVES = DECIMALS | st.sampled_from("abcnr").map(lambda name: ["get", name])
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "a": st.integers(-(10**5), 10**5).map(lambda units: units / 100),
        "b": st.integers(-(10**7), 10**7).map(lambda units: units / 10**6),
        "c": st.integers(-(10**15), 10**15).map(lambda units: units / 10**6),
        "n": st.integers(-(10**15), 10**15) | st.integers(-9, 9),
        "r": st.integers(0, 3),
    },
)


def larger(parts):
    several = st.lists(parts, min_size=1, max_size=4)
    return (
        st.tuples(st.sampled_from("+-*/"), parts, parts)
        | st.tuples(st.sampled_from("+-*/"), parts, parts, parts)
        | st.tuples(st.sampled_from(["neg", "abs"]), parts)
        | st.tuples(st.just("round"), parts, st.integers(0, 9))
        | st.tuples(st.sampled_from(["sum", "mean", "min", "max", "coalesce"]), several).map(
            lambda two: [two[0], *two[1]]
        )
        | st.tuples(
            st.just("if"), st.tuples(st.sampled_from(["<", "==", ">="]), parts, parts).map(list), parts, parts
        )
    ).map(list)


EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=8).filter(lambda tree: isinstance(tree, list))


@given(st.lists(EXPRESSIONS, min_size=3, max_size=3), st.lists(ROWS, min_size=2, max_size=6))
@settings(suppress_health_check=list(HealthCheck))
def test_all_three_evaluators_give_the_same_bits(in_browser, trees, rows):
    frame, table = table_of(rows)
    for tree in trees:
        on_server = [bits(compile_part(tree)(row)) for row in rows]
        assert list(map(bits, in_browser([(tree, row) for row in rows]))) == on_server
        assert [bits(number) for number in value(tree, frame.layout).run(table)] == on_server


def doubled(times):
    tree = ["+", ["get", "a"], 0.1]
    for _ in range(times):
        tree = ["/", ["+", tree, tree], ["if", [">", tree, 1e9], tree, 2]]
    return tree


def test_values_that_rest_on_values_are_worked_out_once(in_browser):
    tree = doubled(40)  # written out, three to the power of forty
    assert len(json.dumps(shared(tree))) < 5000
    began = time.process_time()
    assert compile_tree(tree)({"a": 0.2}) == 0.3
    frame, table = table_of([{"a": 0.2}])
    assert value(tree, frame.layout).run(table).to_list() == [0.3]
    assert in_browser([(shared(tree), {"a": 0.2})]) == [0.3]
    assert time.process_time() - began < 2


@given(EXPRESSIONS, ROWS)
@settings(suppress_health_check=list(HealthCheck))
def test_a_shared_tree_means_what_the_whole_does(in_browser, tree, row):
    twice = ["+", tree, ["*", tree, ["if", ["<", tree, 1], tree, 2]]]
    assert shared(twice)[0] == "let" or len(json.dumps(tree)) < 30
    assert list(map(bits, in_browser([(shared(twice), row)]))) == [bits(compile_part(twice)(row))]
    assert list(map(bits, in_browser([(twice, row)]))) == [bits(compile_part(twice)(row))]


HUNDREDTHS = st.integers(-(10**5), 10**5)
SUMS = st.lists(st.tuples(st.sampled_from("+-"), HUNDREDTHS), min_size=1, max_size=30)


@given(HUNDREDTHS, SUMS)
def test_decimals_add_up_as_fractions_do(first, more):
    tree, exact = first / 100, Fraction(first, 100)
    for sign, units in more:
        tree = [sign, tree, units / 100]
        exact += Fraction(units, 100) * (1 if sign == "+" else -1)
    assert bits(compile_tree(tree)({})) == bits(float(exact))
    assert compile_part(["==", tree, float(exact)])({}) is True


@given(HUNDREDTHS, st.integers(1, 999), st.integers(1, 99))
def test_what_is_divided_and_multiplied_again_is_what_it_was(units, by, times):
    number = units / 100
    assert compile_part(["==", ["*", ["/", number, by], by], number])({}) is True
    product = Fraction(units, 100) * Fraction(times, 100)
    assert bits(compile_tree(["*", number, times / 100])({})) == bits(float(product))


# --- what is stored and shown -------------------------------------------------------------------------------


def test_there_is_no_negative_zero():
    _, table = table_of([{"a": -0.0}])
    assert bits(table["a"][0]) == bits(0.0)
    tree = parse_expression("round(a - 0.2, 0)", SCOPE).tree
    assert bits(compile_tree(tree)({"a": 0.1})) == bits(0.0)
    assert bits(compile_tree(["neg", ["get", "a"]])({"a": 0.0})) == bits(0.0)
    assert write_number(-0.0, "en") == "0" and plain_number(-0.0, "de") == "0,0"
    assert write_number(-1e-7, "en") == "0"


def test_scores_are_stored_and_exported_as_decimals():
    source = b"""
title: Burden
scores: {burden: {label: Burden, mean: [x, y, z], to: [0, 90], bands: {low: {label: Low, below: 10}, high: High}}}
compute: {share: part * 3, third: part / 0.3}
sections:
  all:
    items:
      x: {type: rating, ask: X?, scale: {1: ~, 2: ~, 3: ~, 4: ~}}
      y: {type: rating, ask: Y?, scale: {1: ~, 2: ~, 3: ~, 4: ~}}
      z: {type: rating, ask: Z?, scale: {1: ~, 2: ~, 3: ~, 4: ~}}
      part: {type: number, ask: Part?, range: [0, 1], decimals: 2}
"""
    asked = read_survey(source, "burden")[0]
    frame = Frame([asked])
    rows = [{"x": 1, "y": 1, "z": 2, "part": 0.1}, {"x": 2, "y": 2, "z": 4, "part": 0.07}]
    frame.take(given_response(asked, place, row) for place, row in enumerate(rows))
    header, *lines = csv.reader(io.StringIO(b"".join(csv_chunks(frame, bom=False)).decode()))
    found = sorted(
        [line[header.index(name)] for name in ("burden", "burden_band", "share", "third")] for line in lines
    )
    assert found == [["10", "high", "0.3", "0.333333333"], ["50", "high", "0.21", "0.233333333"]]


@example(2, 640576, [20317])
@given(
    st.integers(0, 6), st.integers(-(10**6), 10**6), st.lists(st.integers(0, 60_000), min_size=1, max_size=9)
)
def test_values_are_counted_as_they_are(decimals, least, beyond):
    values = [(least + each * 10**decimals) / 10**decimals for each in [0, *beyond]]
    assert value_counts(np.array(values)) == Counter(values)


@pytest.mark.parametrize(
    ("step", "range_", "typed", "fits"),
    [
        ("0.001", "[0, 1000000]", "870899.913", True),
        ("0.1", "[0.1, 0.7]", "0.3", True),
        ("0.2", "[0.1, 0.7]", "0.4", False),
        ("0.3", "[0, 1]", None, None),
    ],
)
def test_steps_are_counted_in_decimals(browser, step, range_, typed, fits):
    source = f"title: T\nsections: {{s: {{items: {{x: {{type: slider, ask: X?, range: {range_}, decimals: 3, step: {step}}}, n: {{type: note, text: Yes, show_if: answered(x)}}}}}}}}"
    asked, faults = read_survey(source.encode(), "steps")
    if typed is None:
        assert [fault.code for fault in faults] == ["bad-value"]
        return
    reading = read_section(asked.sections[0], {"x": [typed], "shown": ["x", "n"]}, {})
    assert (reading.answers.get("x") == float(typed)) is fits
    field = "<form data-signs=',|.'><fieldset class=item id=i-x><input type=text name=x value='{}' data-number='{}'></fieldset>"
    page = browser.new_page()
    slider = asked.item["x"]
    page.set_content(
        field.format(typed, f"{slider.least} {slider.most} {slider.decimals} {slider.step}")
        + '<fieldset class=item id=i-n data-if=\'["answered","x"]\'></fieldset></form>'
    )
    page.add_script_tag(content=FORM_JS.read_text("utf-8"))
    assert page.evaluate("!document.getElementById('i-n').hidden") is fits
    page.close()
