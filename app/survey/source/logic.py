"""What a survey says beside its sections: arms, computed values, scores, screen-outs and quotas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.survey.conditions.language import QUOTED, parse_expression
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.base import Answer
from app.survey.items.context import RESERVED_ITEMS, SurveyContext
from app.survey.model import Computed, Drawn, Option, Quota, ScreenOut
from app.survey.scope import Scope, answer_of_computed, answer_of_drawn
from app.survey.scores import ScorePart, score
from app.survey.source.items import check_doubled
from app.survey.source.shape import HOW, ScoreShape
from app.survey.texts import Text

WORDS = re.compile(r"[a-z][a-z0-9_]*")


def read_arms(m: SurveyContext) -> Iterator[Drawn]:
    for name, arms in m.survey.arms.items():
        path: Path = ("arms", name)
        m.check_id(path, name, "set of arms", RESERVED_ITEMS)
        check_doubled(m, path, str(name))
        m.check_codes(path, {code: arm_path(m, path, code) for code in arms}, "arm")
        options = tuple(
            Option(code, m.said(label_path(m, path, code), arm.label)) for code, arm in arms.items()
        )
        label = f"Arm: {str(name).replace('_', ' ')}"
        drawn = Drawn(str(name), "choice", label, options, tuple(arm.weight for arm in arms.values()))
        m.given[drawn.name] = answer_of_drawn(drawn)
        yield drawn


def arm_path(m: SurveyContext, path: Path, code: Any) -> Path:
    return (*path, code) if (*path, code) in m.document.keys else path


def label_path(m: SurveyContext, path: Path, code: Any) -> Path:
    return (*path, code, "label") if (*path, code, "label") in m.document.values else (*path, code)


# --- what is computed ----------------------------------------------------------------------------------


def read_computed(m: SurveyContext) -> None:
    """Computed values and scores, in an order in which each depends on known ones; a circle is a fault."""
    waiting: dict[str, tuple[Path, Any]] = {
        str(name): ((part, name), shape)
        for part in ("compute", "scores")
        for name, shape in getattr(m.survey, part).items()
    }
    for name, (path, _) in waiting.items():
        m.check_id(path, path[1], "score" if path[0] == "scores" else "computed value", RESERVED_ITEMS)
        check_doubled(m, path, name)
    known = {**m.given, **m.everything}
    waiting = {
        name: each for name, each in waiting.items() if name not in known
    }  # else they are reported as used twice
    while waiting:
        ready = [name for name, (_, shape) in waiting.items() if not set(waiting) & words_in(shape)]
        if not ready:
            report_circles(m, waiting)
            return
        for name in ready:
            path, shape = waiting.pop(name)
            read = read_score if isinstance(shape, ScoreShape) else read_value
            for computed in read(m, path, name, shape, known) or ():
                answer = answer_of_computed(computed)
                known[computed.name] = answer
                m.computed.append((answer, computed))
                if shape.same_as:
                    m.same_as[computed.name] = shape.same_as


def report_circles(m: SurveyContext, waiting: Mapping[str, tuple[Path, Any]]) -> None:
    """Reports each circle once, at its first value. What only depends on one of them is unknown too."""
    reported = set()
    for name in waiting:
        circle = circle_from(name, waiting)
        if frozenset(circle) in reported:
            continue
        reported.add(frozenset(circle))
        first = next(each for each in waiting if each in circle)
        others = [each for each in waiting if each in circle and each != first]
        way = f" through {one_of(others)}" if others else ""
        m.fault(waiting[first][0], "circle", f'"{first}" depends on itself{way}', "Remove one of these dependencies.", key=True)  # fmt: skip
    m.broken |= set(waiting)


def circle_from(name: str, waiting: Mapping[str, tuple[Path, Any]]) -> list[str]:
    """The circle that a value leads to: each of them uses another that is waiting."""
    way = [name]
    while way.count(way[-1]) == 1:
        words = words_in(waiting[way[-1]][1])
        way.append(next(each for each in waiting if each in words))
    return way[way.index(way[-1]) + 1 :]


def words_in(shape: Any) -> set[str]:
    """Every word in it that may be the name of another."""
    if isinstance(shape, ScoreShape):
        return {part for how in HOW for part in getattr(shape, how) or ()}
    return set(WORDS.findall(QUOTED.sub(" ", shape.value)))


def read_value(
    m: SurveyContext, path: Path, name: str, shape: Any, known: Mapping[str, Answer]
) -> list[Computed] | None:
    where: Path = (*path, "value") if (*path, "value") in m.document.values else path
    found = m.parsed(where, shape.value, Scope(known, frozenset(), m.notes, m.broken), parse_expression)
    if found is None:
        m.broken |= {name}
        return None
    if found.kind == "text":
        m.fault(where, "condition-types", f'"{name}" would be a text', "Compute a number, a date, an option, or true or false.")  # fmt: skip
        m.broken |= {name}
        return None
    label = m.text((*path, "label"), shape.label)
    options = tuple(Option(code, Text(str(code).replace("_", " "))) for code in found.codes or ())
    return [
        Computed(
            name, "choice" if found.kind == "code" else found.kind, label.plain if label else name.replace("_", " "),
            found.tree, frozenset(found.names), options, precision=found.precision,
        )
    ]  # fmt: skip


def read_score(
    m: SurveyContext, path: Path, name: str, shape: ScoreShape, known: Mapping[str, Answer]
) -> list[Computed] | None:
    hows = [how for how in HOW if getattr(shape, how) is not None]
    if len(hows) != 1:
        what = f'"{name}" is made in {"several ways" if hows else "no way"}'
        m.fault(path, "bad-score", what, f"Write one of: {one_of(HOW)}.", key=True)
        m.broken |= {name}
        return None
    how = hows[0]
    parts = [
        part
        for place, each in enumerate(getattr(shape, how))
        for part in parts_of(m, (*path, how, place), each, known)
    ]
    names = [part.name for part in parts]
    faulty = not parts or len(set(names)) < len(names)
    if not getattr(shape, how):
        m.fault((*path, how), "too-few", f'the score "{name}" has no parts', "List its items.")
    elif faulty and parts:
        double = next(each for each in names if names.count(each) > 1)
        m.fault((*path, how), "bad-score", f'"{double}" is in the score twice', "List each part once.")
    reverse = reversed_parts(m, path, shape, parts, known)
    if shape.not_applicable is not None:
        parts = counting_not_applicable(m, (*path, "not_applicable"), shape.not_applicable, parts)
    check_at_least(m, path, shape, parts)
    check_to(m, path, shape, parts)
    bands = read_bands(m, path, shape)
    if faulty or m.rehearsing:
        m.broken |= {name} if faulty else set()
        return None
    label = m.said((*path, "label"), shape.label).plain
    to = tuple(shape.to) if shape.to else None
    return list(score(name, label, how, parts, reverse, shape.at_least, to, bands))


def parts_of(m: SurveyContext, path: Path, name: str, known: Mapping[str, Answer]) -> list[ScorePart]:
    """The numbers that a name means: itself, or all statements of a matrix, all answers for all entries."""
    answer = known.get(name)
    if answer is None:
        if name.split(".")[0] not in m.broken:
            remedy = did_you_mean(name, known) or "Name items, statements (item.statement) or other scores."
            m.fault(path, "bad-score", f'there is no item called "{name}"', remedy)
        return []
    found = [ScorePart.of(leaf, m.given) for leaf in answer.leaves]
    if None in found:
        m.fault(
            path,
            "bad-score",
            f'"{name}" is not a number',
            "The parts of a score are numbers: scales, number items and other scores.",
        )
        return []
    return [part for part in found if part is not None]


def reversed_parts(
    m: SurveyContext, path: Path, shape: ScoreShape, parts: list[ScorePart], known: Mapping[str, Answer]
) -> list[str]:
    names = {part.name: part for part in parts}
    found = []
    for place, each in enumerate(shape.reverse):
        where: Path = (*path, "reverse", place)
        answer = known.get(each)
        leaves = [leaf.name for leaf in answer.leaves] if answer else [each]
        if not set(leaves) <= set(names):
            if each.split(".")[0] not in m.broken:
                remedy = did_you_mean(each, names) or f"Its parts: {one_of(names)}."
                m.fault(where, "bad-score", f'"{each}" is in `reverse` but is not part of the score', remedy)
        elif any(names[leaf].range is None for leaf in leaves):
            m.fault(
                where,
                "bad-score",
                f'"{each}" has no minimum and maximum, so it cannot be reversed',
                "Reverse only items with a scale or a range.",
            )
        else:
            found += leaves
    return found


def counting_not_applicable(
    m: SurveyContext, path: Path, value: float, parts: list[ScorePart]
) -> list[ScorePart]:
    """The parts, those that may be not applicable with the value that they then have."""
    items = {str(name): item for section in m.survey.sections.values() for name, item in section.items.items()}
    ids = [name for name, item in items.items() if getattr(item, "not_applicable", False)]
    offering = [part.name for part in parts if part.name.split(".")[0] in ids or part.name.startswith(tuple(f"{id}_" for id in ids))]
    outside = [part for part in parts if part.range is not None and not part.range[0] <= value <= part.range[1]]
    if parts and not offering:
        m.fault(
            path, "bad-score", 'none of its parts offers "not applicable"', "Remove it, or write `not_applicable: true` at an item.",
            key=True,
        )  # fmt: skip
    elif outside:
        least, most = outside[0].range or (0, 0)
        m.fault(path, "bad-score", f'{value:g} is outside the scale of "{outside[0].name}"', f"Write a number from {least:g} to {most:g}.")
    return [part.counting_not_applicable(value) if part.name in offering else part for part in parts]


def check_at_least(m: SurveyContext, path: Path, shape: ScoreShape, parts: list[ScorePart]) -> None:
    if shape.at_least and parts and shape.at_least > len(parts):
        m.fault((*path, "at_least"), "bad-score", f"{shape.at_least} answers are required of {len(parts)} parts", f"Write {len(parts)} or less.")  # fmt: skip


def check_to(m: SurveyContext, path: Path, shape: ScoreShape, parts: list[ScorePart]) -> None:
    if shape.to is None:
        return
    if shape.to[0] == shape.to[1]:
        m.fault((*path, "to"), "bad-score", "the two ends are the same", "Write it like [0, 100].")
    if any(part.range is None for part in parts) and not shape.count:
        m.fault(
            (*path, "to"),
            "bad-score",
            "one of its parts has no minimum and maximum, so it cannot be rescaled",
            "Remove `to`.",
        )


def read_bands(m: SurveyContext, path: Path, shape: ScoreShape) -> list[tuple[Option, float | None]]:
    if shape.bands is None:
        return []
    where: Path = (*path, "bands")
    m.check_codes(where, {code: (*where, code) for code in shape.bands}, "band")
    limits = [band.below for band in shape.bands.values()]
    if limits and (limits[-1] is not None or None in limits[:-1] or limits[:-1] != sorted(set(limits[:-1]))):
        m.fault(
            where,
            "bad-score",
            "the bands are not in ascending order",
            "Give every band except the last a `below`, from low to high.",
        )
    return [
        (Option(code, m.said(label_path(m, where, code), band.label)), band.below) for code, band in shape.bands.items()
    ]  # fmt: skip


# --- ends ------------------------------------------------------------------------------------------------


def read_screen_outs(m: SurveyContext) -> Iterator[ScreenOut]:
    for name, shape in m.survey.screen_out.items():
        path: Path = ("screen_out", name)
        m.check_id(path, name, "screen-out")
        when, text = m.condition((*path, "when"), shape.when), m.text((*path, "text"), shape.text)
        if when is not None and when.holds({}) is True:
            m.fault(
                (*path, "when"), "ends-everyone", "this is true before anything is answered, so it ends the survey for everyone",
                'Test for an answer as well: answered(status) and status != "practising".',
            )  # fmt: skip
        if when is not None:
            yield ScreenOut(str(name), when, text)


def read_quotas(m: SurveyContext) -> Iterator[Quota]:
    for name, shape in m.survey.quotas.items():
        path: Path = ("quotas", name)
        m.check_id(path, name, "quota")
        if name in m.survey.screen_out:
            m.fault(
                path,
                "duplicate-id",
                f'a screen-out is already called "{name}"',
                "Give one of the two another id.",
                key=True,
            )
        when, text = m.condition((*path, "when"), shape.when), m.text((*path, "text"), shape.text)
        if when is not None:
            yield Quota(str(name), when, shape.most, text)
