"""The columns of an export: what they hold, and how a frame's rows are turned into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from app.results.frame.intake import Coding
from app.results.frame.layout import DISPOSITIONS, NO_MINUTES, REASONS, Coded, coded
from app.results.frame.segments import joined_ids
from app.survey.codebook import Variable
from app.survey.columns import PARADATA, about, names_of, reasons_of
from app.survey.model import Code

DIGEST_SHOWN = 12
NOTHING = "-"  # an order of nothing: pairs of which none was exchanged
#: The reasons at the places of their physical codes in a byte; the places below them are never used.
REASON_AT = pl.Enum([*map(str, range(0x100 - len(REASONS))), *reversed(REASONS)])


@dataclass(frozen=True, slots=True)
class Column:
    """One column of answers, or of the reasons why they are missing."""

    name: str
    source: str  # of the frame
    variable: Variable
    missing: bool = False


def columns(variables: Sequence[Variable]) -> tuple[Column, ...]:
    """All columns of answers, then all columns of reasons."""
    names = names_of(variables)
    answers = [Column(names[each.name], each.name, each) for each in variables]
    reasons = reasons_of(variables, names).items()
    return (*answers, *(Column(name, coded(each).name, each, missing=True) for name, each in reasons))


def names(columns: Sequence[Column]) -> list[str]:
    """The header of an export."""
    told = about(column.variable for column in columns)
    first, course = ([name for name, _, _ in part] for part in (told, PARADATA))
    return [*first, *(column.name for column in columns), *course]


class Sheet:
    """Turns tables of a frame into the columns of an export; `labels` instead of codes where asked for."""

    def __init__(self, coding: Coding, labels: bool = False):
        self.coding, self.layout, self.labels = coding, coding.layout, labels
        self.columns = columns(coding.layout.variables)
        self.names = names(self.columns)
        self.expressions = [
            *self.about(), *(self._expression(column) for column in self.columns), *self._paradata()
        ]  # fmt: skip

    def of(self, table: pl.DataFrame) -> pl.DataFrame:
        return identified(table).select(self.expressions)

    def about(self) -> list[pl.Expr]:
        """The columns before a response's answers."""
        digests = [digest[:DIGEST_SHOWN] for digest in self.coding.digests]
        languages = [instrument.language for instrument in reversed(self.coding.instruments)]
        told = {
            "response_id": neutral(pl.col("response_id")),  # older ids may begin with a minus
            "disposition": looked_up("~disposition", DISPOSITIONS),
            "language": looked_up("~instrument", languages),
            "instrument": looked_up("~instrument", digests),
        }
        return [told[name].alias(name) for name, _, _ in about(self.layout.variables)]

    def _paradata(self) -> list[pl.Expr]:
        minutes = pl.col("~minutes")
        return [
            pl.col("~began").alias("began"),
            pl.col("~submitted").alias("submitted"),
            pl.when(minutes != NO_MINUTES).then(minutes).alias("minutes"),
        ]

    def _expression(self, column: Column) -> pl.Expr:
        if column.missing and column.variable.kind == "ranks":
            return self._ranking_missing(column.variable).alias(column.name)
        if column.missing:
            return reasons(self.layout.coded[self.layout.place[column.source]]).alias(column.name)
        return self.value(column.variable).alias(column.name)

    def _ranking_missing(self, ranking: Variable) -> pl.Expr:
        """Why nothing was ranked: the reason of the options that were offered. Null where anything was."""
        ranks = [
            self.layout.coded[self.layout.place[each.name]]
            for each in self.layout.variables
            if each.kind == "rank" and (each.item, each.generation) == (ranking.item, ranking.generation)
        ]
        is_ranked = pl.any_horizontal(pl.col(each.name) < each.first_reason for each in ranks)
        offered = [
            pl.when(pl.col(each.name) != each.missing("not_shown")).then(_reason_words(each)) for each in ranks
        ]
        return pl.when(~is_ranked).then(pl.coalesce(*offered, _reason_words(ranks[0])))

    def value(self, variable: Variable) -> pl.Expr:
        """A variable as an export writes it."""
        value = pl.col(variable.name)
        match variable.kind:
            case "choice" | "rank":
                return self._choice(variable)
            case "flag":
                return pl.when(value <= 1).then(value)
            case "number":
                return _as_written(value, variable.decimals)
            case "order":
                return pl.when(value == "").then(pl.lit(NOTHING)).otherwise(neutral(value))
        return neutral(value)

    def _choice(self, variable: Variable) -> pl.Expr:
        column = self.layout.coded[self.layout.place[variable.name]]
        if self.labels:
            return decoded(column, [neutral_text(label) for _, label in variable.codes])
        codes: list[Any] = [code for code, _ in variable.codes]
        if not all(isinstance(code, int) for code in codes):
            return decoded(column, [str(code) for code in codes])
        if list(range(codes[0], codes[0] + len(codes))) == codes:  # a scale, as most are: adding is quicker
            at = pl.col(column.name)
            return pl.when(at < len(codes)).then(at.cast(pl.Int32) + codes[0])
        return looked_up(variable.name, codes)


