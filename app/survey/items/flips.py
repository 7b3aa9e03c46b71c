"""Scales whose points are shown in the reverse order to some respondents, as an arm decides."""

from __future__ import annotations

from typing import Any

from app.survey.codes import FLIP
from app.survey.conditions.language import Condition
from app.survey.documents.places import Path
from app.survey.faults import one_of
from app.survey.items.context import SurveyContext
from app.survey.items.scales import written_scales
from app.survey.scope import Scope


def read_flips(m: SurveyContext, path: Path, name: str, shape: Any) -> None:
    """Takes in when the scales of an item are shown in the reverse order: those of all its columns, or none."""
    if m.rehearsing:
        return
    found = {points.get(FLIP): flip_of(m, where, points) for where, points in written_scales(m, path, shape)}
    if len(found) > 1:
        m.fault(
            (*path, "columns"), "bad-value", "the scales of its columns are not flipped alike",
            f"Write the same `{FLIP}` in the scales of all columns, or in none.", key=True,
        )  # fmt: skip
    for flip in found.values():
        if flip is not None:
            m.flips[name] = flip


def flip_of(m: SurveyContext, path: Path, points: Any) -> Condition | None:
    """What the `flip` of a scale says. Each is read once, however many items are answered on the scale."""
    if not isinstance(points, dict) or FLIP not in points:
        return None
    where: Path = (*path, FLIP)
    if where not in m.flip_of_scale:
        m.flip_of_scale[where] = _condition(m, where, points[FLIP])
    return m.flip_of_scale[where]


def _condition(m: SurveyContext, path: Path, source: Any) -> Condition | None:
    arms = list(map(str, m.survey.arms))
    remedy = f"Arms: {one_of(arms)}." if arms else "Add one at the top, such as `arms: {direction: [first, last]}`."
    if not isinstance(source, str):
        m.fault(path, "not-text", f'"{FLIP}" is not a condition', f"Write a condition on an arm. {remedy}")
        return None
    found = m.parsed(path, source, Scope({**m.everything, **m.given}, frozenset(), m.notes, m.broken))
    # Only arms are known before anything is asked, and are the same on every page.
    other = sorted(found.names.difference(arms)) if found is not None else []
    if other:
        m.fault(path, "bad-value", f'the direction of a scale depends on "{other[0]}", which is not an arm', remedy)
        return None
    return found
