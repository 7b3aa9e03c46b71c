"""A vignette experiment as it is analysed: one row for each vignette that a respondent came to.

Columns: what is told of the response, `experiment` (the vignette item's id), `vignette` (its place among those the
respondent saw, from 1), `block`, one for each attribute and each rating, for each rating the reason why it is
missing, and of the response its arms, computed values and scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from app.exports.columns import Sheet, identified, reasons
from app.results.frame.intake import Coding
from app.results.frame.layout import Coded
from app.survey.codebook import Variable
from app.survey.columns import about, names_of
from app.survey.model import Instrument, Vignette

FIXED = ("experiment", "vignette", "block")
OF_THE_RESPONSE = ("language", "arm", "computed", "score")


@dataclass(frozen=True, slots=True)
class Judged:
    """The vignettes that stood at one place of one experiment, in one version of the survey."""

    version: int  # as in ~instrument
    experiment: str
    place: int
    values: dict[str, Variable]  # by the column
    ratings: dict[str, Coded]


class Judgements:
    """Turns tables of a frame into rows of judgements. `names` are the columns."""

    def __init__(self, coding: Coding, labels: bool = False):
        self.coding, self.layout = coding, coding.layout
        self.sheet = Sheet(coding, labels)
        self.own = self._of_the_response()
        self.judged = [
            each for version in range(len(coding.instruments)) for each in self._of_version(version)
        ]
        values = dict.fromkeys(name for each in self.judged for name in each.values if name not in FIXED)
        ratings = dict.fromkeys(name for each in self.judged for name in each.ratings)
        told = [name for name, _, _ in about(self.layout.variables)]
        self.further = [*FIXED, *values, *(f"{name}_missing" for name in ratings), *self.own]
        self.names = [*told, *self.further]

    def _of_the_response(self) -> dict[str, Variable]:
        names = names_of(self.layout.variables)
        return {names[each.name]: each for each in self.layout.variables if each.type in OF_THE_RESPONSE}

    def _of_version(self, version: int) -> Iterator[Judged]:
        newest_first = len(self.coding.instruments) - 1 - version
        instrument, columns = self.coding.instruments[newest_first], self.layout.columns[newest_first]
        for vignette in instrument.vignettes:
            for place in range(1, vignette.each_sees + 1):
                yield self._of_place(instrument, vignette, place, version, columns)

    def _of_place(
        self, instrument: Instrument, vignette: Vignette, place: int, version: int, columns: dict[str, str]
    ) -> Judged:
        block = self.layout.variable[columns[vignette.block]]
        values = {f"block{block.generation}": block}  # block 1 of another design holds other vignettes
        ratings: dict[str, Coded] = {}
        parts = [*(attribute.id for attribute in vignette.attributes), *vignette.ratings]
        for part in parts:
            variable = self.layout.variable[columns[f"{vignette.id}_{part}_{place}"]]
            name = self._name(instrument, vignette, part) + variable.generation
            values[name] = variable
            if part in vignette.ratings:
                ratings[name] = self.layout.coded[self.layout.place[variable.name]]
        return Judged(version, vignette.id, place, values, ratings)

    def _name(self, instrument: Instrument, vignette: Vignette, part: str) -> str:
        """The part's id alone, where no other column is called so."""
        parts = Counter(
            each
            for one in instrument.vignettes
            for each in (*(attribute.id for attribute in one.attributes), *one.ratings)
        )
        taken = {
            *FIXED,
            *self.own,
            *(name for name, _, _ in about(())),
            *(f"{each}_missing" for each in parts),
        }
        return part if parts[part] == 1 and part not in taken else f"{vignette.id}_{part}"

    def of(self, table: pl.DataFrame) -> pl.DataFrame:
        known = identified(table)
        parts = [self._rows(known, judged) for judged in self.judged]
        return pl.concat(parts).sort("~key", "~rest", "experiment", "vignette").select(self.names)

    def _rows(self, table: pl.DataFrame, judged: Judged) -> pl.DataFrame:
        """Of the responses that came to the page of these vignettes."""
        came = pl.any_horizontal(_shown(column) for column in judged.ratings.values())
        rows = table.filter((pl.col("~instrument") == judged.version) & came)
        values = {name: self.sheet.value(variable) for name, variable in (judged.values | self.own).items()}
        values |= {f"{name}_missing": reasons(column) for name, column in judged.ratings.items()}
        values |= {"experiment": pl.lit(judged.experiment), "vignette": pl.lit(judged.place)}
        further = (_plain(name, values.get(name, pl.lit(None))) for name in self.further)
        return rows.select(*self.sheet.about(), pl.col("~key"), pl.col("~rest"), *further)


def _plain(name: str, value: pl.Expr) -> pl.Expr:
    """One type a column, whatever each experiment has there."""
    return value.cast(pl.Int64 if name == "vignette" else pl.String).alias(name)


def _shown(column: Coded) -> pl.Expr:
    away = [column.missing("not_shown"), column.missing("not_reached")]
    return ~pl.col(column.name).is_in(away)


def has_vignettes(instruments: Sequence[Instrument]) -> bool:
    return any(instrument.vignettes for instrument in instruments)
