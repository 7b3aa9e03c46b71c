"""Several statements on one scale; or, with columns, a choice for each statement in each column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field

from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option, Statement
from app.survey.items.base import Item
from app.survey.items.context import RESERVED_ITEMS, SurveyContext
from app.survey.items.difference import (
    Difference,
    in_common,
    order_differs,
    tree_of,
    wording_changes,
    words_of,
)
from app.survey.items.fields import Fields, Page, Parsed, Problem, Values, pick
from app.survey.items.option_changes import option_changes
from app.survey.items.options import check_some
from app.survey.items.scales import scale_of
from app.survey.items.shapes import (
    ALONE,
    EACH,
    POINTS,
    TEXT,
    AnyId,
    AnyScale,
    Filled,
    ItemShape,
    Line,
    Shape,
    Shuffled,
    Statements,
)
from app.survey.items.simulated import Sheet, on_scale
from app.survey.texts import Text

RATE = 2.0  # seconds a statement


class MatrixColumnShape(Shape):
    called = "a column"

    label: Line
    scale: AnyScale


class MatrixShape(ItemShape):
    called = "a matrix"
    texts = ItemShape.texts | {
        "scale": POINTS,
        "statements": {EACH: {"text": TEXT, ALONE: "text"}},
        "columns": {EACH: {"label": TEXT, "scale": POINTS}},
    }
    how_to_add = {"statements": "`statements:` with `id: text` lines under it"}
    how_to_write = {
        "statements": "Write one `id: text` per line, without dashes.",
        "columns": "Write each as `id: {label: ..., scale: ...}`.",
    }
    needed = ("scale", "columns")
    names_an_entry = False

    type: Literal["matrix"]
    scale: Filled[AnyScale] = None
    columns: Filled[dict[AnyId, MatrixColumnShape] | None] = Field(
        None, description="Instead of one scale: columns, each with a label and its own scale."
    )
    statements: Statements = Field(
        description="One `id: text` per line, all answered on the same scale."
    )
    shuffle: Filled[Shuffled | None] = None


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    id: str
    label: Text
    scale: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix(Item):
    scale: tuple[Option, ...]  # empty with columns
    statements: tuple[Statement, ...]
    columns: tuple[MatrixColumn, ...] = ()
    type = "matrix"
    shape = MatrixShape
    family = "statements"
    joins = "statements"

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        if shape.scale is not None and shape.columns is not None:
            m.fault(
                (*path, "columns"), "bad-value", "there are both `scale` and `columns`", "Remove one of the two.",
                key=True,
            )  # fmt: skip
        if shape.scale is None and not shape.columns:
            remedy = "Add `scale:` with the name of a scale, or with `1: label` lines under it."
            m.fault(path, "missing-key", f'"{path[-1]}" has no "scale"', remedy, key=True)
        scale = scale_of(m, (*path, "scale"), shape.scale) if shape.scale is not None else ()
        columns = tuple(_column(m, (*path, "columns", key), each) for key, each in (shape.columns or {}).items())
        for key in shape.columns or ():
            m.check_id((*path, "columns", key), key, "column")
        return cls(scale=scale, statements=_statements(m, path, shape), columns=columns, **common)

    def _asked(self) -> Iterator[Answer]:
        for each in self.statements:
            name = f"{self.id}.{each.id}"
            if not self.columns:
                yield Answer(name, "choice", "ordinal", self.scale, each)
            for column in self.columns:
                yield Answer(f"{name}_{column.id}", "choice", "ordinal", column.scale, each, column.label)

    def from_form(self, page: Page) -> Parsed:
        values: Values = {}
        problems: list[Problem] = []
        for name in self.shown_names(page.hidden):
            codes = self.codes
            if self.columns:
                codes = {str(point.code): point.code for point in self.answer[name].options}
            value, problem = pick(self, name, page, codes)
            values |= value
            problems += problem
        return values, problems

    def simulated(self, sheet: Sheet) -> Fields:
        tilts = {name: 0.5 - (place % 3) * 0.5 for place, name in enumerate(self.names)}
        return {
            name: [on_scale(name, self.answer[name].options, tilts[name], sheet)] for name in sheet.names(self)
        }

    def seconds(self) -> float:
        return RATE * len(self.names)

    def changes(self, old: Matrix) -> Iterator[Difference]:
        before, after = ({each.id: each for each in item.statements} for item in (old, self))
        yield from _part_changes(self.id, before, after, "statement", _statement_changes)
        columns_old, columns_new = ({each.id: each for each in item.columns} for item in (old, self))
        yield from _part_changes(self.id, columns_old, columns_new, "column", _column_changes)
        for name in in_common(columns_new, columns_old):
            where = f"{self.id}.{name}"
            yield from option_changes(where, columns_old[name].scale, columns_new[name].scale, "point")


def _column(m: SurveyContext, path: Path, shape: Any) -> MatrixColumn:
    label = m.said((*path, "label"), shape.label)
    return MatrixColumn(str(path[-1]), label, scale_of(m, (*path, "scale"), shape.scale))


def _statements(m: SurveyContext, path: Path, shape: Any) -> tuple[Statement, ...]:
    where: Path = (*path, "statements")
    check_some(m, where, shape.statements, "the matrix has no statements", "Add `id: text` lines.")
    for key in shape.statements:
        m.check_id((*where, key), key, "statement", RESERVED_ITEMS)
    return tuple(
        Statement(
            str(key),
            m.said(
                (*where, key, "text") if (*where, key, "text") in m.document.values else (*where, key),
                each.text,
            ),
            show_if=m.condition((*where, key, "show_if"), each.show_if),
        )
        for key, each in shape.statements.items()
    )


# --- changes between versions ----------------------------------------------------------------------------

Parts = Mapping[str, Any]


def _part_changes(
    item: str, old: Parts, new: Parts, word: str, compare: Callable[..., Iterator[Difference]]
) -> Iterator[Difference]:
    for name in new:
        where = f"{item}.{name}"
        if name not in old:
            yield Difference("safe", where, f"the {word} is new", "earlier responses have no value for it")
        else:
            yield from compare(where, old[name], new[name])
    for name in old:
        if name not in new:
            yield Difference(
                "review", f"{item}.{name}", f"the {word} is gone", "later responses have no value for it"
            )
    if order_differs(old, new):
        yield Difference(
            "review", item, f"the order of {word}s has changed", f"earlier {word}s influence later ones"
        )


def _column_changes(where: str, old: MatrixColumn, new: MatrixColumn) -> Iterator[Difference]:
    return wording_changes(where, old.label, new.label)


def _statement_changes(where: str, old: Statement, new: Statement) -> Iterator[Difference]:
    poles_old, poles_new = ((words_of(each.text), words_of(each.right)) for each in (old, new))
    if new.right and poles_old == poles_new[::-1]:
        what = "its poles have been swapped"
        yield Difference("breaks", where, what, "the same point means the opposite", apart=True)
        return
    yield from wording_changes(where, old.text, new.text)
    yield from wording_changes(where, old.right, new.right)
    if tree_of(old.show_if) != tree_of(new.show_if):
        meaning = "the figures are about other people"
        yield Difference("breaks", where, "its condition has changed", meaning)
