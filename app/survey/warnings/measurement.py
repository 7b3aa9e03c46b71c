"""Warnings about what the data would not measure: missing reasons on a scale, scores of unlike parts, effects of a vignette
experiment that cannot be told apart, and column names that statistics programs cut."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from app.survey.codebook import Variable
from app.survey.columns import names_of
from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option
from app.survey.items.context import SurveyContext
from app.survey.model import Instrument, Vignette
from app.survey.scope import whole_scope
from app.survey.vignettes.balance import tells_effects_apart
from app.survey.vignettes.design import Design
from app.survey.warnings.wording import scales, written_items

#: Labels that are no point of a scale, by the key that offers them beside it; in English, German, French and Spanish.
REASONS = {
    "dont_know": re.compile(
        r"(?:i\s+)?(?:do\s*n.t|do\s+not|can\s*not|can.t)\s+(?:know|say|tell|judge)|unsure|not\s+sure|unknown|no\s+(?:idea|opinion)"
        r"|weiß(?:\s+ich)?\s+nicht|weiss\s+nicht|kann\s+ich\s+nicht\s+(?:sagen|beurteilen)|keine\s+ahnung|(?:je\s+)?ne\s+sai[st]\s+pas"
        r"|no\s+(?:lo\s+)?s[eé]",
        re.IGNORECASE,
    ),
    "decline": re.compile(
        r"(?:i\s+)?(?:would\s+)?(?:prefer|rather)\s+not(?:\s+(?:to\s+)?(?:say|answer|tell))?|refused?|no\s+answer|keine\s+angabe"
        r"|möchte\s+ich\s+nicht\s+(?:sagen|beantworten)|(?:je\s+)?préfère\s+ne\s+pas\s+(?:répondre|dire)|prefiero\s+no\s+(?:decirlo|contestar|responder)",
        re.IGNORECASE,
    ),
    "not_applicable": re.compile(
        r"n\s*/\s*a|not\s+applicable|does\s*n.t\s+apply|does\s+not\s+apply|trifft\s+nicht\s+zu\s*\(entfällt\)|nicht\s+anwendbar|entfällt"
        r"|sans\s+objet|non\s+applicable|no\s+(?:aplicable|procede)",
        re.IGNORECASE,
    ),
}  # fmt: skip
#: How many times the span of one part may be that of another before a score of both is doubted. A sum of test results may
#: well give more points for some of them; a mean may not.
UNLIKE = {"mean": 2, "sum": 10, "sum_prorated": 10}
STATA, SPSS = 32, 64  # characters of a column's name


def about_measurement(m: SurveyContext, instrument: Instrument, variables: Sequence[Variable]) -> None:
    for path, points in scales(m):
        reason_as_point(m, path, points)
    for path, item in written_items(m):
        options: Sequence[Option] = getattr(item, "options", ())
        if item.family == "choice" and options and all(isinstance(option.code, int) for option in options):
            reason_as_point(m, (*path, "options"), options)
    unlike_parts(m, instrument)
    long_columns(m, variables)
    for vignette in instrument.vignettes:
        effects_together(m, vignette)


def reason_as_point(m: SurveyContext, path: Path, points: Sequence[Option]) -> None:
    """A point such as `99: Don't know` would enter means, scores and charts as the value that it has."""
    for point in points:
        label = point.label.plain.strip(" .")
        key = next((key for key, words in REASONS.items() if words.fullmatch(label)), None)
        if key:
            m.warn(
                (*path, point.code), "reason-as-point",
                f'"{label}" would be the value {point.code} in means, scores and charts',
                f"Remove this point, and write `{key}: true` at each item that offers it: a missing reason of its own.", key=True,
            )  # fmt: skip


def unlike_parts(m: SurveyContext, instrument: Instrument) -> None:
    """A mean of answers from 1 to 3 and from 0 to 100 is that of the latter alone."""
    known = whole_scope(instrument).known
    for computed in instrument.computed:
        made = computed.score
        if made is None or made.how not in UNLIKE:
            continue
        ranges = {name: _span(known[name]) for name in made.parts if name in known}
        spans = {name: span for name, span in ranges.items() if span}
        if len(spans) < 2:
            continue
        width = {name: high - low for name, (low, high) in spans.items()}
        least, most = min(width, key=width.__getitem__), max(width, key=width.__getitem__)
        if width[most] >= UNLIKE[made.how] * width[least]:
            m.warn(
                ("scores", computed.name, made.how), "unlike-parts",
                f"{least} goes {_from_to(spans[least])}, {most} {_from_to(spans[most])}: the second decides the score",
                "Combine parts of the same range, or make a score of each group with `to: [0, 100]` and combine these.", key=True,
            )  # fmt: skip


def _span(answer: Answer) -> tuple[float, float] | None:
    """The lowest and the highest value that it can have, where that is known and they differ."""
    codes = [code for code in answer.codes if isinstance(code, int)]
    least, most = (min(codes), max(codes)) if codes else (answer.least, answer.most)
    if not isinstance(least, int | float) or not isinstance(most, int | float) or least >= most:
        return None
    return least, most


def _from_to(span: tuple[float, float]) -> str:
    return f"from {span[0]:g} to {span[1]:g}"


def long_columns(m: SurveyContext, variables: Sequence[Variable]) -> None:
    """Stata refuses or cuts names beyond 32 characters, SPSS beyond 64."""
    names = names_of(variables)
    beginnings: dict[str, str] = {}
    for variable in variables:
        column = names[variable.name]
        path = m.first.get(variable.item)
        first = beginnings.setdefault(column[:STATA], column)
        if path is None:
            continue
        if first != column:
            what = f"the columns {first} and {column} begin with the same {STATA} characters, which is all that Stata takes"
            m.warn(path, "long-column", what, "Give the item, or its options or statements, shorter ids.", key=True)
            return
        if len(column) > SPSS:
            what = f"the column {column} has {len(column)} characters; SPSS takes {SPSS}"
            m.warn(path, "long-column", what, "Give the item, or its options or statements, shorter ids.", key=True)
            return


# --- vignettes -------------------------------------------------------------------------------------------


def effects_together(m: SurveyContext, vignette: Vignette) -> None:
    """Where the vignettes shown do not tell two effects apart, no number of respondents does."""
    design = vignette.design
    if tells_effects_apart(design):
        return
    cells = {cell for block in design.blocks for cell in block}
    pair = next(_determined(design, cells), None)
    which = f"{pair[0]} and {pair[1]} always change together" if pair else "the levels of some attributes only occur together"
    path = next((path for path in m.document.keys if len(path) == 4 and path[0] == "sections" and path[-1] == vignette.id), ())
    m.warn(
        path, "effects-together", f"{which} in the vignettes shown: their effects cannot be told apart",
        "Exclude fewer combinations, or show more vignettes (`blocks`, `each_sees`).", key=True,
    )  # fmt: skip


def _determined(design: Design, cells: set[tuple[int, ...]]) -> Iterator[tuple[str, str]]:
    """Pairs of attributes of which one says what the other is, in all vignettes shown."""
    for one, two in itertools.permutations(range(len(design.attributes)), 2):
        together = {(cell[one], cell[two]) for cell in cells}
        if len(together) == len({cell[one] for cell in cells}):
            yield design.attributes[one][0], design.attributes[two][0]
