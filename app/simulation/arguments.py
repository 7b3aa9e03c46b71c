"""What is wanted of simulated respondents, as it is written on the command line: effects, and how often each answer is
given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.simulation.behaviour import Influence
from app.survey.codes import Code
from app.survey.faults import did_you_mean, one_of
from app.survey.items.base import Item
from app.survey.model import Instrument

EFFECT = re.compile(r"\s*(?:([\w.]+)\s*=\s*(\S+?)\s*:\s*)?([\w.]+)\s+([+-]?[0-9]+(?:\.[0-9]+)?)\s*")
WEIGHT = re.compile(r"\s*(\S+)\s+([0-9]+(?:\.[0-9]+)?)\s*")
LARGEST_EFFECT = 5.0


class ArgumentFault(ValueError):
    """What was wanted of simulated respondents does not fit the survey: what is wrong, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what, self.remedy = what, remedy


# --- names that can be used -------------------------------------------------------------------------------

Codes = dict[str, Code]


def choices(instrument: Instrument) -> dict[str, list[tuple[str, Codes]]]:
    """What has codes of which one is chosen or drawn: for each name that can be written, the names under which it is
    kept, with their codes. A vignette's `move_seen` stands for `move_seen_1`, `move_seen_2` and so on."""
    found: dict[str, list[tuple[str, Codes]]] = {}
    for drawn in instrument.drawn:
        if drawn.kind == "choice":
            found[drawn.name] = [(drawn.name, {str(option.code): option.code for option in drawn.options})]
    for item in instrument.items():
        for name, codes in _codes(item):
            found[name] = [(name, codes)]
            if name != item.id:
                found.setdefault(item.id, []).append((name, codes))
    for base, names in _bases(instrument).items():
        found[base] = [part for name in names for part in found.get(name, ())]
    return found


def _codes(item: Item) -> Iterator[tuple[str, Codes]]:
    for answer in item.answers():
        if answer.kind == "choice" and not answer.group:
            yield answer.name, {str(code): code for code in answer.codes}


def _bases(instrument: Instrument) -> dict[str, list[str]]:
    """The names that stand for an attribute or a rating of every vignette that a respondent sees."""
    return {
        f"{vignette.id}_{part}": [f"{vignette.id}_{part}_{k}" for k in range(1, vignette.each_sees + 1)]
        for vignette in instrument.vignettes
        for part in (*(attribute.id for attribute in vignette.attributes), *vignette.ratings)
    }


def _movable(instrument: Instrument) -> dict[str, list[str]]:
    """What an effect can move: answers on a scale, and numbers."""
    found: dict[str, list[str]] = {}
    for item in instrument.items():
        measured = [answer.name for answer in item.answers() if answer.is_measured]
        if measured:
            found |= {item.id: measured, **{name: [name] for name in measured}}
    bases = {f"{v.id}_{rating}" for v in instrument.vignettes for rating in v.ratings}
    return found | {base: names for base, names in _bases(instrument).items() if base in bases}


def _unknown(name: str, known: Mapping[str, Any], what: str) -> ArgumentFault:
    remedy = did_you_mean(name, known) or f"Available: {one_of(known) or 'none'}."
    return ArgumentFault(f'{what} "{name}"', remedy)


def _code(written: str, name: str, codes: Codes) -> Code:
    if written not in codes:
        raise _unknown(written, codes, f"{name} has no")
    return codes[written]


# --- effects ---------------------------------------------------------------------------------------------


