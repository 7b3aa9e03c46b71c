"""The typed table of an export: the columns of a survey's data, and a row for each response.

It knows no file format. A writer takes the columns, which say what each holds, and the rows as a Polars frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import polars as pl

from app.results.frame.intake import Coding
from app.results.frame.segments import joined_ids
from app.results.layout import DISPOSITIONS, NO_MINUTES, REASONS, Coded, Layout, coded
from app.survey.codebook import Variable
from app.survey.columns import about, names_of, paradata, reasons_of
from app.survey.model import Code

DIGEST_SHOWN = 12

#: `code` is one of `codes`, and `label` the label of one; `order` holds codes with spaces between, none where nothing
#: changed places; `word` is one of the service's own; `id` and `text` may begin with any character. A `date` that was
#: answered is ISO 8601 text, as it is stored.
Type = Literal["id", "word", "code", "label", "number", "date", "order", "text", "reason"]
WEIGHT = "~weight"  # the column in which rows have their weights
#: The codes of an option of a multiple choice.
CHOSEN = ((0, "not chosen"), (1, "chosen"))


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str  # what it holds, in one line
    type: Type
    codes: tuple[tuple[Code, str], ...] = ()  # with their labels
    decimals: int | None = None  # of a number: how many it may have; None for any
    precision: str = ""  # of a date: day, month or year
    unit: str = ""
    reason_in: str = ""  # the column that says why a value is missing; where there is none, none may be missing
    variable: Variable | None = None  # none of what is said about the response

    @property
    def has_numbers(self) -> bool:
        """Whether its codes are whole numbers."""
        return bool(self.codes) and all(isinstance(code, int) for code, _ in self.codes)

    @property
    def dtype(self) -> pl.DataType:
        match self.type:
            case "code":
                codes = [code for code, _ in self.codes]
                return _smallest(codes) if self.has_numbers else pl.Enum([str(code) for code in codes])
            case "label":
                labels = [label for _, label in self.codes]
                return pl.Enum(labels) if len(set(labels)) == len(labels) else pl.String()
            case "number":
                return pl.Int64() if self.decimals == 0 else pl.Float64()
            case "date":
                return pl.Date() if self.variable is None else pl.String()
            case "reason":
                return pl.Enum(REASONS)
        return pl.String()


def _smallest(codes: Iterable[Any]) -> pl.DataType:
    """The smallest type of whole numbers for all of these codes: it is also the quickest to write."""
    reach = max(max(code, -1 - code) for code in codes)
    return next((dtype() for dtype, bits in ((pl.Int8, 7), (pl.Int16, 15), (pl.Int32, 31)) if reach < 1 << bits), pl.Int64())


class ExportTable(Protocol):
    """What a writer takes. `of` gives the typed rows of some rows of a frame."""

    columns: tuple[Column, ...]

    def of(self, rows: pl.DataFrame) -> pl.DataFrame: ...


# --- columns ------------------------------------------------------------------------------------------------


def columns(variables: Sequence[Variable], labels: bool = False, weighted: bool = False) -> tuple[Column, ...]:
    """What is said about the response, its answers, the reasons for missing ones, its course, and its weight."""
    return (
        *columns_about(variables),
        *answer_columns(variables, names_of(variables), labels),
        *(_about_response(*each) for each in paradata(variables)),
        *([weight_column(variables)] if weighted else []),
    )


def weight_column(variables: Iterable[Variable]) -> Column:
    """Called `weight`, unless something asked already is."""
    name = "weight" if "weight" not in names_of(variables).values() else "weight_raked"
    return Column(name, "the weight of the response in weighted figures, when the data were exported", "number")


def answer_columns(variables: Sequence[Variable], names: Mapping[str, str], labels: bool = False) -> tuple[Column, ...]:
    """The columns of variables, and of the reasons why they are missing; `names` are those of `names_of`."""
    reasons = reasons_of(variables, dict(names))
    reason_in = _reasons_in(variables, reasons)
    return (
        *(column_of(names[each.name], each, labels, reason_in.get(each.name, "")) for each in variables),
        *(Column(name, each.label, "reason", variable=each) for name, each in reasons.items()),
    )


def columns_about(variables: Iterable[Variable]) -> tuple[Column, ...]:
    """What is said about the response before its answers."""
    return tuple(_about_response(*each) for each in about(variables))


def _about_response(name: str, label: str, kind: str) -> Column:
    if kind == "number":
        return Column(name, label, "number", decimals=0)
    if kind == "date":
        return Column(name, label, "date", precision="day")
    if name == "disposition":
        return Column(name, label, "code", tuple((word, word) for word in DISPOSITIONS))
    return Column(name, label, "id" if name == "response_id" else "word")


def column_of(name: str, variable: Variable, labels: bool = False, reason_in: str = "") -> Column:
    column = Column(name, variable.label, "text", reason_in=reason_in, variable=variable)
    match variable.kind:
        case "choice" | "rank":
            return replace(column, type="label" if labels else "code", codes=variable.codes)
        case "flag":
            return replace(column, type="code", codes=CHOSEN)
        case "number":
            return replace(column, type="number", decimals=variable.decimals, unit=variable.unit or "")
        case "date":
            return replace(column, type="date", precision=variable.precision or "")
        case "order":
            return replace(column, type="order", codes=variable.codes)
    return column


def _reasons_in(variables: Sequence[Variable], reasons: Mapping[str, Variable]) -> dict[str, str]:
    """For each variable the column that says why it is missing: its own, or that of all options of its item."""
    own = {each.name: name for name, each in reasons.items()}
    shared = {_offered_with(each): name for name, each in reasons.items()}
    asked = [variable for variable in variables if variable.may_be_missing]
    return {each.name: own.get(each.name) or shared[_offered_with(each)] for each in asked}


def _offered_with(variable: Variable) -> tuple[str, str, bool]:
    return variable.item, variable.generation, variable.apart


# --- rows ---------------------------------------------------------------------------------------------------


class ResponseTable:
    """A row for each response, its choices as codes or with their labels. If the survey has weights, rows need them in
    `WEIGHT`."""

    def __init__(self, coding: Coding, labels: bool = False):
        self.coding, self.layout = coding, coding.layout
        self.columns = columns(coding.layout.variables, labels, coding.instruments[0].weights is not None)
        self._values = [value_of(column, coding).alias(column.name) for column in self.columns]

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        return with_ids(rows).select(self._values)


def value_of(column: Column, coding: Coding) -> pl.Expr:
    """A column, over rows with their ids."""
    layout = coding.layout
    if column.variable is None:
        return about_value(column, coding)
    if column.type != "reason":
        return answer_value(column, layout)
    if column.variable.kind == "ranks":
        return _reason_of_ranking(column.variable, layout)
    return reason(layout.coded[layout.slot[coded(column.variable).name]])


def with_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """With the ids of the responses."""
    ids = joined_ids(rows["~key"].to_numpy(), rows["~rest"].to_numpy())
    return rows.with_columns(pl.Series("response_id", ids))


def about_value(column: Column, coding: Coding) -> pl.Expr:
    match column.name:
        case "disposition":
            return _looked_up("~disposition", DISPOSITIONS, column.dtype)
        case "language":
            languages = [instrument.language for instrument in reversed(coding.instruments)]
            return _looked_up("~instrument", languages, column.dtype)
        case "instrument":
            return _looked_up("~instrument", [digest[:DIGEST_SHOWN] for digest in coding.digests], column.dtype)
        case "minutes":
            minutes = pl.col("~minutes")
            return pl.when(minutes != NO_MINUTES).then(minutes).cast(pl.Int64)
        case "response_id":
            return pl.col("response_id")
        case "completed_on":
            return pl.col("~completed")
        case "weight_raked":
            return pl.col(WEIGHT)
    return pl.col(f"~{column.name}")


def answer_value(column: Column, layout: Layout) -> pl.Expr:
    variable = column.variable
    assert variable is not None
    value = pl.col(variable.name)
    match column.type:
        case "code" | "label":
            return _choice(column, layout.coded[layout.slot[variable.name]])
        case "number":
            return value.cast(column.dtype)
    return value


def _choice(column: Column, stored: Coded) -> pl.Expr:
    at, dtype = pl.col(stored.name), column.dtype
    if isinstance(dtype, pl.Enum) and stored.bytes == 1:
        return pl.when(at < len(column.codes)).then(at).cat.to(dtype)
    if column.type == "label":
        return _looked_up(stored.name, [label for _, label in column.codes], dtype)
    codes = [code for code, _ in column.codes]
    if not isinstance(dtype, pl.Enum) and _is_short_scale(codes):  # as most are: adding is quicker than looking up
        return pl.when(at < len(codes)).then(at.cast(dtype, strict=False) + pl.lit(codes[0], dtype=dtype))
    return _looked_up(stored.name, codes if column.has_numbers else [str(code) for code in codes], dtype)


def _is_short_scale(codes: Sequence[Any]) -> bool:
    """Whether they are consecutive, and their places fit into every type of whole numbers."""
    return len(codes) <= 128 and list(range(codes[0], codes[0] + len(codes))) == codes


def _looked_up(name: str, values: Sequence[Code], dtype: pl.DataType) -> pl.Expr:
    """The value at each place in a column; null beyond them, where the reasons are."""
    return pl.lit(pl.Series(values, dtype=dtype)).gather(pl.col(name).cast(pl.UInt32), null_on_oob=True)


def reason(stored: Coded) -> pl.Expr:
    """The reason in a coded column, null where there is a value."""
    last = pl.lit(stored.missing(REASONS[0]), dtype=stored.dtype)
    at = (last - pl.col(stored.name)).cast(pl.UInt8, strict=False)
    return pl.when(pl.col(stored.name) >= stored.first_reason).then(at).cat.to(pl.Enum(REASONS))


def _reason_of_ranking(ranking: Variable, layout: Layout) -> pl.Expr:
    """Why nothing was ranked: the reason of the options that were offered. Null where anything was."""
    ranks = [
        layout.coded[layout.slot[each.name]]
        for each in layout.variables
        if each.kind == "rank" and (each.item, each.generation) == (ranking.item, ranking.generation)
    ]
    is_ranked = pl.any_horizontal(pl.col(each.name) < each.first_reason for each in ranks)
    offered = [pl.when(pl.col(each.name) != each.missing("not_shown")).then(reason(each)) for each in ranks]
    return pl.when(~is_ranked).then(pl.coalesce(*offered, reason(ranks[0])))
