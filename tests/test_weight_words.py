"""What is said about weights: each sentence from weights that were really calculated."""

from __future__ import annotations

from app.results.frame.frame import Frame
from app.results.headlines import headlines
from app.results.marginals import figures
from app.results.view import View
from app.results.weights.weighting import Weighting
from app.results.weights.wording import about_weights, why_unweighted
from tests.support.answers import given_response, instrument

SURVEY = """
title: Words
weights: {rake: {field: {a: %s, b: %s}, stage: {x: 0.5, y: 0.5}}%s}
sections:
  one:
    items:
      field: {type: single_choice, ask: Field?, options: {a: A, b: B}}
      stage: {type: single_choice, ask: Stage?, options: {x: X, y: Y}}
      one: {type: single_choice, ask: One?, options: {j: J, n: N}}
      two: {type: single_choice, ask: Two?, options: {j: J, n: N}}
      three: {type: single_choice, ask: Three?, options: {j: J, n: N}}
"""
BOTH = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]


def weighting(pairs: list[tuple[str, str]], share: float = 0.5, trim: str = "") -> Weighting:
    asked = instrument(SURVEY % (share, round(1 - share, 3), trim))
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"field": field, "stage": stage} if field else {}) for n, (field, stage) in enumerate(pairs)])
    found = frame.weighting()
    assert found is not None
    return found


def test_weights_that_trimming_did_not_touch_are_not_called_trimmed():
    said = [*about_weights(weighting(BOTH * 5, 0.4, ", trim: [0.2, 5]"))]
    assert said[0].startswith("Raking converged after ") and said[0].endswith("largest error below 0.0001 percentage points.")
    assert said[1:] == [
        "Weights from 0.80 to 1.20 (mean 1). Design effect 1.04: the 20 complete responses count like 19 of equal weight.",
        "No weight had to be trimmed (between 0.2 and 5).",
    ]


def test_trimmed_weights_say_by_how_much_shares_miss_their_targets():
    found = weighting(BOTH * 5, 0.9, ", trim: 1.5")
    said = " ".join(about_weights(found))
    assert found.is_usable and "Raking did not converge" in said and "largest error 15 percentage points" in said
    assert "Weights were trimmed to 1.5 at most, so that shares miss their targets by the error above." in said


def test_responses_without_a_weight_are_counted_with_the_reason():
    assert [*about_weights(weighting([*BOTH * 5, ("", "")]))][-1] == "1 complete response has no weight, because an answer to “Field?” or “Stage?” is missing."


def test_why_there_are_no_weights_is_said_with_what_to_do():
    assert why_unweighted(weighting([])) == "No complete response has an answer to “Field?” and “Stage?” yet."
    one = why_unweighted(weighting([("a", "x"), ("b", "x")]))
    assert one == "No complete response to “Stage?” is “Y”, which has a target. Wait for one, or combine codes."
    never_together = why_unweighted(weighting([("a", "x")] * 9 + [("b", "y")], 0.7))
    assert never_together.startswith("No weights make the shares of “Field?” and “Stage?” equal their targets") and "Rake to fewer" in never_together
    assert why_unweighted(None).startswith("The variables that weights are raked to have no data")


def test_what_weights_are_raked_to_is_no_finding_by_default():
    asked = instrument(SURVEY % (0.5, 0.5, ""))
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"field": "a", "stage": "x", "one": "j", "two": "j", "three": "n"}) for n in range(20)])
    assert [each.item for each in headlines(asked, figures(frame, View()))] == ["one", "two", "three"]
