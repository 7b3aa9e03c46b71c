"""The key `weights` of a survey file: what may be written under it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from app.survey.items.shapes import FAR_TOO_LARGE, AnyCode, AnyId, Filled, Shape, described, wrong

EXAMPLE = "{specialty: {primary_care: 0.34, surgical: 0.19, other: 0.47}}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < FAR_TOO_LARGE


def _share(value: Any) -> Any:
    if _is_number(value):
        return value
    remedy = "Write shares such as 0.34, which add up to 1, or percentages without the sign, such as 34."
    raise wrong("not-a-number", f"%s is {described(value)}, not a share", remedy)


def _as_bounds(value: Any) -> Any:
    """One number is the greatest weight."""
    bounds = value if isinstance(value, list) else [0, value]
    if len(bounds) == 2 and all(map(_is_number, bounds)):
        return bounds
    what = "%s does not have two numbers" if isinstance(value, list) else f"%s is {described(value)}, not a weight"
    raise wrong("not-a-number", what, "Write the greatest weight, such as 5, or the least and the greatest, such as [0.3, 3].")


Share = Annotated[Any, BeforeValidator(_share), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
Bounds = Annotated[
    Any, BeforeValidator(_as_bounds),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}]}),
]  # fmt: skip


class WeightsShape(Shape):
    called = '"weights"'
    how_to_add = {"rake": f"`rake:` with the population's shares: {EXAMPLE}"}
    how_to_write = {"rake": f"Write the population's shares: {EXAMPLE}."}

    rake: dict[AnyId, dict[AnyCode, Share]] = Field(
        description="For each variable the population's share of each of its codes, as shares of 1 or as percentages: " + EXAMPLE
    )
    trim: Filled[Bounds | None] = Field(
        None, description="The greatest weight, or the least and the greatest, where the mean weight is 1: 5 or [0.3, 3]."
    )
