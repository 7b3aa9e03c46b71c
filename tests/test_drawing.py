"""What is drawn for a response: balanced, the same again from the same seed, and within what may move."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interview.draws import Stream, arm, draw
from app.interview.path import ordered
from app.survey.model import Drawn, Instrument, Option
from app.survey.source.reading import read_survey
from app.survey.texts import Text
from tests.support.paths import walk

EVERYTHING = """
title: Everything drawn
languages: [en, de]
arms:
  cause: {burnout: Burnout, family: {label: Family, weight: 2}}
  tone: [plain, warm]
shuffle: {only: [two, three]}
sections:
  one:
    shuffle: {except: [first]}
    items:
      first: {type: text, ask: First}
      second:
        type: multiple_choice
        ask: Second
        shuffle: true
        options: {a: A, b: B, c: C, other: {label: Other, please_say: true}, none_of_them: {label: None, exclusive: true}}
      third:
        type: matrix
        ask: Third
        scale: {1: No, 2: Yes}
        shuffle: {only: [s, u]}
        statements: {s: S, t: T, u: U}
  two:
    items:
      poles:
        type: semantic_differential
        ask: Poles
        flip: true
        points: 7
        pairs: {warm: [Cold, Warm], near: [Far, Near], soft: [Hard, Soft]}
  three:
    items:
      where:
        type: dropdown
        ask: Where?
        shuffle: true
        options: {a: A, b: B, c: C}
      recent: {type: date, ask: When?, latest: today}
  four:
    items:
      move:
        type: vignette
        text: "A {profession} leaves for {reason}."
        attributes:
          profession: {doctor: doctor, engineer: engineer, lawyer: lawyer}
          reason: {growth: growth, health: health}
        ratings: {seen: {ask: How is this seen?, scale: {1: Failure, 2: Neither, 3: Growth}}}
        each_sees: 3
        one_of_each: profession
        design: blocks
        blocks: 4
        seed: 1