def read_effect(instrument: Instrument, written: str) -> tuple[Influence, ...]:
    """`cause=health: blame +0.5`: a cause with one of its codes, what it moves, and by how many standard deviations;
    `blame +0.5` moves everyone's answers.

    Causes are arms, levels of vignettes and choices asked earlier. Raises ArgumentFault.
    """
    said = EFFECT.fullmatch(written)
    if said is None:
        raise ArgumentFault(f'"{written}" is not an effect', 'Write it like "cause=health: blame +0.5".')
    cause, code, name, by = said.groups()
    movable = _movable(instrument)
    if name not in movable:
        raise _unknown(name, movable, "no scale or number is called")
    if abs(float(by)) > LARGEST_EFFECT:
        what = f"{by} standard deviations are no effect that people show"
        raise ArgumentFault(what, f"Write a number from -{LARGEST_EFFECT:g} to {LARGEST_EFFECT:g}.")
    if cause is None:
        return tuple(Influence("", None, each, float(by)) for each in movable[name])
    causes = choices(instrument)
    if cause not in causes:
        raise _unknown(cause, causes, "there is no arm, vignette attribute or choice called")
    parts = [(part, _code(code, cause, codes)) for part, codes in causes[cause]]
    found = [
        Influence(part, chosen, moved, float(by))
        for part, chosen, moved in _pairs(instrument, cause, parts, movable[name])
    ]
    _refuse_later(instrument, found, cause, name)
    return tuple(found)


def _pairs(
    instrument: Instrument, cause: str, parts: list[tuple[str, Code]], names: list[str]
) -> Iterator[tuple[str, Code, str]]:
    """A level moves the ratings of its own vignette; anything else all that is named."""
    same = cause in _bases(instrument)
    for part, code in parts:
        for name in names:
            if not same or name.rpartition("_")[2] == part.rpartition("_")[2]:
                yield part, code, name


def _refuse_later(instrument: Instrument, effects: list[Influence], cause: str, name: str) -> None:
    order = [*instrument.given, *(each for item in instrument.items() for each in item.names)]
    place = {each: at for at, each in enumerate(order)}
    if not any(place[effect.cause] < place[effect.name] for effect in effects):
        raise ArgumentFault(f'"{cause}" has no effect on "{name}"', "A cause must come before the item that it affects.")


# --- answers ---------------------------------------------------------------------------------------------


def read_answers(instrument: Instrument, written: str) -> dict[str, dict[Code, float]]:
    """`status: practising 60, left 30`: weights by the names under which answers are stored. Raises ArgumentFault."""
    name, colon, rest = written.partition(":")
    parts = [WEIGHT.fullmatch(part) for part in rest.split(",")]
    if not colon or None in parts:
        remedy = 'Write it like "status: practising 60, left 30".'
        raise ArgumentFault(f'"{written}" does not give a frequency for each answer', remedy)
    return weights(instrument, name.strip(), {part[1]: float(part[2]) for part in parts if part})


def weights(instrument: Instrument, name: str, written: Mapping[Any, Any]) -> dict[str, dict[Code, float]]:
    """The weights of an item's answers, from those written for its codes. Raises ArgumentFault."""
    several = {
        item.id: item
        for item in instrument.items()
        if any(answer.kind == "multiple" for answer in item.answers())
    }
    drawn = {each.name for each in instrument.drawn}
    known = {key: parts for key, parts in choices(instrument).items() if parts and parts[0][0] not in drawn}
    known |= {id: [(id, item.codes)] for id, item in several.items()}
    if name not in known:
        raise _unknown(name, known, "no choice or scale is called")
    for code, weight in written.items():
        if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 <= weight < 1e9:
            raise ArgumentFault(f'the weight of "{code}" of {name} is "{weight}"', "Write 0 or a positive number.")
        if name in several and weight > 100:
            what = f'"{code}" of {name} cannot be chosen by {weight:g} percent'
            raise ArgumentFault(
                what, "For a multiple choice, write the percentage who choose each option."
            )
    if name not in several and not sum(written.values()):
        raise ArgumentFault(f"no answer to {name} has a weight", "Give at least one a number above 0.")
    return {
        part: {_code(str(code), name, codes): float(weight) for code, weight in written.items()}
        for part, codes in known[name]
    }


# --- scores ----------------------------------------------------------------------------------------------


def reversed_in(instrument: Instrument) -> frozenset[str]:
    """The answers that a score reverses: who leans towards one end of its other scales leans away from it on these."""
    scores = [each.score for each in instrument.computed if each.score is not None]
    return frozenset(name for score in scores for name in score.reverse)
