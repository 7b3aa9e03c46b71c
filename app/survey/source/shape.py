"""The shape of a survey file: which keys there are, and what kind of value each takes. Those of items are in
`survey/items`."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Field

from app.survey.analysis.shape import AnalysisShape
from app.survey.items.registry import SHAPES
from app.survey.items.shapes import (
    GROUPED,
    SINGLE,
    AnyCode,
    AnyId,
    AnyNumber,
    Filled,
    GroupShape,
    Line,
    Names,
    Prose,
    Shape,
    Shuffled,
    Version,
    in_full,
    number_as_text,
)
from app.survey.weights.shape import WeightsShape

OneItem = Annotated[Union[tuple(SHAPES.values())], Field(discriminator="type")]  # noqa: UP007


class ForEachShape(Shape):
    called = '"for_each"'

    item: Line
    where: Filled[Literal["selected", "not_selected", "all"]] = "selected"


class RosterShape(Shape):
    called = "a roster"
    how_to_add = {"most": "`most: 8`"}

    most: Annotated[int, Field(ge=2, le=50)]
    entry: Line
    add: Line
    yes: Line = "Yes"
    no: Line = "No"


class SectionShape(Shape):
    called = "a section"

    title: Filled[Line | None] = None
    show_if: Filled[Line | None] = None
    shuffle: Filled[Shuffled | None] = None
    for_each: Filled[Annotated[ForEachShape, in_full("item")] | None] = None
    roster: Filled[RosterShape | None] = None
    items: dict[AnyId, OneItem]


class HeadlineShape(Shape):
    called = "a headline"

    item: Filled[Line | None] = Field(None, description="An item, a statement (seen.failed), a score or a computed value.")
    by: Filled[Line | None] = None
    pair: dict[Any, Line] = {}


class ResultsShape(Shape):
    called = '"results"'

    show_to: Filled[Literal["nobody", "respondents", "everyone"]] = "nobody"
    floor: Annotated[int, Field(ge=3, le=1000)] = 10
    release_every: Filled[Annotated[int, Field(ge=3, le=10_000)] | None] = None
    beside: Names = []
    by: Filled[Line | None] = None
    headline: list[Annotated[HeadlineShape, in_full("item")]] = []
    protect: Filled[Literal["cells"] | None] = None


class ArmShape(Shape):
    called = "an arm"

    label: Line
    weight: Annotated[int, Field(ge=1, le=20)] = 1


def _as_arms(value: Any) -> Any:
    """A list of codes, which are then their own labels."""
    if isinstance(value, list) and all(isinstance(code, str | int) for code in value):
        return {code: {"label": str(code).replace("_", " ")} for code in value}
    return value


class ComputeShape(Shape):
    called = "a computed value"

    value: Line
    label: Filled[Line | None] = None
    same_as: Filled[Version | None] = None


class BandShape(Shape):
    called = "a band"

    label: Line
    below: Filled[AnyNumber | None] = None


class ScoreShape(Shape):
    called = "a score"

    label: Line
    mean: Filled[Names | None] = None
    sum: Filled[Names | None] = None
    sum_prorated: Filled[Names | None] = None
    count: Filled[Names | None] = None
    reverse: Names = []
    not_applicable: Filled[AnyNumber | None] = None
    at_least: Filled[Annotated[int, Field(ge=1, le=1000)] | None] = None
    to: Filled[Annotated[list[AnyNumber], Field(min_length=2, max_length=2)] | None] = None
    bands: Filled[dict[AnyCode, Annotated[BandShape, in_full("label")]] | None] = None
    same_as: Filled[Version | None] = None


HOW = ("mean", "sum", "sum_prorated", "count")  # a score is made


class EndShape(Shape):
    called = "a screen-out"

    when: Line
    text: Filled[Prose | None] = None


class QuotaShape(Shape):
    called = "a quota"

    when: Line
    most: Annotated[int, Field(ge=0, le=100_000_000)]
    text: Filled[Prose | None] = None


class AboutShape(Shape):
    called = '"about"'

    institution: Filled[Prose | None] = None
    contact: Filled[Prose | None] = None
    ethics: Filled[Prose | None] = None
    data: Filled[Prose | None] = None
    support: Filled[Prose | None] = None
    debriefing: Filled[Prose | None] = None


class SurveyShape(Shape):
    called = "a survey"

    title: Annotated[str, BeforeValidator(number_as_text), Field(min_length=1, max_length=200)]
    description: Filled[Prose | None] = None
    languages: list[str] = ["en"]
    poll: bool = False
    followed_by: Names = []
    privacy: Filled[Literal["anonymous", "confidential", "identified"]] = "anonymous"
    access: Filled[Literal["open", "invited"]] = "open"
    opens: Filled[str | None] = None
    closes: Filled[str | None] = None
    time_zone: Filled[str | None] = None
    sample: Filled[Annotated[int, Field(ge=1, le=100_000_000)] | None] = None
    same_as: Filled[Version | None] = None
    results: ResultsShape = ResultsShape()
    analysis: Filled[AnalysisShape | None] = None
    weights: Filled[WeightsShape | None] = None
    about: Filled[AboutShape | None] = None
    consent: Filled[Prose | None] = None
    thanks: Filled[Prose | None] = None
    scales: dict[Any, Any] = {}
    arms: dict[
        AnyId, Annotated[dict[Any, Annotated[ArmShape, in_full("label")]], BeforeValidator(_as_arms)]
    ] = {}
    compute: dict[AnyId, Annotated[ComputeShape, in_full("value")]] = {}
    scores: dict[AnyId, ScoreShape] = {}
    screen_out: dict[AnyId, EndShape] = {}
    quotas: dict[AnyId, QuotaShape] = {}
    shuffle: Filled[Shuffled | None] = None
    sections: dict[AnyId, SectionShape]


# --- shapes inside shapes --------------------------------------------------------------------------------

Inside = tuple[bool, type[BaseModel]]


@cache
def inside(shape: type[BaseModel], key: str) -> Inside | None:
    """The shape of a key's value, and whether it is that of each value of a mapping or a list."""
    names = (name for name, field in shape.model_fields.items() if key in (name, field.alias))
    name = next(names, None)
    return _shape_in(shape.model_fields[name].annotation) if name is not None else None


def _shape_in(annotation: Any) -> Inside | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return False, annotation
    found = next(filter(None, map(_shape_in, get_args(annotation))), None)
    return (True, found[1]) if found and get_origin(annotation) in (dict, list) else found


def shape_at(loc: tuple[Any, ...]) -> type[BaseModel]:
    """The innermost shape around a place."""
    shape: type[BaseModel] = SurveyShape
    parts = iter(loc[:-1])
    for part in parts:
        if shape is SectionShape and part == "items":
            next(parts, None)
            shape = SHAPES.get(str(next(parts, "")), shape)
        elif part == GROUPED:
            shape = GroupShape
        elif shape is SurveyShape and part == "arms":
            next(parts, None)
            shape = ArmShape if next(parts, None) is not None else shape
        elif part != SINGLE and (within := inside(shape, str(part))) is not None:
            shape = within[1]
            if within[0]:
                next(parts, None)
    return shape