"""
SEED = b"a seed of thirty-two bytes......"


def instrument(source: str = EVERYTHING) -> Instrument:
    translated = {"de": (b"title: Alles gezogen", "x.de.yaml")}
    read, faults = read_survey(
        source.encode(),
        "x",
        None,
        translated if "languages" in source else {},
        forgiven=["translation-missing"],
    )
    assert read is not None, faults
    return read


ASKED = instrument()


def drawn(place: int, seed: bytes = SEED, asked: Instrument = ASKED) -> dict[str, Any]:
    return draw(asked, place, seed, "2026-11-22", "de")


def test_everything_that_is_given_is_drawn_and_nothing_else():
    assert tuple(drawn(0)) == ASKED.given
    assert (drawn(0)["language"], drawn(0)["today"]) == ("de", "2026-11-22")


def test_what_the_instrument_does_not_ask_for_is_not_given():
    plain = instrument("title: A\nsections: {one: {items: {a: {type: text, ask: A}}}}")
    assert drawn(0, asked=plain) == {}


def test_what_is_drawn_is_on_the_path_of_one_who_has_answered_nothing():
    for place in range(20):
        assert walk(ASKED, drawn(place)).answers == drawn(place)


@given(st.integers(0, 10**9), st.binary(max_size=40))
def test_same_seed_and_place_give_the_same_form(place, seed):
    assert drawn(place, seed) == drawn(place, seed)


def test_seeds_and_places_give_different_forms():
    forms = {repr(drawn(place, seed)) for place in range(20) for seed in (b"one", b"two")}
    assert len(forms) == 40


@given(st.integers(0, 10**6), st.binary(max_size=40))
def test_orders_hold_everything_once_and_move_only_what_may_move(place, seed):
    form = drawn(place, seed)
    for each in ASKED.drawn:
        if each.name.endswith("~order"):
            assert ordered(each, form) == tuple(form[each.name])
            still = [code for code in each.whole if code not in each.moving]
            assert [code for code in form[each.name] if code in still] == still
    assert form["section.one~order"][0] == "first"
    assert form["third~order"][1] == "t"
    assert form["second~order"][3:] == ["other", "none_of_them"]
    assert form["sections~order"][0] == "one" and form["sections~order"][3] == "four_1"


def test_every_order_and_every_set_of_poles_comes_up():
    forms = [drawn(place) for place in range(400)]
    assert len({tuple(form["second~order"]) for form in forms}) == 6
    assert len({tuple(form["poles~poles"]) for form in forms}) == 8
    assert {tuple(form["sections~order"][:3]) for form in forms} == {
        ("one", "two", "three"),
        ("one", "three", "two"),
    }


def test_order_is_fair():
    """Each of six orders has its sixth of 1,200; five standard deviations are 65."""
    counts = Counter(tuple(drawn(place)["second~order"]) for place in range(1200))
    assert all(abs(count - 200) < 65 for count in counts.values())


# --- balance ---------------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.binary(max_size=40),
    st.integers(0, 10**6),
)
def test_each_whole_block_holds_every_arm_as_often_as_it_weighs(weights, seed, block):
    options = tuple(Option(f"arm{place}", Text("A")) for place in range(len(weights)))
    tried = Drawn("cause", "choice", "Cause", options, tuple(weights))
    size = sum(weights)
    counts = Counter(arm(tried, block * size + within, seed) for within in range(size))
    assert counts == {option.code: weight for option, weight in zip(options, weights, strict=True)}


@pytest.mark.parametrize("number", [3, 30, 300])
def test_arms_are_exactly_balanced_after_whole_blocks_and_nearly_so_between(number):
    for respondents in range(number, number + 3):
        counts = Counter(drawn(place)["cause"] for place in range(respondents))
        assert abs(counts["family"] - 2 * respondents / 3) <= 1


def test_arms_come_in_another_order_in_each_block():
    blocks = {tuple(drawn(3 * block + within)["cause"] for within in range(3)) for block in range(60)}
    assert len(blocks) == 3


def test_arms_cross_at_random():
    """Of 600, each of the four crossings has its share within five standard deviations."""
    counts = Counter((drawn(place)["cause"], drawn(place)["tone"]) for place in range(600))
    for (cause, _), count in counts.items():
        assert abs(count - (200 if cause == "family" else 100)) < 50
    assert len(counts) == 4


def test_arms_of_the_same_size_have_blocks_of_their_own():
    options = tuple(Option(code, Text(code)) for code in ("a", "b"))
    one, two = (Drawn(name, "choice", name, options, (1, 1)) for name in ("one", "two"))
    assert len({(arm(one, place, SEED), arm(two, place, SEED)) for place in range(60)}) == 4


@given(st.binary(max_size=40), st.integers(0, 10**6))
def test_each_cycle_deals_every_block_of_vignettes_once(seed, cycle):
    dealt = [drawn(4 * cycle + within, seed)["move_block"] for within in range(4)]
    assert sorted(dealt) == [0, 1, 2, 3]


@given(st.binary(max_size=40), st.integers(0, 10**6))
def test_levels_are_those_of_the_block_in_an_order_of_their_own(seed, place):
    form, vignette = drawn(place, seed), ASKED.vignettes[0]
    attributes = [(each.id, [level.code for level in each.levels]) for each in vignette.attributes]
    shown = [tuple(form[f"move_{id}_{number}"] for id, _ in attributes) for number in (1, 2, 3)]
    block = vignette.design.blocks[form["move_block"]]
    assert sorted(shown) == sorted(
        tuple(codes[level] for level, (_, codes) in zip(cell, attributes, strict=True)) for cell in block
    )
    assert {profession for profession, _ in shown} == {"doctor", "engineer", "lawyer"}


def test_first_vignette_is_any_of_its_block():
    first = {(drawn(place)["move_block"], drawn(place)["move_profession_1"]) for place in range(200)}
    assert len(first) == 12


# --- chance ----------------------------------------------------------------------------------------------


def test_stream_is_fair_and_never_reaches_its_limit():
    stream = Stream(b"key", "a name")
    counts = Counter(stream.below(7) for _ in range(7000))
    assert set(counts) == set(range(7))
    assert all(abs(count - 1000) < 150 for count in counts.values())


class Words(Stream):
    """A stream whose words are known."""

    def __init__(self, *words: int):
        self.words = iter(words)

    def _word(self) -> int:
        return next(self.words)


def test_words_that_would_favour_the_first_values_are_passed_over():
    assert Words(2**64 - 1, 5).below(3) == 2
    assert Words(2**64 - 1, 5).below(7) == 5


def test_streams_of_different_names_are_different():
    streams = [
        Stream(b"key", "a", 1),
        Stream(b"key", "a", 2),
        Stream(b"key", "b", 1),
        Stream(b"other", "a", 1),
    ]
    assert len({stream.below(2**60) for stream in streams}) == 4


def test_drawing_is_kept_for_good():
    """A change of what a seed gives would change the forms of responses that are yet to come: it must be meant."""
    assert Stream(b"key", "a name").shuffled("abcdefgh") == list("egbdhafc")
