"""Invented behaviour for a demonstration: groups that differ, levels and arms that matter, answers of unequal size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.simulation.arguments import read_effect, reversed_in, weights
from app.simulation.behaviour import Behaviour, Influence
from app.survey.codes import Code
from app.survey.items.simulated import Chance
from app.survey.model import MOST_GROUPS, Instrument

BREAKS_OFF = 0.012  # a page
GENERAL, OF_GROUP, OF_LEVEL = 0.5, 0.4, 0.35  # standard deviations of the effects, which are normal


def invented(instrument: Instrument, chance: Chance) -> Behaviour:
    """Behaviour by chance: every scale has its own mean, the groups of the first single choice differ on half of the
    scales, and so do the levels of vignettes and the arms on what speaks of them."""
    return Behaviour(
        breaks_off=BREAKS_OFF, effects=tuple(_effects(instrument, chance)), reversed=reversed_in(instrument)
    )


def described(instrument: Instrument, written: Mapping[str, Any]) -> Behaviour:
    """Behaviour as a file describes it: `effects` as `opinion simulate` takes them, and `answers` with the weight of
    each code. Raises ArgumentFault for what the survey does not have."""
    answers: dict[str, Mapping[Code, float]] = {}
    for name, each in written.get("answers", {}).items():
        answers |= weights(instrument, name, each)
    effects = [effect for each in written.get("effects", ()) for effect in read_effect(instrument, each)]
    return Behaviour(
        breaks_off=BREAKS_OFF, effects=tuple(effects), answers=answers, reversed=reversed_in(instrument)
    )


def _effects(instrument: Instrument, chance: Chance) -> Iterator[Influence]:
    for item in instrument.items():
        for answer in item.answers():
            if answer.is_measured and not _is_rating(instrument, answer.name):
                yield Influence("", None, answer.name, chance.gauss(0, GENERAL))
                yield from _of_groups(instrument, answer.name, chance)
    for vignette in instrument.vignettes:
        for rating in vignette.ratings:
            for attribute in vignette.attributes:
                for level in attribute.levels:
                    by = chance.gauss(0, OF_LEVEL)
                    for k in range(1, vignette.each_sees + 1):
                        yield Influence(f"{vignette.id}_{attribute.id}_{k}", level.code, f"{vignette.id}_{rating}_{k}", by)


def _is_rating(instrument: Instrument, name: str) -> bool:
    return any(name.startswith(f"{each.id}_{rating}_") for each in instrument.vignettes for rating in each.ratings)


def _of_groups(instrument: Instrument, name: str, chance: Chance) -> Iterator[Influence]:
    """Half of the scales differ between groups and arms that come before them."""
    order = [*instrument.given, *(each for item in instrument.items() for each in item.names)]
    for cause, codes in _causes(instrument):
        if order.index(cause) < order.index(name) and chance.random() < 0.5:
            yield from (Influence(cause, code, name, chance.gauss(0, OF_GROUP)) for code in codes)


def _causes(instrument: Instrument) -> Iterator[tuple[str, list[Code]]]:
    """The arms, and the first single choice of which there are not too many options."""
    for drawn in instrument.drawn:
        if drawn.kind == "choice" and not drawn.of:
            yield drawn.name, [option.code for option in drawn.options]
    for item in instrument.items():
        for answer in item.answers():
            if answer.kind == "choice" and answer.name == item.id and not answer.is_measured:
                if len(answer.options) <= MOST_GROUPS:
                    yield answer.name, [option.code for option in answer.options]
                    return