def identified(table: pl.DataFrame) -> pl.DataFrame:
    """With the ids of the responses."""
    ids = joined_ids(table["~key"].to_numpy(), table["~rest"].to_numpy())
    return table.with_columns(pl.Series("response_id", ids))


def looked_up(name: str, values: Sequence[str] | Sequence[Code]) -> pl.Expr:
    """The value for each place in a column; null beyond them, where the reasons are."""
    return pl.lit(pl.Series(values)).gather(pl.col(name).cast(pl.UInt32), null_on_oob=True)


def decoded(column: Coded, words: Sequence[str]) -> pl.Expr:
    """The word for each place in a coded column; null where there is a reason."""
    if column.bytes > 1 or len(set(words)) < len(words):
        return looked_up(column.name, words)
    # An Enum of the same bytes is half as dear to write as texts that are looked up.
    place = pl.col(column.name)
    return pl.when(place < len(words)).then(place).cat.to(pl.Enum(words))


def reasons(coded_column: Coded) -> pl.Expr:
    """The reason in a coded column, null where there is a value."""
    place = pl.col(coded_column.name)
    if coded_column.bytes > 1:
        beyond = pl.lit(coded_column.missing(REASONS[0]), dtype=pl.UInt16) - place
        return pl.lit(pl.Series(REASONS)).gather(beyond.cast(pl.UInt32), null_on_oob=True)
    return pl.when(place >= coded_column.first_reason).then(place).cat.to(REASON_AT)


def _reason_words(coded_column: Coded) -> pl.Expr:
    return reasons(coded_column).cast(pl.String)


def _as_written(number: pl.Expr, decimals: int | None) -> pl.Expr:
    """As few digits as read back to the number: 2 and not 2.0."""
    return number.cast(pl.Int64) if decimals == 0 else number.cast(pl.String).str.strip_suffix(".0")


# --- texts that a spreadsheet program would run ------------------------------------------------------------

#: What the codebook says of it.
NEUTRALISED = (
    "text; an apostrophe is put before one that begins with = + - @, with an unprintable character, or with an "
    "apostrophe, so that no spreadsheet program runs it"
)
RISKY = r"^['=+\-@＝＋－＠\p{Cc}]"


def neutral(text: pl.Expr) -> pl.Expr:
    """With an apostrophe before what a spreadsheet program might take for a formula, or for its own mark.

    An apostrophe at the start is doubled, so that taking one off gives the text back.
    """
    return pl.when(text.str.contains(RISKY)).then(pl.lit("'") + text).otherwise(text)


def neutral_text(text: str) -> str:
    return pl.select(neutral(pl.lit(text))).item()


def plain_text(text: str) -> str:
    """What `neutral` has been given."""
    return text[1:] if text.startswith("'") else text
