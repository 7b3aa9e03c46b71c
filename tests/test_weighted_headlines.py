"""Whether findings hold when weighted: what they say without weights, and how far their shares and means move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.results.charts.captions import Message
from app.results.charts.sentences.claims import about_equal, counted, is_ahead, is_majority
from app.results.charts.weighted import WeightedHeadlines, claim
from app.results.findings import findings, with_findings
from app.results.frame.frame import Frame
from app.results.headlines import with_split
from app.results.marginals import figures, grouped_headlines
from app.results.statistics.cells import Count, total
from app.results.view import View
from app.web.research.overview.first_screen import shown_headlines
from tests.support.answers import given_response, instrument
from tests.support.research import researcher
from tests.support.respondent import respond
from tests.support.server import Server

SURVEY = """
title: Leaving
results: {headline: [seen, stress]}
weights: {rake: {field: {primary: %s, other: %s}}}
sections:
  now:
    items:
      field: {type: single_choice, ask: Which field?, options: {primary: Primary care, other: Other}}
      seen: {type: single_choice, ask: How is it seen?, options: {failure: A failure, growth: Growth}}
      stress: {type: number, ask: How much stress?, range: [0, 100]}
"""


def shown(share: float, n: int = 200, skipped: int = 0) -> dict[str, Any]:
    """Half are in primary care. Of these 3 in 4 see a failure, of the others 2 in 5; their stress is 60, that of others 50."""
    asked = instrument(SURVEY % (share, round(1 - share, 3)))
    frame = Frame([asked])
    frame.take([
        given_response(asked, each, {"field": "primary" if each % 2 else "other", "stress": (60 if each % 2 else 50) + each // 2 % 5,
                       "seen": "failure" if each // 2 % 20 < (15 if each % 2 else 8) else "growth"}, seq=each + 1)
        for each in range(n)
    ])  # fmt: skip
    frame.take([given_response(asked, n + each, {"seen": "growth", "stress": 50}, seq=n + each + 1) for each in range(skipped)])
    return shown_headlines(asked, figures(frame, View(weights="rake")))


def said(caption: Any) -> str:
    return caption if isinstance(caption, str) else str(caption) if not isinstance(caption, Message) else caption.form % {name: said(value) for name, value in caption.values.items()}


def test_weights_that_change_little_leave_the_findings_as_they_are():
    found = shown(0.52)
    assert said(found["holds"]).startswith(
        "<b>Yes.</b> Weighted, all 2 findings say the same, and no share or mean in them moves by more than 1 point"
        " (the most: “A failure”, from 58% to 58%)."
    )
    assert [each.beside.is_same for each in found["headlines"]] == [True, True]


def test_of_one_finding_that_changes_it_is_not_said_how_many_there_are():
    found = shown(0.2)["headlines"]
    changed = [each.beside for each in found if not each.beside.is_same]
    assert said(WeightedHeadlines(tuple(changed)).summary).startswith("<b>No.</b> Weighted, the finding says something else: “How is it seen?”.")


def test_a_finding_that_says_something_else_is_named_with_how_far_it_moves():
    """58 of 100 without weights; with two in ten from primary care 0.2 · 75 + 0.8 · 40 = 47."""
    found = shown(0.2)
    assert said(found["holds"]) == (
        "<b>Not all of it.</b> Weighted, 1 of 2 findings says something else: “How is it seen?”. The largest change is that of"
        " “A failure”, from 58% to 47%."
    )
    seen, stress = found["headlines"]
    assert said(seen.beside.unweighted).startswith("A majority answered “A failure” (<b>58%</b>)")
    assert "A majority" not in said(seen.headline.sentence)
    assert (seen.beside.is_same, stress.beside.is_same) == (False, True)
    assert (seen.beside.move.points, stress.beside.move.points) == pytest.approx((100 * (0.47 - 0.575), 54 - 57))


def test_responses_without_a_weight_are_left_out_of_both_and_counted():
    """Of 320 responses 120 have no weight and see growth: of all 36% see a failure, of those with a weight 58%."""
    found = shown(0.52, skipped=120)
    assert said(found["holds"]).startswith("<b>Yes.</b> Weighted, all 2 findings say the same")
    assert "from 58% to 58%" in said(found["holds"])
    assert said(found["holds"]).endswith("Both are of the same responses: 120 responses without a weight are left out of both.")
    assert said(found["headlines"][0].beside.unweighted).startswith("A majority answered “A failure” (<b>58%</b>)")


def test_without_weights_nothing_is_compared():
    asked = instrument(SURVEY % (0.5, 0.5))
    frame = Frame([asked])
    frame.take([given_response(asked, each, {"field": "primary", "seen": "growth"}, seq=each + 1) for each in range(12)])
    found = shown_headlines(asked, figures(frame))
    assert found["holds"] is None and all(each.beside is None for each in found["headlines"])


def test_what_is_clearly_ahead_is_judged_by_weighted_shares_of_one_base():
    """60 of 120 against 30: clearly more. Of half the weight it is not; nor if few have nearly all of it."""
    for first, second, is_clear in (
        (Count(60, 60, 60, 120), Count(30, 30, 30, 120), True),
        (Count(60, 30, 15, 120), Count(30, 30, 30, 120), False),
        (Count(60, 60, 600, 120), Count(30, 30, 300, 120), False),
    ):
        base = total((first, second, Count(30, 30, 30, 120)))
        one, other = counted("first", first, base), counted("second", second, base)
        assert is_ahead(one, other, exclusive=True) is is_clear
        assert not about_equal(one, other)
    few = Count(30, 30, 400, 120)
    assert few.effective < 10 and not is_majority(counted("few", Count(28, 28, 398, 120), few))


def message(form: str, **values: Any) -> Message:
    return Message(form, values)


def label(text: str) -> Message:
    return message("“%(label)s”", label=text)


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (message("%(share)s answered %(label)s.", share="61%", label=label("A")), message("%(share)s answered %(label)s.", share="54%", label=label("A")), True),
        (message("%(share)s answered %(label)s.", share="61%", label=label("A")), message("%(share)s answered %(label)s.", share="61%", label=label("B")), False),
        (message("A majority answered %(label)s.", label=label("A")), message("%(share)s answered %(label)s.", share="61%", label=label("A")), False),
        (message("No order: %(labels)s.", labels=message("%(first)s and %(second)s", first=label("A"), second=label("B"))),
         message("No order: %(labels)s.", labels=message("%(first)s and %(second)s", first=label("B"), second=label("A"))), True),
        (message("Half answered between <b>%(first)s</b> and <b>%(last)s</b>; the median is %(median)s.", first="1", last="2", median="1"),
         message("The middle half of the answers lies between <b>%(first)s</b> and <b>%(last)s</b>; the median is %(median)s.", first="1", last="3", median="1"), True),
        (message("%(said)s.", said=message("%(points)s more", points=message("1 percentage point"))),
         message("%(said)s.", said=message("%(points)s more", points=message("%(points)s percentage points", points="3"))), True),
    ],
)  # fmt: skip
def test_a_claim_is_what_a_sentence_says_without_its_numbers(first, second, is_same):
    assert (claim(first) == claim(second)) is is_same


def test_the_weighted_overview_answers_whether_its_findings_hold(tmp_path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY % (0.2, 0.8))
    with Server(tmp_path) as server:
        for n in range(12):
            respond(server, "leaving", {"field": "primary" if n % 2 else "other", "seen": "failure" if n % 3 else "growth", "stress": str(40 + n)})
        client = researcher(server)
        plain, weighted = (client.get(f"/research/leaving{query}") for query in ("", "?weights=rake"))
        assert (plain.status_code, weighted.status_code) == (200, 200)
        assert "Does it hold when weighted?" in weighted.text and "Does it hold when weighted?" not in plain.text
        assert "weighted (effective n " in weighted.text and "linearised standard errors" in weighted.text
        assert "effective n" not in plain.text and "Wilson" in plain.text
        assert "Set by the weights: the population’s shares." in weighted.text and "Set by the weights" not in plain.text
        for page in ("compare?by=field&weights=rake", "crosstab?rows=seen&columns=field&weights=rake"):
            found = client.get(f"/research/leaving/{page}")
            assert found.status_code == 200 and "effective" in found.text, page


def test_what_weights_are_raked_to_is_no_finding_and_changes_no_answer():
    """Its shares are the targets, whatever was answered."""
    asked = instrument((SURVEY % (0.2, 0.8)).replace("[seen, stress]", "[field, seen]"))
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"field": "primary" if n % 2 else "other", "seen": "growth" if n % 5 else "failure", "stress": 50}) for n in range(200)])
    found = shown_headlines(asked, figures(frame, View(weights="rake")))
    assert [each.beside.is_target for each in found["headlines"]] == [True, False]
    assert found["holds"].form.startswith("<b>Yes.</b>")


def test_nothing_is_said_to_hold_by_weights_that_miss_the_population_or_of_few():
    """With one respondent in each of two opposite cells no weights meet both margins."""
    asked = instrument(
        (SURVEY % (0.2, 0.8)).replace("weights: {rake: {", "weights: {trim: [0.1, 9], rake: {seen: {failure: 0.5, growth: 0.5}, ").replace("[seen, stress]", "[stress]")
    )

    def holds(n: int) -> str:
        frame = Frame([asked])
        pairs = (("primary", "failure"), ("other", "growth"))
        frame.take([given_response(asked, at, {"field": pairs[at % 2][0], "seen": pairs[at % 2][1], "stress": 50 + at % 7}) for at in range(n)])
        return said(shown_headlines(asked, figures(frame, View(weights="rake")))["holds"])

    assert holds(100).startswith("<b>Not to be said:</b> the weights miss the population’s shares by up to 30 percentage points.")
    assert holds(8) == "<b>Too few responses to say:</b> 8, and nothing is claimed of fewer than 10."


def test_groups_and_pairs_without_weights_are_of_the_same_responses():
    """30 of 110 have no weight and answer otherwise than all others. Weighted by the shares that the 80 have, nothing moves."""
    asked = instrument(GROUPS)
    frame = Frame([asked])
    frame.take([
        given_response(asked, n, {
            "sex": "f" if n % 2 else "m", "now": 2 + n % 3 if n < 80 else 5, "then": 2 if n < 80 else 1,
            **({"field": "primary" if n // 2 % 2 else "other"} if n < 80 else {}),
        }, seq=n + 1)
        for n in range(110)
    ])  # fmt: skip
    view = View(weights="rake")
    split = {"sex": grouped_headlines(frame, replace(view, by="sex"))}
    counted = with_findings(with_split(figures(frame, view), split), findings(frame, view))
    assert (counted.n, counted.unweighted.n) == (80, 80)
    assert [group.figures.n for group in counted.unweighted.split["sex"].groups] == [40, 40]
    assert counted.unweighted.pairs["now then"].apart.mean == pytest.approx(1, abs=0.02)
    found = shown_headlines(asked, counted)
    assert [each.headline.kind for each in found["headlines"]] == ["groups", "pair"]
    assert all(each.beside.is_same and abs(each.beside.move.points) < 0.1 for each in found["headlines"])


GROUPS = """
title: Leaving
results: {headline: [{item: now, by: sex}, {pair: {now: Now, then: Then}}]}
weights: {rake: {field: {primary: 0.5, other: 0.5}}}
sections:
  now:
    items:
      field: {type: single_choice, ask: Which field?, options: {primary: Primary care, other: Other}}
      sex: {type: single_choice, ask: Which sex?, options: {f: Female, m: Male}}
      now: {type: number, ask: How much stress now?, range: [0, 10]}
      then: {type: number, ask: How much stress then?, range: [0, 10]}
"""
