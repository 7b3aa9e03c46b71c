"""The key `weights` of a survey file: what may be written under it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from app.survey.items.shapes import AnyCode, AnyId, AnyNumber, Filled, Shape, described, wrong

EXAMPLE = "{specialty: {primary_care: 0.34, surgical: 0.19, other: 0.47}}"


def _as_bounds(value: Any) -> Any:
    """One number is the greatest weight."""
    if isinstance(value, list) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value if isinstance(value, list) else [0, value]
    raise wrong(
        "not-a-number", f"%s is {described(value)}, not a number", "Write the greatest weight, such as 5, or both ends, such as [0.3, 3]."
    )


class WeightsShape(Shape):
    called = '"weights"'
    how_to_add = {"rake": f"`rake:` with the population's shares: {EXAMPLE}"}
    how_to_write = {"rake": f"Write the population's shares: {EXAMPLE}."}

    rake: dict[AnyId, dict[AnyCode, AnyNumber]] = Field(
        description="Of each variable the population's share of each of its codes: " + EXAMPLE
    )
    trim: Filled[Annotated[list[AnyNumber], BeforeValidator(_as_bounds), Field(min_length=2, max_length=2)] | None] = Field(
        None, description="The greatest weight, or the least and the greatest, when the mean is 1: 5 or [0.3, 3]."
    )
