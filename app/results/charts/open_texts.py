"""Open answers: all of them, searched, each with its group; and the words and pairs of words that are used most.

An answer is never shown beside what identifies its author, nor beside another text of theirs: a group is one of a few
coded categories, of which none is smaller than the floor of the survey. The order is that of the alphabet, which says
nothing of who else wrote what.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from app.results.charts.stop_words import stop_words
from app.results.filters.steps import Pause, no_pause
from app.results.frame.frame import Frame
from app.results.layout import Layout
from app.results.view import Categories, View, categories
from app.survey.codebook import Variable

AT_ONCE = 100  # answers on a page
MOST_WORDS = 20
SHOWN_IN_A_CHART = 10
LEAST_USED = 2  # times, for a word to be listed
WORD = r"[\p{L}\p{M}][\p{L}\p{M}'’]*"


@dataclass(frozen=True, slots=True)
class OpenText:
    text: str
    group: str  # "" where the view is not split, and of a group that is too small


@dataclass(frozen=True, slots=True)
class OpenTexts:
    """`answered` are all answers in the view, `found` those that the search finds, `texts` those of one page."""

    variable: Variable
    answered: int
    found: int
    texts: tuple[OpenText, ...]
    words: tuple[tuple[str, int], ...]  # with the number of found answers that use them
    pairs: tuple[tuple[str, int], ...]
    different: int  # words


def text_variable(layout: Layout, name: str) -> Variable | None:
    found = layout.variable.get(name)
    return found if found is not None and found.kind == "text" else None


def is_quotable(view: View, layout: Layout) -> bool:
    """Whether texts may be shown in a view: not where it is filtered or split by what identifies."""
    named = {name.partition(".")[0] for name, _ in view.only} | {view.by.partition(".")[0]}
    named |= {name.partition(".")[0] for name in view.where.names} if view.where else set()
    return named.isdisjoint(layout.labels.identifying)


def shows_texts(frame: Frame, view: View, n: int, is_group: bool = False) -> bool:
    """Whether texts, and the words used in them, are shown in a view or a group of `n` responses: not if the view is filtered
    or split by what identifies, nor if a filter or the group leaves fewer than the floor: a text would say who wrote it."""
    is_large_enough = n >= frame.instruments[0].results.floor or not (view.is_filtered or is_group)
    return is_large_enough and is_quotable(view, frame.layout)


def open_texts(
    frame: Frame, view: View, name: str, search: str = "", page: int = 1, floor: int = 10, pause: Pause = no_pause
) -> OpenTexts | None:
    """The answers to one text item in a view. None if `name` is not a text, and for a view that does not show texts (see
    `shows_texts`)."""
    layout, variable = frame.layout, text_variable(frame.layout, name)
    if variable is None or not is_quotable(view, layout):
        return None
    by = categories(layout, view.by) if view.by and variable.item not in layout.labels.identifying else None
    columns, people = [], 0
    for table, chosen in frame.chosen(replace(view, by=""), pause):
        people += int(np.count_nonzero(chosen))
        columns.append(_written(table.filter(chosen), variable, by))
    if view.is_filtered and people < floor:
        return None
    rows = pl.concat(columns) if columns else pl.DataFrame(schema={"text": pl.String, "group": pl.UInt16})
    small = _small_groups(rows, by, floor)
    found = rows.filter(pl.lit(True) if not _plain(search) else _plainly(pl.col("text")).str.contains(_plain(search), literal=True))
    pause()
    words = Words(found["text"], stop_words(frame.instruments[0].languages), pause)
    shown = found.sort(pl.col("text").str.to_lowercase(), "text").slice((max(page, 1) - 1) * AT_ONCE, AT_ONCE)
    return OpenTexts(
        variable, rows.height, found.height, tuple(_labelled(shown, by, small)), words.most_used(), words.most_used_pairs(),
        words.different,
    )  # fmt: skip


def _written(table: pl.DataFrame, variable: Variable, by: Categories | None) -> pl.DataFrame:
    group = pl.lit(0) if by is None else pl.col(by.column.name)
    answered = table.filter(pl.col(f"{variable.name}~") == 0)
    return answered.select(pl.col(variable.name).alias("text"), group.cast(pl.UInt16).alias("group"))


def _small_groups(rows: pl.DataFrame, by: Categories | None, floor: int) -> set[int]:
    """The groups of fewer authors than the floor."""
    if by is None:
        return set()
    sizes = dict(rows["group"].value_counts().iter_rows())
    return {each.physical for each in by.all if sizes.get(each.physical, 0) < floor}


def _labelled(rows: pl.DataFrame, by: Categories | None, small: Collection[int]) -> Iterator[OpenText]:
    labels = {each.physical: each.label for each in by.all if each.physical not in small} if by else {}
    return (OpenText(text, labels.get(group, "")) for text, group in rows.iter_rows())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split())).lower()


def _plainly(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"\s+", " ")


# --- words ----------------------------------------------------------------------------------------------------


class Words:
    """The words of some texts, and pairs of words that follow one another. Each counts once for a text."""

    def __init__(self, texts: pl.Series, stop: Collection[str], pause: Pause = no_pause):
        lowered = texts.str.to_lowercase().str.replace_all("’", "'").str.extract_all(WORD)
        rows = pl.DataFrame({"text": np.arange(len(texts)), "word": lowered}).explode("word", empty_as_null=True).drop_nulls()
        pause()
        after = rows.select(
            pl.col("text"), pl.col("word"),
            pl.when(pl.col("text") == pl.col("text").shift(-1)).then(pl.col("word").shift(-1)).alias("next"),
        )  # fmt: skip
        tells = ~pl.col("word").is_in(sorted(stop)) & (pl.col("word").str.len_chars() > 1)
        self._words = after.filter(tells).select("text", "word").unique()
        pairs = after.filter(tells & ~pl.col("next").is_in(sorted(stop)) & (pl.col("next").str.len_chars() > 1))
        self._pairs = pairs.select("text", word=pl.concat_str("word", "next", separator=" ")).unique()

    @property
    def different(self) -> int:
        return self._words["word"].n_unique()

    def counts(self) -> pl.DataFrame:
        return self._words["word"].value_counts()

    def most_used(self) -> tuple[tuple[str, int], ...]:
        return _most(self._words)

    def most_used_pairs(self) -> tuple[tuple[str, int], ...]:
        return _most(self._pairs)


@dataclass(frozen=True, slots=True)
class WordCounts:
    """The words that are used most in the answers to a short text item, and how many different words there are."""

    words: tuple[tuple[str, int], ...]
    different: int


class WordSums:
    """The words of the answers to one short text item: the number of answers that use each."""

    def __init__(self, variable: Variable, stop: Collection[str]):
        self.variable, self.stop = variable, stop
        self.counts: Counter[str] = Counter()

    def add(self, rows: pl.DataFrame, sign: int) -> None:
        texts = rows.filter(pl.col(f"{self.variable.name}~") == 0)[self.variable.name]
        for word, n in Words(texts, self.stop).counts().iter_rows() if len(texts) else ():
            self.counts[word] += sign * n
            if not self.counts[word]:
                del self.counts[word]

    def finding(self) -> WordCounts:
        most = sorted(((word, n) for word, n in self.counts.items() if n >= LEAST_USED), key=lambda pair: (-pair[1], pair[0]))
        return WordCounts(tuple(most[:SHOWN_IN_A_CHART]), len(self.counts))


def word_sums(layout: Layout, languages: Iterable[str]) -> Iterator[tuple[str, WordSums]]:
    """Of every text item whose answers are short, by the id of its figures."""
    stop = stop_words(languages)
    for variable in layout.variables:
        if variable.kind == "text" and not variable.is_said and variable.item in layout.labels.short_texts:
            if variable.item not in layout.labels.loops:
                yield variable.item + variable.generation, WordSums(variable, stop)


def _most(rows: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    counted = rows["word"].value_counts().filter(pl.col("count") >= LEAST_USED)
    found: Sequence[tuple[str, int]] = counted.sort(["count", "word"], descending=[True, False]).head(MOST_WORDS).rows()
    return tuple(found)
