"""What has changed between two versions of a survey in what is not asked: languages, arms, vignettes, computed
values and scores, screen-outs and quotas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.survey.items.difference import Difference, in_common, reworded, words_of
from app.survey.items.option_changes import option_changes
from app.survey.model import (
    Attribute,
    Computed,
    Drawn,
    Instrument,
    Quota,
    Score,
    ScreenOut,
    Section,
    Vignette,
)
from app.survey.versions.item_changes import item_changes


def plan_changes(old: Instrument, new: Instrument, broken: frozenset[str]) -> Iterator[Difference]:
    """`broken` names what keeps older answers apart (`comparability.breaks`)."""
    yield from _languages(old, new)
    yield from _arms(_arms_of(old), _arms_of(new))
    yield from _flips(old, new)
    yield from _vignettes(old, new)
    yield from _computed(old, new, broken)
    yield from _screen_outs(_by_id(old.screen_outs), _by_id(new.screen_outs))
    yield from _quotas(_by_id(old.quotas), _by_id(new.quotas))


def _by_id(parts: Sequence[Any]) -> dict[str, Any]:
    return {part.id: part for part in parts}


def _came_and_went(
    old: Mapping[str, Any], new: Mapping[str, Any], word: str, came: tuple[str, str], went: tuple[str, str]
) -> Iterator[Difference]:
    """What only one version has; `came` and `went` are a kind and a meaning each."""
    for name in new:
        if name not in old:
            yield Difference(came[0], name, f"the {word} is new", came[1])
    for name in old:
        if name not in new:
            yield Difference(went[0], name, f"the {word} is gone", went[1])


# --- languages -------------------------------------------------------------------------------------------


def _languages(old: Instrument, new: Instrument) -> Iterator[Difference]:
    before, after = (
        {language: language for language in each.languages or (each.language,)} for each in (old, new)
    )
    for language in after:
        if language not in before:
            yield Difference(
                "review", "the survey", f'it is now available in "{language}"',
                "these answers are merged with the others; the variable `language` distinguishes them",
            )  # fmt: skip
    for language in before:
        if language not in after and language != old.language:
            yield Difference(
                "review",
                "the survey",
                f'it is no longer available in "{language}"',
                "other people may take part",
            )
    for language in in_common(after, before):
        if language != new.language:
            yield from _translation(language, old, new)


def _translation(language: str, old: Instrument, new: Instrument) -> Iterator[Difference]:
    """Where only the translation of an item asks something else now."""
    original = {(each.where, each.what.split(" was ")[0]) for each in _items(old.in_language(new.language), new)}
    for found in _items(old.in_language(language), new.in_language(language)):
        if (found.where, found.what.split(" was ")[0]) not in original:
            meaning = f'respondents who answer in "{language}" read something else now'
            yield replace(found, what=f'in "{language}" {found.what}', meaning=meaning)


def _items(old: Instrument, new: Instrument) -> Iterator[Difference]:
    """What keeps answers to the items of both apart, in one language."""
    home = Section("", None, ())
    for item in new.items():
        if item.id in old.item:
            yield from (each for each in item_changes(old.item[item.id], item, home, home) if each.apart)


# --- arms and vignettes ----------------------------------------------------------------------------------


def _arms_of(instrument: Instrument) -> dict[str, Drawn]:
    return {each.name: each for each in instrument.drawn if each.kind == "choice" and not each.of}


def _arms(old: Mapping[str, Drawn], new: Mapping[str, Drawn]) -> Iterator[Difference]:
    yield from _came_and_went(
        old, new, "assignment",
        ("review", "earlier respondents were not assigned, and are in none of its groups"),
        ("review", "later respondents are not assigned"),
    )  # fmt: skip
    for name in in_common(new, old):
        yield from _arm(name, old[name], new[name])


def _arm(name: str, old: Drawn, new: Drawn) -> Iterator[Difference]:
    for found in option_changes(name, old.options, new.options, "arm"):
        if found.what in ("the arm is new", "the arm was removed"):
            yield replace(
                found, kind="review", meaning="the groups were assigned at different times", apart=False
            )
        elif not found.what.startswith("the order of"):  # nobody sees an order of arms
            yield found
    before, after = (_weights(each) for each in (old, new))
    if [before[code] for code in in_common(before, after)] != [
        after[code] for code in in_common(before, after)
    ]:
        yield Difference(
            "review", name, "the weights have changed", "the arms have different shares of the respondents"
        )


def _flips(old: Instrument, new: Instrument) -> Iterator[Difference]:
    for name in in_common(new.item, old.item):
        before, after = (each.flips.get(name) for each in (old, new))
        if (before and before.tree) != (after and after.tree):
            what = f"its scale is reversed if {after.source.strip()}" if after else "its scale is no longer reversed for some"
            yield Difference("review", name, what, "the points that come first are chosen more often")


def _weights(drawn: Drawn) -> dict[Any, int]:
    weights = drawn.weights or (1,) * len(drawn.options)
    return {option.code: weight for option, weight in zip(drawn.options, weights, strict=True)}


def _vignettes(old: Instrument, new: Instrument) -> Iterator[Difference]:
    before, after = _by_id(old.vignettes), _by_id(new.vignettes)
    for name in in_common(after, before):
        yield from _vignette(before[name], after[name])
        text = f"{name}_text_1"
        if reworded(old.in_language(new.language).item[text].ask, new.item[text].ask):
            what = "the vignette's text has changed"
            yield Difference("breaks", name, what, "something else was rated", apart=True)


def designed_anew(old: Vignette, new: Vignette) -> bool:
    """Whether a block's number stands for other vignettes."""
    return old.design != new.design or old.each_sees != new.each_sees


