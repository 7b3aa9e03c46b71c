"""Bipolar pairs on one scale of numbers without words, 1 being the left pole as written: a matrix whose rows have two
poles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.survey.documents.places import Path
from app.survey.items.answer import Option, Statement
from app.survey.items.context import RESERVED_ITEMS, SurveyContext
from app.survey.items.difference import Difference
from app.survey.items.matrix import Matrix
from app.survey.items.options import check_some
from app.survey.items.shapes import EACH, TEXT, AnyId, Filled, ItemShape, Pair, Shuffled
from app.survey.model import Drawn
from app.survey.texts import Text


class SemanticDifferentialShape(ItemShape):
    called = "a semantic_differential"
    texts = ItemShape.texts | {"pairs": {EACH: {EACH: TEXT}}}
    how_to_add = {"pairs": "`pairs:` with `id: [left pole, right pole]` lines under it"}
    how_to_write = {"pairs": "Write each as `id: [left pole, right pole]`."}
    how_to_list = {"pairs": "Write [left pole, right pole]."}
    needed = ("points",)
    names_an_entry = False

    type: Literal["semantic_differential"]
    pairs: dict[AnyId, Pair] = Field(description="One `id: [left pole, right pole]` per line.")
    points: Annotated[int, Field(ge=2, le=11)] = Field(
        7, description="Number of points from pole to pole, both included (default: 7)."
    )
    flip: bool = Field(
        False,
        description="true: the sides of each pair are randomised per respondent. Stored values always count from the left pole as written.",
    )
    shuffle: Filled[Shuffled | None] = None


@dataclass(frozen=True, kw_only=True)
class SemanticDifferential(Matrix):
    flip: bool = False  # which pole is on the left is randomised for each pair
    type = "semantic_differential"
    shape = SemanticDifferentialShape

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        where: Path = (*path, "pairs")
        check_some(m, where, shape.pairs, "there are no pairs", "Add `id: [left pole, right pole]` lines.")
        for key in shape.pairs:
            m.check_id((*where, key), key, "pair", RESERVED_ITEMS)
        pairs = tuple(
            Statement(str(key), m.said((*where, key, 0), left), m.said((*where, key, 1), right))
            for key, (left, right) in shape.pairs.items()
        )
        if shape.flip:
            ids = tuple(pair.id for pair in pairs)
            label = f"Pairs with exchanged poles: {common['ask'].plain}"
            name = common["id"]
            m.drawn.append(Drawn(f"{name}~poles", "order", label, of=name, moving=ids, whole=ids))
        points = tuple(Option(code, Text("")) for code in range(1, shape.points + 1))
        return cls(scale=points, statements=pairs, flip=shape.flip, **common)

    def changes(self, old: Matrix) -> Iterator[Difference]:
        yield from super().changes(old)
        if not isinstance(old, SemanticDifferential):
            return
        if len(old.scale) != len(self.scale):
            what = f"there were {len(old.scale)} points and are {len(self.scale)}"
            yield Difference("breaks", self.id, what, "the same point lies elsewhere between the poles", True)
        if old.flip != self.flip:
            now = "poles now change sides at random" if self.flip else "poles no longer change sides at random"
            yield Difference("review", self.id, now, "the left side is chosen more often")
