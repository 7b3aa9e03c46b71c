"""Scales as a survey file writes them: by name, or point by point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.survey.codes import FLIP, POLES, SAME_AS
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.answer import Option
from app.survey.items.context import SurveyContext
from app.survey.items.shapes import VERSION
from app.survey.texts import Text


def scale_of(m: SurveyContext, path: Path, written: Any) -> tuple[Option, ...]:
    if isinstance(written, str):
        if written in m.survey.scales:
            return scale(m, ("scales", scale), m.survey.scales[written], report=False)
        known = did_you_mean(written, m.survey.scales) or (
            f"Scales: {one_of(m.survey.scales)}."
            if m.survey.scales
            else "Define it under `scales:`, or write its `1: label` lines here."
        )
        m.fault(path, "unknown-scale", f'there is no scale called "{written}"', known)
        return ()
    return scale(m, path, written)


def scale(m: SurveyContext, path: Path, points: Any, report: bool = True) -> tuple[Option, ...]:
    if not isinstance(points, dict):
        if report:
            m.fault(
                path,
                "not-a-mapping",
                f'"{path[-1]}" is not a scale',
                "Write one `1: label` per line under it, or the name of a scale.",
            )
        return ()
    if report and SAME_AS in points and not VERSION.fullmatch(str(points[SAME_AS])):
        m.fault(
            (*path, SAME_AS), "bad-value", f'"{points[SAME_AS]}" is not a version',
            "Write the number of a version that was served, such as 1, or the first twelve characters of its digest.",
        )  # fmt: skip
    if report and not isinstance(points.get(POLES, True), bool):
        m.fault(
            (*path, POLES), "not-true-or-false", f'"{POLES}" is not true or false',
            "Write true for a scale from one pole to its opposite, false for one from little to much.",
        )  # fmt: skip
    labels = {code: label for code, label in points.items() if code not in (SAME_AS, POLES, FLIP)}
    if report:
        m.check_codes(path, {code: (*path, code) for code in labels}, "point")
    return tuple(Option(code, _point(m, (*path, code), label, report)) for code, label in labels.items())


def continue_version(m: SurveyContext, name: str, shape: Any) -> None:
    """Takes in what `same_as` says at an item, and at the scales that it is answered on."""
    if shape.same_as:
        m.same_as[name] = shape.same_as
    for points in _scales_of(m, shape):
        if points.get(SAME_AS):
            m.scale_same_as[name] = str(points[SAME_AS])


def read_poles(m: SurveyContext, name: str, shape: Any) -> None:
    """Takes in what the scales of an item say about their poles."""
    for points in _scales_of(m, shape):
        if isinstance(points.get(POLES), bool):
            m.scale_poles[name] = points[POLES]


def written_scales(m: SurveyContext, path: Path, shape: Any) -> Iterator[tuple[Path, dict[Any, Any]]]:
    """The scales of an item, each with where it is written."""
    columns = getattr(shape, "columns", None) or {}
    written = [((*path, "scale"), getattr(shape, "scale", None))]
    written += [((*path, "columns", key, "scale"), column.scale) for key, column in columns.items()]
    for where, scale in written:
        named = isinstance(scale, str)
        points = m.survey.scales.get(scale) if named else scale
        if isinstance(points, dict):
            yield (("scales", scale) if named else where), points


def _scales_of(m: SurveyContext, shape: Any) -> Iterator[dict[Any, Any]]:
    return (points for _, points in written_scales(m, (), shape))


def _point(m: SurveyContext, path: Path, label: Any, report: bool) -> Text:
    """A point of a scale may go without a label; it then shows its number."""
    if label is None:
        return Text("")
    if isinstance(label, bool | dict | list):
        if report:
            m.fault(path, "not-text", "a point's label is not a text", "Put it in quotes.")
        return Text("")
    return m.said(path, str(label)) if report else Text(str(label))
