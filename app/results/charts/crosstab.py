"""A crosstab in words and numbers as its page shows them: the table, the test, the means. In English, for researchers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.languages.catalogues import ENGLISH
from app.languages.direction import isolated
from app.results.charts.captions import count, fixed
from app.results.charts.crossed import CrossedDrawing, draw_crossed, upper_places, upper_shares
from app.results.charts.lines import (
    MINUS,
    level,
    level_range,
    places_for,
    quoted,
    shortened,
    signed,
    signed_range,
)
from app.results.crosstabs import FEW, CountTable, Crossed, Means, OptionRow, TableCell, strength
from app.results.measures import Measure
from app.results.statistics.cells import total
from app.results.statistics.differences import share_difference
from app.results.statistics.intervals import Estimate
from app.results.statistics.tests import Test

SHARE = Measure("", "", "share")
REASONS = {
    "not_shown": "not asked", "not_reached": "not reached", "skipped": "skipped", "declined": "declined",
    "dont_know": "don’t know", "not_applicable": "not applicable",
}  # fmt: skip
INSTEAD = "Filter to larger groups and to answers that more people gave, or compare the groups by the shares of their answers."
SURE = 0.05
MANY = 10_000  # respondents, from which shares have a decimal
LONGEST_HEADING = 36  # characters of a column


class ShownCell(NamedTuple):
    share: str
    interval: str
    n: str
    residual: str
    shade: str  # fewest | fewer | more | most, or nothing
    is_thin: bool
    is_small: bool  # somebody, but fewer than the floor


class ShownRow(NamedTuple):
    label: str
    cells: tuple[ShownCell, ...]
    whole: ShownCell
    test: str  # of an option, whether the columns differ


class ShownColumn(NamedTuple):
    label: str
    title: str  # in full, where the label is shortened
    n: str
    is_few: bool
    is_small: bool


class ShownMean(NamedTuple):
    label: str
    n: str
    mean: str
    interval: str
    sd: str
    median: str
    is_small: bool


class ShownPair(NamedTuple):
    first: str
    second: str
    difference: str
    interval: str
    p: str


@dataclass(frozen=True, slots=True)
class ShownCrosstab:
    crossed: Crossed
    percent: str
    heading: str
    verdict: str  # whether the two are related
    test: str  # the figures behind it
    base: str
    left_out: str
    drawing: CrossedDrawing | None
    columns: tuple[ShownColumn, ...] = ()
    rows: tuple[ShownRow, ...] = ()
    whole: str = ""  # the heading of the last column
    means: tuple[ShownMean, ...] = ()
    pairs: tuple[ShownPair, ...] = ()
    is_small: bool = False  # all of it is about fewer than the floor
    is_untested: bool = False  # a table too thin for a test


def shown_crosstab(crossed: Crossed, percent: str, floor: int) -> ShownCrosstab:
    verdict, test = in_words(crossed)
    shown = ShownCrosstab(
        crossed, percent, heading(crossed), verdict, test,
        _base(crossed), left_out(crossed),
        draw_crossed(crossed, floor), is_small=0 < crossed.both < floor, is_untested=INSTEAD in test,
    )  # fmt: skip
    return _with_table(shown, percent, floor)


def _base(crossed: Crossed) -> str:
    n = f"{count(crossed.both, ENGLISH)} of {count(crossed.n, ENGLISH)} answered both"
    return n if crossed.effective is None else f"{n}, weighted (effective n {count(round(crossed.effective), ENGLISH)})"


def _with_table(shown: ShownCrosstab, percent: str, floor: int) -> ShownCrosstab:
    """Without the columns of nobody."""
    crossed, sizes = shown.crossed, column_sizes(shown.crossed)
    if crossed.means is not None:
        return replace(shown, means=tuple(_means(crossed, crossed.means, floor)), pairs=tuple(_pairs(crossed, crossed.means)))
    places = [place for place, n in enumerate(sizes) if n]
    columns = tuple(_column(crossed.columns.categories[place].label, sizes[place], floor) for place in places)
    if crossed.table is not None:
        table = crossed.table
        rows = [
            _row(category.label, [cells[place] for place in places], _whole(table, row, percent, floor), percent, floor)
            for row, (category, cells) in enumerate(zip(crossed.rows.categories, table.cells, strict=True))
        ]
    else:
        rows = [_option(row, places, floor) for row in crossed.options]
    return replace(shown, columns=columns, rows=tuple(rows), whole=f"n {count(crossed.both, ENGLISH)}")


# --- the table ----------------------------------------------------------------------------------------------


def _column(label: str, n: int, floor: int) -> ShownColumn:
    short = shortened(label, LONGEST_HEADING)
    return ShownColumn(short, label if short != label else "", count(n, ENGLISH), n < FEW, 0 < n < floor)


def _row(label: str, cells: list[TableCell], whole: ShownCell, percent: str, floor: int) -> ShownRow:
    return ShownRow(label, tuple(_cell(cell, percent, floor) for cell in cells), whole, "")


def _cell(cell: TableCell, percent: str, floor: int) -> ShownCell:
    found = {"columns": cell.of_column, "rows": cell.of_row, "all": cell.of_all}[percent]
    residual = signed(cell.residual, 1) if cell.residual is not None and cell.leaning else ""
    return _share_cell(found, cell.n, floor)._replace(residual=residual, shade=cell.leaning, is_thin=cell.is_thin)


def _share_cell(found: Estimate, n: int, floor: int) -> ShownCell:
    if found.value is None:
        return ShownCell("–", "", count(n, ENGLISH), "", "", False, False)
    places = 1 if found.n >= MANY else 0
    return ShownCell(
        level(SHARE, found.value, places), level_range(SHARE, found, places), count(n, ENGLISH), "", "", False, 0 < n < floor
    )


def _whole(table: CountTable, row: int, percent: str, floor: int) -> ShownCell:
    n = table.by_row[row]
    if percent == "rows":
        return ShownCell("100%", "", count(n, ENGLISH), "", "", False, 0 < n < floor) if n else _share_cell(EMPTY, 0, floor)
    return _share_cell(table.total(row), n, floor)


EMPTY = Estimate(None, None, None, 0)


def _option(row: OptionRow, places: list[int], floor: int) -> ShownRow:
    cells = tuple(_cell(row.cells[place], "columns", floor) for place in places)
    n = sum(chosen.n for chosen in row.chosen)
    test = _p_of(row.p) if row.p is not None else "no test"
    return ShownRow(row.category.label, cells, _share_cell(row.whole, n, floor), test)


def _means(crossed: Crossed, means: Means, floor: int) -> Iterator[ShownMean]:
    measure = Measure("", "", "mean", unit=crossed.rows.unit)
    labels = [*(category.label for category in crossed.columns.categories), "All"]
    for label, found in zip(labels, (*means.groups, means.whole), strict=True):
        estimate = found.interval
        if found.mean is None:
            continue
        places = places_for(measure, [estimate])
        yield ShownMean(
            label, count(found.n, ENGLISH), level(measure, found.mean, places), level_range(measure, estimate, places),
            fixed(found.sd, ENGLISH, places), fixed(found.median, ENGLISH, 1), found.n < floor,
        )  # fmt: skip


def _pairs(crossed: Crossed, means: Means) -> Iterator[ShownPair]:
    measure, labels = Measure("", "", "mean"), [category.label for category in crossed.columns.categories]
    for pair in means.pairs:
        found = pair.difference
        if found.value is not None:
            places = places_for(measure, [found])
            yield ShownPair(
                labels[pair.first], labels[pair.second], signed(found.value, places), signed_range(found, 1.0, places),
                "no test" if pair.p is None else _p_of(pair.p),
            )  # fmt: skip


# --- words --------------------------------------------------------------------------------------------------


def _p_of(p: float) -> str:
    if p < 0.001:
        return "p < 0.001"
    places = 4 if p < SURE <= round(p, 3) else 3 if p < 0.1 else 2  # 0.0497 does not read as 0.050
    return f"p = {fixed(p, ENGLISH, places)}"


def _of_test(test: Test) -> str:
    """The statistic with its degrees of freedom, and p."""
    if test.statistic is None:
        return f"{test.method}: {_p_of(test.p)}"
    statistic = fixed(test.statistic, ENGLISH, 1 if abs(test.statistic) >= 10 else 2).replace("-", MINUS)
    if "chi" in test.method:
        return f"χ² = {statistic} on {fixed(test.df, ENGLISH, 0)} degrees of freedom, {_p_of(test.p)}"
    if test.df_within is not None:
        places = 0 if test.df == round(test.df or 0) else 2
        return f"F = {statistic} on {fixed(test.df, ENGLISH, places)} and {fixed(test.df_within, ENGLISH, 1)} degrees of freedom, {_p_of(test.p)}"
    return f"t = {statistic} on {fixed(test.df, ENGLISH, 1)} degrees of freedom, {_p_of(test.p)}"


def in_words(crossed: Crossed) -> tuple[str, str]:
    """Whether the two questions are related, and the figures behind it."""
    if not crossed.both:
        return "Nobody has answered both questions.", ""
    if crossed.means is not None:
        return _means_in_words(crossed.means)
    if crossed.table is not None:
        return _table_in_words(crossed.table)
    tested = [row for row in crossed.options if row.p is not None]
    clear = [row.category.label for row in tested if (row.p or 0) < SURE]
    if not tested:
        return "No test: too few people for each option.", ""
    words = f"The columns differ clearly in {len(clear)} of {len(tested)} options: {quoted(clear)}." if clear else f"In none of {len(tested)} options do the columns differ clearly."
    if crossed.is_weighted:
        return words, "Each option is tested by Rao and Scott’s F of the weighted shares; p is adjusted after Holm for all options."
    return words, "Each option is tested by chi-square, or by Fisher’s test where few are expected; p is adjusted after Holm for all options."


def _table_in_words(table: CountTable) -> tuple[str, str]:
    test, least = table.conclusion.test, min(sum(n > 0 for n in table.by_row), sum(n > 0 for n in table.by_column))
    if test is None:
        return "The table allows no conclusion.", f"{table.conclusion.reason} {INSTEAD}" if least > 1 else table.conclusion.reason
    v = table.v or 0.0
    size = f"The link is {strength(v, least)} (Cramér’s V {fixed(v, ENGLISH, 2)}, where 0 is none and 1 complete)."
    if test.p < SURE:
        return "The two are related: chance alone would rarely give such a table.", f"{_of_test(test)}. {size} {table.conclusion.reason}"
    return "No clear link: chance alone could give a table like this.", f"{_of_test(test)}. {size} {table.conclusion.reason}"


def _means_in_words(means: Means) -> tuple[str, str]:
    test = means.conclusion.test
    if test is None:
        return "The groups allow no conclusion.", means.conclusion.reason
    words = "The means differ: chance alone would rarely give such differences." if test.p < SURE else "No clear difference between the means: chance alone could give differences like these."
    return words, f"{_of_test(test)}. {means.conclusion.reason}"


def heading(crossed: Crossed) -> str:
    """The highest and the lowest column, where they differ clearly."""
    table = crossed.table
    if table is not None and crossed.rows.measure == "ordinal" and table.conclusion.test is not None and table.conclusion.test.p < SURE:
        found = _ends(crossed, table)
        if found:
            return found
    return f"“{isolated(shortened(crossed.rows.label, 90))}” by “{isolated(shortened(crossed.columns.label, 60))}”"


def _ends(crossed: Crossed, table: CountTable) -> str:
    upper, labels = upper_shares(crossed, table), [category.label for category in crossed.columns.categories]
    known = [(found.value, place) for place, found in enumerate(upper) if found.value is not None and found.n >= 10]
    if len(known) < 2:
        return ""
    (low, lowest), (high, highest) = min(known), max(known)
    pairs = [(total(table.count(row, place) for row in upper_places(crossed)), table.bases[place]) for place in (highest, lowest)]
    difference = share_difference(*pairs[0], *pairs[1])
    if difference.low is None or difference.low <= 0:
        return ""
    of = quoted([crossed.rows.categories[place].label for place in upper_places(crossed)])
    return f"{level(SHARE, high, 0)} of “{isolated(labels[highest])}” say {of}; of “{isolated(labels[lowest])}”, {level(SHARE, low, 0)}"


def left_out(crossed: Crossed) -> str:
    """Who is not in the table, and why."""
    parts = []
    for which, words in (("rows", "the question of the rows"), ("columns", "the question of the columns")):
        found = [f"{count(n, ENGLISH)} {REASONS[reason]}" for axis, reason, n in crossed.left_out if axis == which]
        if found:
            parts.append(f"{words}: {', '.join(found)}")
    empty = [crossed.columns.categories[place].label for place, n in enumerate(column_sizes(crossed)) if not n]
    if empty and crossed.both:
        parts.append(f"nobody in {quoted([shortened(label, 40) for label in empty])}".replace(" or ", " and "))
    return " · ".join(parts)


def column_sizes(crossed: Crossed) -> list[int]:
    """How many of each column are in the table; of options, of the one that most were offered."""
    if crossed.table is not None:
        return crossed.table.by_column
    if crossed.means is not None:
        return [group.n for group in crossed.means.groups]
    return [max((row.bases[place].n for row in crossed.options), default=0) for place in range(len(crossed.columns.categories))]


# --- the file -----------------------------------------------------------------------------------------------

HEAD = (
    "row_variable", "row", "row_label", "column_variable", "column", "column_label", "n", "column_n", "column_percent",
    "column_low", "column_high", "row_n", "row_percent", "row_low", "row_high", "adjusted_residual", "few_expected", "under_floor", "weighted",
)  # fmt: skip
MEANS_HEAD = ("variable", "column_variable", "column", "column_label", "n", "mean", "low", "high", "sd", "median", "under_floor", "weighted")


def file_lines(crossed: Crossed, floor: int) -> Iterator[tuple[object, ...]]:
    """A heading, and a line for each cell, with its shares and their 95% intervals in per cent; of a number a line for each
    group. n are respondents; `weighted` is 1 where shares, means and residuals are weighted."""
    if crossed.means is not None:
        yield MEANS_HEAD
        yield from _mean_lines(crossed, crossed.means, floor)
    else:
        yield HEAD
        yield from _cell_lines(crossed, floor)


def _cell_lines(crossed: Crossed, floor: int) -> Iterator[tuple[object, ...]]:
    rows, columns = crossed.rows, crossed.columns
    if crossed.table is not None:
        of_rows = list(zip(rows.categories, crossed.table.cells, strict=True))
    else:
        of_rows = [(row.category, list(row.cells)) for row in crossed.options]
    for category, cells in of_rows:
        for column, cell in zip(columns.categories, cells, strict=True):
            yield (
                rows.name, category.code, category.label, columns.name, column.code, column.label, cell.n,
                *_percents(cell.of_column), *_percents(cell.of_row),
                "" if cell.residual is None else round(cell.residual, 4), int(cell.is_thin), int(0 < cell.n < floor), int(crossed.is_weighted),
            )  # fmt: skip


def _percents(found: Estimate) -> tuple[object, ...]:
    return (found.n, *("" if end is None else round(100 * end, 4) for end in found[:3]))


def _mean_lines(crossed: Crossed, means: Means, floor: int) -> Iterator[tuple[object, ...]]:
    for column, found in zip(crossed.columns.categories, means.groups, strict=True):
        estimate = found.interval
        figures = (found.mean, estimate.low, estimate.high, found.sd, found.median)
        yield (
            crossed.rows.name, crossed.columns.name, column.code, column.label, found.n,
            *("" if each is None else round(each, 6) for each in figures), int(0 < found.n < floor), int(crossed.is_weighted),
        )  # fmt: skip