def _vignette(old: Vignette, new: Vignette) -> Iterator[Difference]:
    before, after = _by_id(old.attributes), _by_id(new.attributes)
    for found in _came_and_went(
        before, after, "attribute",
        ("review", "it did not vary in earlier vignettes"), ("review", "it does not vary in later vignettes"),
    ):  # fmt: skip
        yield replace(found, where=f"{new.id}.{found.where}")
    for name in in_common(after, before):
        yield from _attribute(f"{new.id}.{name}", before[name], after[name])
    if old.each_sees != new.each_sees:
        what = f"each respondent saw {old.each_sees} vignettes and sees {new.each_sees}"
        yield Difference("review", new.id, what, "practice and fatigue differ")
    elif designed_anew(old, new):
        yield Difference(
            "review", new.id, "the design has changed", "blocks contain other vignettes, and have separate columns"
        )


def _attribute(where: str, old: Attribute, new: Attribute) -> Iterator[Difference]:
    for found in option_changes(where, old.levels, new.levels, "level"):
        if found.what in ("the level is new", "the level was removed"):
            meaning = "the vignettes with it were rated in one version only"
            yield replace(found, kind="review", meaning=meaning, apart=False)
        elif not found.what.startswith("the order of"):
            yield replace(found, meaning="another vignette was rated") if found.apart else found


# --- what is computed ----------------------------------------------------------------------------------


def _computed(old: Instrument, new: Instrument, broken: frozenset[str]) -> Iterator[Difference]:
    before, after = old.computed_by_name, new.computed_by_name
    yield from _came_and_went(
        before, after, "computed value",
        ("safe", "earlier responses have no value for it"), ("safe", "later responses have no value for it"),
    )  # fmt: skip
    for name in in_common(after, before):
        yield from _formula(before[name], after[name], name in broken)


def _formula(old: Computed, new: Computed, apart: bool) -> Iterator[Difference]:
    name = new.name
    if old.label != new.label:
        yield Difference("safe", name, f'the label was "{old.label}"', "its values are computed as before")
    if old.kind != new.kind:
        yield Difference(
            "breaks", name, f"it was a {old.kind} and is a {new.kind}", "it is something else", apart
        )
        return
    yield from (
        each for each in option_changes(name, old.options, new.options, "band") if each.kind != "review"
    )
    if old.tree == new.tree:
        if apart:
            yield Difference(
                "breaks", name, "its parts have changed", "it measures something else", apart
            )
    else:
        what = "its computation has changed"
        if old.score and new.score and (changes := list(_score(old.score, new.score))):
            what = "; ".join(changes)
        yield Difference("breaks", name, what, "earlier values were computed differently", apart)


def _score(old: Score, new: Score) -> Iterator[str]:
    if old.how != new.how:
        yield f"it was the {_words(old.how)} and is the {_words(new.how)}"
    if old.parts != new.parts:
        yield f"it was made of {', '.join(old.parts)} and is made of {', '.join(new.parts)}"
    if set(old.reverse) != set(new.reverse):
        yield f"reversed were {_listed(old.reverse)} and are {_listed(new.reverse)}"
    if old.not_applicable != new.not_applicable:
        yield "parts that are not applicable are counted otherwise"
    if old.at_least != new.at_least:
        yield f"at least {old.at_least} parts were needed and now {new.at_least}"
    if old.to != new.to:
        yield f"it ran {_span(old.to)} and runs {_span(new.to)}"


def _words(how: str) -> str:
    return how.replace("_", " ")


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(sorted(parts)) or "none"


def _span(ends: tuple[float, float] | None) -> str:
    return f"from {ends[0]:g} to {ends[1]:g}" if ends else "as its parts do"


# --- what ends a path ------------------------------------------------------------------------------------


def _screen_outs(old: Mapping[str, ScreenOut], new: Mapping[str, ScreenOut]) -> Iterator[Difference]:
    others = ("breaks", "later items are asked of other people")
    yield from _came_and_went(old, new, "screen-out", others, others)
    for name in in_common(new, old):
        yield from _ending(old[name], new[name], "breaks", "later items are asked of other people")
    if in_common(new, old) != in_common(old, new):
        yield Difference(
            "review",
            "the survey",
            "the order of screen-outs has changed",
            "a different one may end a path",
        )


def _quotas(old: Mapping[str, Quota], new: Mapping[str, Quota]) -> Iterator[Difference]:
    mixture = "the composition of the respondents will differ"
    yield from _came_and_went(old, new, "quota", ("review", mixture), ("review", mixture))
    for name in in_common(new, old):
        yield from _ending(old[name], new[name], "review", mixture)
        if old[name].most != new[name].most:
            yield Difference(
                "review", name, f"at most {old[name].most} were accepted and now {new[name].most}", mixture
            )


def _ending(old: ScreenOut | Quota, new: ScreenOut | Quota, kind: str, meaning: str) -> Iterator[Difference]:
    if old.when.tree != new.when.tree:
        was, now = old.when.source.strip(), new.when.source.strip()
        yield Difference(kind, new.id, f"it ended the path where {was} and does where {now}", meaning)
    if words_of(old.text) != words_of(new.text):
        yield Difference("safe", new.id, "its text has changed", "it is shown after the last answer")
