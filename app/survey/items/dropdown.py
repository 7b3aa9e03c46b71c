"""One option of a long list: a single choice in a list that opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.survey.items.shapes import ChoiceShape
from app.survey.items.single_choice import SingleChoice


class DropdownShape(ChoiceShape):
    called = "a dropdown"
    may_say = True

    type: Literal["dropdown"]


@dataclass(frozen=True, kw_only=True)
class Dropdown(SingleChoice):
    type = "dropdown"
    shape = DropdownShape
    long_list = True
    shows_options = False
    shows_choices = False
