"""Every item type, in the order in which the language reference has them. A new one is added here."""

from __future__ import annotations

from app.survey.items.base import Item
from app.survey.items.best_worst import BestWorst
from app.survey.items.constant_sum import ConstantSum
from app.survey.items.date import Date
from app.survey.items.dropdown import Dropdown
from app.survey.items.matrix import Matrix
from app.survey.items.multiple_choice import MultipleChoice
from app.survey.items.note import Note
from app.survey.items.nps import Nps
from app.survey.items.number import Number
from app.survey.items.ranking import Ranking
from app.survey.items.rating import Rating
from app.survey.items.semantic_differential import SemanticDifferential
from app.survey.items.shapes import AnyItemShape
from app.survey.items.single_choice import SingleChoice
from app.survey.items.slider import Slider
from app.survey.items.text import TextItem
from app.survey.items.vignette import VignetteShape

#: By the `type` of a survey file.
TYPES: dict[str, type[Item]] = {
    each.type: each
    for each in (
        SingleChoice, MultipleChoice, Dropdown, Matrix, SemanticDifferential, Rating, Nps, Number, Slider, TextItem, Date,
        Ranking, ConstantSum, BestWorst, Note,
    )
}  # fmt: skip

#: The shapes of all that can be an item in a survey file; those that ask nothing come last.
SHAPES: dict[str, type[AnyItemShape]] = {name: kind.shape for name, kind in TYPES.items() if kind.shape.is_asked}
SHAPES |= {"vignette": VignetteShape} | {name: kind.shape for name, kind in TYPES.items()}

#: What the service itself asks with: whether there is another entry, the text of a vignette, and its ratings.
CHOICE, PROSE, SCALE = SingleChoice, Note, Rating
