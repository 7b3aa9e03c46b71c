"""Designs of vignette experiments: what every block keeps to, how balanced they are, and what cannot be made."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping

import numpy
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.survey.vignettes.balance import report, report_lines
from app.survey.vignettes.design import Design, DesignFault, make_design

MOVES = (
    ("profession", ("physician", "engineer", "lawyer", "academic")),
    ("reason", ("growth", "burnout", "family", "visa", "values")),
    ("destination", ("leadership", "policy", "technology", "open")),
)
Levels = Mapping[str, str | int]


def nothing(levels: Levels) -> bool:
    return False


def lawyers_keep_their_visa(levels: Levels) -> bool:
    return levels["profession"] == "lawyer" and levels["reason"] == "visa"


def design(
    excluded: Callable[[Levels], bool] = nothing,
    each_sees: int = 4,
    one_of_each: str | None = "profession",
    kind: str = "blocks",
    blocks: int | None = 20,
    seed: int = 1,
) -> Design:
    return make_design(MOVES, excluded, each_sees, one_of_each, kind, blocks, seed)


@st.composite
def demands(draw: st.DrawFn) -> tuple:
    """Small experiments of every kind, some with excluded combinations and one of each level."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=2, max_size=4))
    attributes = tuple((f"a{at}", tuple(range(size))) for at, size in enumerate(sizes))
    cells = list(itertools.product(*(codes for _, codes in attributes)))
    out = draw(st.sets(st.sampled_from(cells), max_size=len(cells) // 4))
    one_of_each = draw(st.sampled_from([None, *(id for id, _ in attributes)]))
    each_sees = dict(attributes)[one_of_each][-1] + 1 if one_of_each else draw(st.integers(1, 6))
    kind = draw(st.sampled_from(["full", "random", "blocks"]))
    blocks = draw(st.integers(1, 12)) if kind == "blocks" else None

    def excluded(levels: Levels) -> bool:
        return tuple(levels.values()) in out

    return attributes, excluded, each_sees, one_of_each, kind, blocks, draw(st.integers(0, 2**63)), out


@given(demands())
def test_every_block_shows_admissible_vignettes_none_twice_and_one_of_each(demand):
    *wanted, out = demand
    attributes, _, each_sees, one_of_each, kind, blocks, _ = wanted
    try:
        made = make_design(*wanted)
    except DesignFault:
        assume(False)
    ids = [id for id, _ in attributes]
    for block in made.blocks:
        assert len(block) == len(set(block)) == each_sees
        assert not set(block) & out
        if one_of_each:
            assert len({cell[ids.index(one_of_each)] for cell in block}) == each_sees
    if kind == "blocks":
        assert len(made.blocks) == blocks
    if kind == "full":
        assert Counter(cell for block in made.blocks for cell in block) == Counter(made.universe)


@given(demands())
def test_levels_are_shown_about_equally_often_where_nothing_is_excluded(demand):
    attributes, _, each_sees, one_of_each, _, blocks, seed, _ = demand
    try:
        made = make_design(attributes, nothing, each_sees, one_of_each, "blocks", blocks, seed)
    except DesignFault:
        assume(False)
    for at in range(len(attributes)):
        shown = Counter(cell[at] for block in made.blocks for cell in block)
        assert max(shown.values()) - min(shown.values()) <= 3


def test_twenty_blocks_of_four_show_each_of_eighty_vignettes_once():
    made = design()
    assert Counter(cell for block in made.blocks for cell in block) == Counter(made.universe)
    for block in made.blocks:
        assert [len({cell[at] for cell in block}) for at in range(3)] == [4, 4, 4]  # nothing twice in a block
    known = report(made, 1000)
    assert (known.main, known.interactions, known.correlation) == (pytest.approx(1), pytest.approx(1), 0)
    assert known.within > 0.96


def test_a_design_in_use_is_never_made_another_way():
    """A block's number is kept with responses: should this fail, earlier responses would have seen other vignettes."""
    digest = hashlib.sha256(repr(design().blocks).encode()).hexdigest()
    assert digest == "cf39eb0c059b13ca242dc66910baeea3c6724a16f319be14ccfc58fa9ade8d2b"


def test_the_seed_alone_decides():
    assert design(seed=5).blocks == design(seed=5).blocks != design(seed=6).blocks
    for kind in ("random", "full"):
        one, other = (design(kind=kind, blocks=None, seed=seed) for seed in (1, 2))
        assert one.blocks != other.blocks


def test_a_design_that_was_made_is_not_made_again():
    assert design(lawyers_keep_their_visa, seed=9) is design(
        lambda levels: lawyers_keep_their_visa(levels), seed=9
    )


def test_fewer_blocks_than_vignettes_are_far_better_balanced_than_chance():
    made = design(lawyers_keep_their_visa, blocks=10)
    by_chance = Design(
        made.attributes, made.universe, design(lawyers_keep_their_visa, kind="random").blocks[:10]
    )
    chosen, drawn = report(made, 400), report(by_chance, 400)
    assert chosen.main > 0.98 > drawn.main
    assert chosen.correlation < drawn.correlation
    shown = Counter(cell[1] for block in made.blocks for cell in block)
    assert set(shown.values()) <= {7, 8, 9}


def test_a_large_universe_is_balanced_within_seconds():
    attributes = [(f"a{at}", tuple(range(4))) for at in range(6)]
    began = time.process_time()
    made = make_design(attributes, nothing, 6, None, "blocks", 30, 1)
    assert time.process_time() - began < 10
    assert report(made, 100).main > 0.98


def test_a_random_design_has_blocks_enough_to_differ():
    made = design(kind="random", blocks=None)
    assert len(made.blocks) == 1000 and len(set(made.blocks)) > 990
    assert len({cell for block in made.blocks for cell in block}) == 80


@pytest.mark.parametrize(
    "wanted, key, said",
    [
        ({"each_sees": 3}, "each_sees", "Write each_sees: 4"),
        ({"each_sees": 81, "one_of_each": None}, "each_sees", "from 1 to 50"),
        ({"each_sees": 0, "one_of_each": None}, "each_sees", "from 1 to 50"),
        ({"excluded": lambda levels: levels["reason"] == "visa"}, "exclude", 'reason "visa"'),
        ({"excluded": lambda levels: True}, "exclude", 'profession "physician"'),
        ({"blocks": 2}, "blocks", "from 3 to 500"),
        ({"blocks": 501}, "blocks", "from 3 to 500"),
        ({"blocks": None}, "blocks", "from 3 to 500"),
        ({"kind": "full", "blocks": 10}, "blocks", "20 blocks of 4, not 10"),
        ({"kind": "full", "blocks": None, "each_sees": 3, "one_of_each": None}, "design", "without a rest"),
        (
            {"kind": "full", "blocks": None, "excluded": lawyers_keep_their_visa},
            "design",
            "one of each profession",
        ),
    ],
)
def test_what_cannot_be_made_is_said_with_its_key_and_remedy(wanted, key, said):
    with pytest.raises(DesignFault) as refused:
        design(**wanted)
    assert refused.value.key == key and said in f"{refused.value.what}. {refused.value.remedy}"


def test_too_many_combinations_are_refused_before_they_are_counted_out():
    with pytest.raises(DesignFault, match="1,000,000,000 different vignettes"):
        make_design([(f"a{at}", tuple(range(10))) for at in range(9)], nothing, 4, None, "blocks", 20, 1)


# --- the report ------------------------------------------------------------------------------------------

TWO = (("a", ("x", "y")), ("b", ("u", "v")))
CELLS = ((0, 0), (0, 1), (1, 0), (1, 1))


def test_the_report_of_a_lopsided_design_is_as_counted_by_hand():
    """Shown: xu twice, xv once, yv once. Phi = (4·2 − 3·2) / √(3·1·2·2) = 1/√3."""
    known = report(Design(TWO, CELLS, (((0, 0), (0, 1)), ((0, 0), (1, 1)))), 10)
    assert [(each.attribute, each.shown) for each in known.attributes] == [
        ("a", {"x": 3, "y": 1}),
        ("b", {"u": 2, "v": 2}),
    ]
    assert (known.attributes[0].exposures.least, known.attributes[0].exposures.mean) == (5, 10)
    (pair,) = known.pairs
    assert pair.cells == (0, 2) and pair.correlation == pytest.approx(3**-0.5) == pair.cramers_v
    assert (pair.exposures.least, pair.exposures.mean) == (0, 5)
    assert (known.distinct, known.repeated, known.vignettes.least) == (3, 0, 5)
    coded = numpy.array([[1, 1, 1], [1, 1, -1], [1, 1, 1], [1, -1, -1]])
    assert known.main == pytest.approx(numpy.linalg.det(coded.T @ coded / 4) ** (1 / 3))
    assert known.interactions == 0  # three vignettes, four effects


def test_effects_that_cannot_be_told_apart_have_no_efficiency():
    confounded = report(Design(TWO, CELLS, (((0, 0), (1, 1)), ((1, 1), (0, 0)))), 10)
    assert (confounded.main, confounded.correlation, confounded.pairs[0].cramers_v) == (0, 1, 1)
    between = report(Design(TWO, CELLS, (((0, 0), (0, 1)), ((1, 1), (1, 0)))), 10)
    assert between.main == pytest.approx(1) and between.within == 0  # a differs between respondents only
    assert any("not all effects can be estimated" in line for line in report_lines("move", between))


def test_people_are_told_the_balance_and_how_often_each_is_judged():
    lines = report_lines("move", report(design(), 1000))
    assert lines[0] == "vignette move: 80 of 80 vignettes, in 20 blocks of 4"
    assert (
        "  reason: growth 16, burnout 16, family 16, visa 16, values 16; each rated at least 800 times"
        in lines
    )
    assert (
        "  profession by reason: 4 in each cell, each rated at least 200 times; Cramér's V 0.000, largest correlation 0.000"
        in lines
    )
    assert (
        "9 excluded" not in lines[0]
        and "4 excluded" in report_lines("move", report(design(lawyers_keep_their_visa), 1))[0]
    )


def test_a_random_design_of_very_many_vignettes_is_drawn_without_listing_them():
    """186,624 vignettes, of which those with the first two levels together are excluded."""
    sizes = (6, 6, 6, 6, 6, 6, 2, 2)
    attributes = [(f"a{at}", tuple(range(size))) for at, size in enumerate(sizes)]
    asked = []

    def excluded(levels: Levels) -> bool:
        asked.append(levels)
        return levels["a0"] == 0 and levels["a1"] == 0

    made = make_design(attributes, excluded, 6, "a2", "random", None, 7)
    assert len(asked) < 10_000 and made.drawn_from == 186_624
    assert all(sorted(cell[2] for cell in block) == list(range(6)) for block in made.blocks)
    cells = [cell for block in made.blocks for cell in block]
    assert not any(cell[:2] == (0, 0) for cell in cells) and len(cells) == 6000
    for at, size in enumerate(sizes[2:], 2):
        shown = Counter(cell[at] for cell in cells)
        assert min(shown.values()) > 0.85 * 6000 / size
    assert report(made, 500).admissible == 186_624 and report(made, 500).main > 0.9
    assert make_design(attributes, excluded, 6, "a2", "random", None, 7) == made
    with pytest.raises(DesignFault, match="design: random"):
        make_design(attributes, excluded, 6, None, "blocks", 30, 7)
    with pytest.raises(DesignFault, match="every one is excluded"):
        make_design(attributes, lambda levels: True, 6, None, "random", None, 7)
