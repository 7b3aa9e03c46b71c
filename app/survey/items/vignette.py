"""The keys of a vignette experiment. It is no item itself: `source/vignettes.py` makes pages of it, each with a text to
read and ratings on scales."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.survey.items.shapes import (
    ASKING,
    EACH,
    POINTS,
    TEXT,
    AnyId,
    AnyItemShape,
    AnyScale,
    Filled,
    Line,
    Prose,
    Reason,
    Shape,
    Version,
)


class VignetteRatingShape(Shape):
    called = "a rating"

    ask: Line
    scale: AnyScale
    same_as: Filled[Version | None] = None
    hint: Filled[Line | None] = None
    required: bool = Field(False, description="true: the page cannot be sent without an answer.")
    decline: Reason = False
    dont_know: Reason = False
    not_applicable: Reason = False


class VignetteShape(AnyItemShape):
    called = "a vignette"
    texts = {
        "text": TEXT,
        "attributes": {EACH: {EACH: TEXT}},
        "ratings": {EACH: ASKING | {"scale": POINTS}},
    }
    how_to_add = {
        "attributes": "`attributes:` with each attribute's levels as `code: words` lines under it",
        "ratings": "`ratings:` with the questions about each vignette: `id: {ask: ..., scale: ...}`",
    }
    how_to_write = {"attributes": "Write each with its levels as `code: words` lines under it."}
    how_to_list = {
        "exclude": 'Write a list of conditions, such as [profession == "lawyer" and reason == "visa"].'
    }
    needed = ("exclude", "each_sees", "one_of_each", "design", "blocks")
    is_asked = False

    type: Literal["vignette"]
    text: Prose = Field(
        description="The vignette, in Markdown; {attribute} inserts the words of the level."
    )
    attributes: dict[AnyId, dict[Any, Line]] = Field(
        description="The variable parts: each attribute with its levels as `code: words` lines. {attribute} in the text inserts the words."
    )
    exclude: list[Line] = Field([], description="Conditions on attributes for impossible combinations.")
    ratings: dict[AnyId, VignetteRatingShape] = Field(
        description="The questions about each vignette: `id: {ask: ..., scale: ...}`."
    )
    each_sees: Annotated[int, Field(ge=1, le=50)] = Field(
        1, description="Number of vignettes per respondent, each on a separate page."
    )
    one_of_each: Filled[Line | None] = Field(
        None, description="An attribute of which each respondent sees every level once."
    )
    design: Filled[Literal["full", "random", "blocks"]] = Field(
        "blocks",
        description="blocks: balanced sets; full: every vignette is used; random: random sets.",
    )
    blocks: Filled[Annotated[int, Field(ge=1, le=1000)] | None] = Field(
        None, description="Number of sets of vignettes; each respondent sees one set."
    )
    seed: Annotated[int, Field(ge=0, le=2**31)] = Field(
        1, description="The random seed of the design: the same seed gives the same design."
    )
    show_if: Filled[Line | None] = None
    same_as: Filled[Version | None] = None
