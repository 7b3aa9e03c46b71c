"""From the description of a chart to its drawing in one language; begin here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.languages.catalogues import ENGLISH
from app.results.charts.bars import draw_bars, draw_sizes
from app.results.charts.captions import FEW, MISSING_WORDS, Message, _, count, english, fixed, mean_places
from app.results.charts.chart import Chart, Kind, Series, describe, describe_public
from app.results.charts.columns import draw_columns, draw_dates, draw_histogram
from app.results.charts.geometry import ChartRow, Drawing, Mark, TextList, in_percent
from app.results.charts.levels import draw_levels
from app.results.charts.open_texts import WordCounts
from app.results.charts.paired import draw_paired
from app.results.charts.profile import draw_profile
from app.results.charts.ranks import draw_ranks
from app.results.charts.sentences.sentence import sentence
from app.results.charts.shares import draw_shares
from app.results.charts.stacks import draw_stacks, draw_table
from app.results.disclosure.published import PublicItem
from app.results.items import ItemFigures
from app.results.statistics.experiments.effects import AttributeEffects, ExperimentFinding
from app.results.statistics.experiments.power import ALPHA
from app.survey.model import Code

Draws = Callable[[Chart, str, Drawing], Drawing]
"""Takes a chart, a language, and the drawing with what all kinds have; adds to it."""


#: How intervals of the entries of a loop are calculated.
OF_ENTRIES = english(
    "Intervals take into account that the entries of one respondent are correlated (cluster-robust after K.-Y. Liang and"
    " S. L. Zeger, 1986; Student’s t by respondents)."
)


def draw(
    item: ItemFigures | PublicItem, language: str = ENGLISH, own: Mapping[str, frozenset[Code]] | None = None
) -> Drawing:
    """The drawing of one item's figures. What is made of words is translated where it is shown. `own` are one's own
    answers to it, by the names of its parts, to be marked."""
    chart = describe_public(item) if isinstance(item, PublicItem) else describe(item)
    if own:
        chart = replace(chart, own=own)
    drawing = DRAWN[chart.kind](chart, language, begun(chart, language))
    if chart.people >= FEW:
        drawing.add(notes=(*drawing.notes, OF_ENTRIES))
    if isinstance(chart.finding, ExperimentFinding) and (note := _about_order(chart.finding.order, language)) is not None:
        drawing.add(notes=(*drawing.notes, note))
    return drawing


def _about_order(order: AttributeEffects | None, language: str) -> Message | None:
    """Whether it matters as which a vignette is shown, by the joint test of all places. None where there is no test."""
    known = [effect.estimate for effect in order.effects if effect.p is not None] if order is not None else []
    if order is None or order.joint is None or not known:
        return None
    most = max(known, key=lambda each: abs(each.value or 0.0))
    values = {"points": fixed(abs(most.value or 0.0), language, mean_places(most)), "many": count(len(order.levels), language)}
    if order.joint.p < ALPHA:
        return english("Ratings depend on whether a vignette is shown as the first or as a later one of %(many)s: they differ by up to %(points)s points.", **values)
    return english("No clear effect of the order: as a later one of %(many)s, a vignette is rated at most %(points)s points away from the first.", **values)


def begun(chart: Chart, language: str) -> Drawing:
    """What the drawings of all kinds have: the question, who answered it, what they said, and why others did not."""
    missing = chart.missing or {}
    return Drawing(
        chart.id, chart.ask, "table", chart.answered, counted=counted(chart, language), asked_of=chart.asked_of,
        sentence=sentence(chart, language), several=chart.several, statements=_statements(chart),
        missing=tuple((MISSING_WORDS[reason], count(n, language)) for reason, n in missing.items() if n),
        text_lists=tuple(_texts(chart, each, each.label, language) for each in chart.beside),
        hidden=not chart.exact and _has_hidden(chart), withheld=chart.withheld,
    )  # fmt: skip


def counted(chart: Chart, language: str) -> Message:
    """How many answered, and of how many; and what they are worth where they are weighted."""
    who = _answered(chart, language)
    if chart.is_left_unweighted:
        return english("%(who)s, not weighted", who=who)
    if chart.effective is None:
        return who
    if chart.of_vignettes:  # one respondent rates several
        return english("%(who)s, weighted", who=who)
    return english("%(who)s, weighted (effective n %(effective)s)", who=who, effective=count(round(chart.effective), language))


def _answered(chart: Chart, language: str) -> Message:
    n = count(chart.answered, language)
    if chart.exact and not chart.answered and not chart.shown and not chart.entries:
        return english("Nobody in this view was asked")
    if not chart.exact:
        if chart.answered:
            return _("%(n)s answered", n=n)
        return _("Too few people have answered to show results")
    if chart.kind == "sizes":
        return english("<b>%(n)s</b> vignettes assigned", n=n) if chart.of_vignettes else english("<b>%(n)s</b> assigned", n=n)
    if chart.of_vignettes:
        return english("<b>%(n)s</b> of %(all)s vignettes rated", n=n, all=count(chart.shown, language))
    if chart.entries:
        people = count(chart.people, language)
        return english("<b>%(n)s</b> entries of %(people)s people", n=n, people=people) if chart.people else english("<b>%(n)s</b> entries", n=n)
    if chart.score is not None:
        asked = count(chart.shown, language)
        if chart.kind == "bars":
            return english("In bands; <b>%(n)s</b> of %(all)s who were asked had enough answers", n=n, all=asked)
        return english("<b>%(n)s</b> of %(all)s who were asked had enough answers", n=n, all=asked)
    if not chart.known_base:
        if chart.kind == "ranks":
            return english("<b>%(n)s</b> ranked at least one option", n=n)
        return english("At least <b>%(n)s</b> answered; each part has its own base", n=n)
    return english("<b>%(n)s</b> of %(all)s answered", n=n, all=count(chart.shown, language))


def _statements(chart: Chart) -> int:
    """How many statements its reasons for missing answers are counted over."""
    return len(chart.series) if chart.kind in ("stacks", "profile", "table") and len(chart.series) > 1 else 0


def _has_hidden(chart: Chart) -> bool:
    shown = [each for each in chart.series if each.n]
    return len(shown) < len(chart.series) or any(point.hidden for each in shown for point in each.points)


def _texts(chart: Chart, series: Series, label: str, language: str) -> TextList:
    return TextList("" if chart.entries else series.name, label, count(series.n, language) if series.n else "", series.texts)


def draw_texts(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """What respondents wrote; of short answers also the words that are used most."""
    drawing = drawing.add(kind="texts", text_lists=(_texts(chart, chart.first, "", language), *drawing.text_lists))
    if not isinstance(chart.finding, WordCounts) or not chart.finding.words:
        return drawing
    words = chart.finding.words
    rows = (ChartRow(word, count(n, language), (Mark(0, in_percent(n / words[0][1]), -7, 14, "one"),)) for word, n in words)
    note = "The words used most, of %(n)s different words; each counts once for an answer. Words used once are left out."
    return drawing.add(
        rows=tuple(rows), head=(english("Word"), "n"), body=tuple((word, count(n, language)) for word, n in words),
        notes=(english(note, n=count(chart.finding.different, language)),),
        summary=", ".join(f"{word} {n}" for word, n in words),
    )  # fmt: skip


DRAWN: Mapping[Kind, Draws] = {
    "bars": draw_bars,
    "sizes": draw_sizes,
    "columns": draw_columns,
    "histogram": draw_histogram,
    "dates": draw_dates,
    "stacks": draw_stacks,
    "profile": draw_profile,
    "ranks": draw_ranks,
    "shares": draw_shares,
    "paired": draw_paired,
    "levels": draw_levels,
    "texts": draw_texts,
    "table": draw_table,
}
