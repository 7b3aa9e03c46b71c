"""Public figures in one of the survey's languages.

A release has the words of the language that the survey was written in; codes lead from them to the words of another.
What only older versions asked stays as it is. What describes an item is taken from the survey as well, since older
releases do not have all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.results.disclosure.published import PublicCell, PublicItem, PublicPart
from app.results.statistics.binning import spanned
from app.survey.codebook import Variable, codebook
from app.survey.labels.labelling import ResultLabels
from app.survey.model import Code, Instrument

Labels = Sequence[tuple[Code, str]]


def in_language(items: Iterable[PublicItem], instrument: Instrument) -> tuple[PublicItem, ...]:
    """The items with the texts of this instrument, which is in one language."""
    book = codebook(instrument).variables
    known = {variable.item: [each for each in book if each.item == variable.item] for variable in book}
    labels = ResultLabels((instrument,), book)
    return tuple(
        _item(item, known[item.item], labels) if item.item in known and item.id == item.item else item
        for item in items
    )


def _item(item: PublicItem, variables: Sequence[Variable], labels: ResultLabels) -> PublicItem:
    parts = tuple(_part(part, item.item, variables, labels) for part in item.parts)
    first = variables[0]
    return replace(item, ask=labels.text(first.ask), parts=parts, figure=first.figure, long_list=first.long_list)


def _part(part: PublicPart, item: str, variables: Sequence[Variable], labels: ResultLabels) -> PublicPart:
    variable = next((each for each in variables if each.name == part.name), None)
    if variable is not None:
        label = labels.text(variable.statement or variable.option_label or "")
        return replace(
            part, label=label, column=variable.column or "", cells=_cells(part.cells, variable.codes),
            measure=variable.measure, poles=variable.poles, has_poles=part.has_poles or labels.has_poles(variable),
        )  # fmt: skip
    if part.name == item:  # one cell for each option
        options = [(each.option, labels.text(each.option_label or "")) for each in variables if not each.is_said]
        last = tuple(each.option for each in variables if each.option is not None and each.part in labels.closing_options)
        return replace(part, last=last, cells=_cells(part.cells, [pair for pair in options if pair[0] is not None]))
    return part


def _cells(cells: Sequence[PublicCell], labels: Labels) -> tuple[PublicCell, ...]:
    by_code, place, found = dict(labels), 0, []
    for cell in cells:
        together = [label for _, label in labels[place : place + cell.spans]]
        if cell.spans == 1:
            found.append(replace(cell, label=by_code.get(cell.code, cell.label)))
        else:
            found.append(replace(cell, label=spanned(together)) if len(together) == cell.spans else cell)
        place += cell.spans
    return tuple(found)
