"""One's own answers beside those of everyone: the points to mark, and the sentence that comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.results.charts.captions import Message
from app.results.charts.chart import describe_public
from app.results.charts.draw import draw
from app.results.charts.geometry import Drawing
from app.results.charts.sentences.own import about_own
from app.results.disclosure.candidates import PUBLIC_BINS
from app.results.disclosure.published import PublicItem, PublicPart
from app.results.statistics.binning import number_classes
from app.results.statistics.cells import unweighted
from app.survey.codebook import Variable
from app.survey.model import Code

Answers = Mapping[str, Any]
Own = dict[str, frozenset[Code]]


def draw_beside(item: PublicItem, answers: Answers, variables: Mapping[str, Variable], language: str) -> tuple[Drawing, bool]:
    """The drawing with one's own answers marked, and whether its sentence says what they are. `variables` are those of
    the codebook, by name."""
    drawing = draw(item, language, own_codes(item, answers, variables))
    said, everyone = about_own(describe_public(item), answers, language), drawing.sentence
    if said is None:
        return drawing, False
    return drawing.add(sentence=Message("%(own)s %(rest)s", {"own": said, "rest": everyone}) if everyone else said), True


def own_codes(item: PublicItem, answers: Answers, variables: Mapping[str, Variable]) -> Own:
    """The codes of one's own answers, by the part of an item."""
    found = {part.name: frozenset(_codes(part, item, answers, variables.get(part.name))) for part in item.parts}
    return {name: codes for name, codes in found.items() if codes}


def _codes(part: PublicPart, item: PublicItem, answers: Answers, variable: Variable | None) -> Iterator[Code]:
    value = answers.get(item.item if part.kind == "rank" else part.name)
    if value is None or isinstance(value, dict):  # a reason for not answering
        return
    if part.kind == "flags":
        yield from value
    elif part.kind == "rank" and variable is not None and variable.option in value:
        yield value.index(variable.option) + 1
    elif part.kind == "number" and variable is not None and variable.least is not None and variable.most is not None:
        classes = number_classes([(value, unweighted(1))], (variable.least, variable.most), variable.decimals, PUBLIC_BINS)
        yield from (each.label for each in classes if each.count.n)
    elif part.kind == "date":
        yield from (code for code, _label in part.codes if str(code)[:3] == str(value)[:3])
    elif part.kind == "choice":
        yield value
