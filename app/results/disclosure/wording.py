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
from app.survey.model import Code, Instrument

Labels = Sequence[tuple[Code, str]]


def in_language(items: Iterable[PublicItem], instrument: Instrument) -> tuple[PublicItem, ...]:
    """The items with the texts of this instrument, which is in one language."""
    book = codebook(instrument).variables
    known = {variable.item: [each for each in book if each.item == variable.item] for variable in book}
    return tuple(
        _item(item, known[item.item]) if item.item in known and item.id == item.item else item
        for item in items
    )


def _item(item: PublicItem, variables: Sequence[Variable]) -> PublicItem:
    parts = tuple(_part(part, item.item, variables) for part in item.parts)
    first = variables[0]
    return replace(item, ask=first.ask, parts=parts, figure=first.figure, long_list=first.long_list)


def _part(part: PublicPart, item: str, variables: Sequence[Variable]) -> PublicPart:
    variable = next((each for each in variables if each.name == part.name), None)
    if variable is not None:
        label = variable.statement or variable.option_label or ""
        return replace(
            part, label=label, column=variable.column or "", cells=_cells(part.cells, variable.codes),
            measure=variable.measure, poles=variable.poles,
        )  # fmt: skip
    if part.name == item:  # one cell for each option
        options = [(each.option, each.option_label or "") for each in variables if not each.is_said]
        return replace(part, cells=_cells(part.cells, [pair for pair in options if pair[0] is not None]))
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
