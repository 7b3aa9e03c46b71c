"""The key `analysis` of a survey file: what may be written under it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.survey.items.shapes import AnyId, Filled, Line, Member, Prose, Shape


class PrimaryEstimateShape(Shape):
    called = "a primary estimate"
    how_to_add = {
        "question": "`question: Is a doctor who leaves judged otherwise than an engineer?`, the question that it answers",
        "item": "`item:` with the id of an item, a statement (seen.failed), a score or a vignette's rating (move_seen)",
    }
    how_to_write = {"contrast": "Write what is compared and its two codes: `contrast: {status: [left, practising]}`."}
    how_to_list = {
        "share": "Write the codes that count: `share: [left, on_leave]`.",
        "contrast": "Write two codes: `contrast: {status: [left, practising]}` is left less practising.",
    }

    question: Line = Field(description="The research question that it answers, in one sentence.")
    hypothesis: Filled[Prose | None] = Field(None, description="What is expected, and why, in one or two sentences.")
    item: Line = Field(
        description="What is estimated: an item, a statement (seen.failed), a score, a computed value or a vignette's rating"
        " (move_seen)."
    )
    share: Filled[list[Member] | None] = Field(
        None, description="The codes whose share is estimated. Without it, the mean of a scale, a number or a score is."
    )
    contrast: Filled[dict[AnyId, list[Member]] | None] = Field(
        None,
        description="The first code less the second: groups {status: [left, practising]}, arms {cause: [visa, burnout]}, or"
        " levels of a vignette {profession: [physician, engineer]}.",
    )
    vignettes: Filled[Literal["first", "all"] | None] = Field(
        None, description="Of a vignette's rating: the first vignette that each respondent sees, or all of them."
    )
    base: Filled[Literal["complete", "partial", "all"]] = Field(
        "complete", description="complete: complete responses. partial: partial ones too. all: also those broken off."
    )
    where: Filled[Line | None] = Field(None, description='A condition that responses must meet: status != "outside".')
    careful: bool = Field(False, description="true: leaves out responses that have a sign of careless answering.")
    weighted: bool = Field(False, description="true: weighted by the survey's `weights`.")


class AnalysisShape(Shape):
    called = '"analysis"'
    how_to_add = {"primary": "`primary:` with the estimates: `id: {question: ..., item: ...}`"}
    how_to_write = {"primary": "Write each estimate as `id: {question: ..., item: ...}`."}

    primary: dict[AnyId, PrimaryEstimateShape] = Field(
        description="The estimates that answer the research questions, each with an id. Everything else is exploratory."
    )
    population: Filled[Prose | None] = Field(
        None, description="Whom the results are to hold for, and how respondents are reached, in Markdown."
    )
    stopping: Filled[Prose | None] = Field(None, description="When data collection ends, in Markdown.")
    exclusions: Filled[Prose | None] = Field(None, description="Which responses are left out, and why, in Markdown.")
    missing: Filled[Prose | None] = Field(None, description="How missing answers are handled, in Markdown.")
    notes: Filled[Prose | None] = Field(
        None, description="Anything else that is decided in advance, such as secondary analyses, in Markdown."
    )


#: The keys of a plan that are free text, in the order in which they are shown.
PLAN_TEXTS = ("population", "stopping", "exclusions", "missing", "notes")
