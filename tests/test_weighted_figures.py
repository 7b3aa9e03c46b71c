"""Weighted shares, means and differences against R's `survey`, and against a second calculation from rows.

`reference/` has the responses, R's script and its figures: the weights are those of raking, taken as given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest

from app.results.statistics.cells import Count, total
from app.results.statistics.intervals import share_interval
from app.results.statistics.values import Summary, summary
from tests.support.reference import R, exactly, rows_of

WEIGHTED = R["weighted"]
CELLS = {(each["specialty"], each["stage"]): each["weight"] for each in WEIGHTED["weights"]}
ROWS = [row for row in rows_of("responses.csv") if row["disposition"] == "complete"]
DESIGN = len(ROWS)


def weight(row: dict[str, str]) -> float:
    return CELLS[row["specialty"], row["stage"]]


def counted(rows: Iterable[dict[str, str]]) -> Count:
    weights = [weight(row) for row in rows]
    return Count(len(weights), math.fsum(weights), math.fsum(each**2 for each in weights), DESIGN)


def answered(name: str, rows: Iterable[dict[str, str]] = ROWS) -> list[dict[str, str]]:
    return [row for row in rows if not row[name].startswith("~")]


def summed(pairs: Iterable[tuple[float, float]]) -> Summary:
    """Of values with their weights."""
    return summary((value, Count(1, each, each**2, DESIGN)) for value, each in pairs)


# --- against R ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WEIGHTED["given"]["shares"])
def test_weighted_shares_have_the_logit_interval_of_r(name):
    wanted, (variable, code) = WEIGHTED["given"]["shares"][name], name.split()
    base = answered(variable)
    found = share_interval(counted(row for row in base if row[variable] == code), counted(base))
    assert (found.value, found.error, found.low, found.high, found.n) == exactly(
        (wanted["share"], wanted["error"], *wanted["interval"], wanted["n"])
    )


def test_a_weighted_share_of_nobody_or_everybody_has_the_exact_interval_on_kishs_n():
    everyone, nobody = counted(ROWS), total(())
    assert everyone.effective == exactly(WEIGHTED["kish"]["n"])
    for count, share, wanted in ((nobody, 0, "none"), (everyone, 1, "all")):
        found = share_interval(count, everyone)
        assert (found.value, found.low, found.high) == exactly((share, *WEIGHTED["none_and_all"][wanted]))
