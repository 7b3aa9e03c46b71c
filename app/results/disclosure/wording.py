"""Public figures in one of the survey's languages.

A release has the words of the language that the survey was written in; codes lead from them to the words of another.
What only older versions asked stays as it is. What describes an item is taken from the survey as well, since older
releases do not have all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.languages.catalogues import ENGLISH
from app.results.disclosure.published import PublicItem, PublicPart
from app.results.items import NOT_RANKED
from app.survey.codebook import Variable, codebook
from app.survey.labels.labelling import ResultLabels
from app.survey.model import Code, Instrument


def in_language(items: Iterable[PublicItem], instrument: Instrument) -> tuple[PublicItem, ...]:
    """The items with the texts of this instrument, which is in one language."""
    words = _Words(instrument)
    return tuple(words.item(item) if item.id == item.item else item for item in items)


class _Words:
    def __init__(self, instrument: Instrument):
        book = codebook(instrument).variables
        self.labels = ResultLabels([instrument], book)
        self.language = instrument.language
        self.codes = {each.name: dict(each.codes) for each in book}
        self.variables: dict[str, list[Variable]] = {}
        for each in book:
            self.variables.setdefault(each.item, []).append(each)

    def item(self, item: PublicItem) -> PublicItem:
        # A rating of vignettes is a variable for each of them.
        variables = self.variables.get(item.item) or self.variables.get(f"{item.item.replace('.', '_')}_1")
        if not variables:
            return item
        first = variables[0]
        parts = tuple(self._part(part, item.item, variables) for part in item.parts)
        return replace(
            item, ask=self.labels.text(first.ask), parts=parts, figure=first.figure, long_list=first.long_list,
            unit=first.unit,
        )  # fmt: skip

    def _part(self, part: PublicPart, item: str, variables: Sequence[Variable]) -> PublicPart:
        groups = tuple(
            replace(group, label=self.codes.get(part.by, {}).get(group.code, group.label)) for group in part.groups
        )
        variable = next((each for each in variables if each.name == part.name), None)
        if variable is None:
            options = [each for each in variables if part.name == item and not each.is_said]
            last = tuple(each.option for each in options if each.option is not None and each.part in self.labels.closing_options)
            labels = {each.option: each.option_label or "" for each in options}
            return replace(part, groups=groups, codes=self._codes(part, labels), last=last)
        label = self.labels.text(variable.statement or variable.option_label or "")
        return replace(
            part, groups=groups, label=label, column=variable.column or "", codes=self._codes(part, dict(variable.codes)),
            measure=variable.measure, poles=variable.poles, net_of=variable.net, has_poles=self.labels.has_poles(variable),
        )  # fmt: skip

    def _codes(self, part: PublicPart, labels: Mapping[Any, str]) -> tuple[tuple[Code, str], ...]:
        if part.kind == "rank" and self.language != ENGLISH:  # the codebook's words for ranks are English
            return tuple((code, str(code) if code != NOT_RANKED else "–") for code, _label in part.codes)
        return tuple((code, self.labels.text(labels.get(code, label))) for code, label in part.codes)
