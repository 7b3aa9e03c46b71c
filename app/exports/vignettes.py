"""A vignette experiment as it is analysed: one row for each vignette that a respondent came to.

Columns: what is said about the response, `experiment` (the vignette item's id), `vignette` (its position among those
the respondent saw, from 1), `block`, one for each attribute and each rating, for each rating the reason why it is
missing, and of the response its language, arms, computed values and scores, and answers that can be chosen: by default those
to questions with codes that do not help to identify a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from app.exports.table import (
    Column,
    about_value,
    answer_columns,
    answer_value,
    column_of,
    columns_about,
    reason,
    value_of,
    with_ids,
)
from app.results.frame.intake import Coding
from app.results.layout import Coded
from app.survey.codebook import Variable
from app.survey.columns import names_of
from app.survey.model import Instrument, Vignette

EXPERIMENT = Column("experiment", "the vignette item", "word")
POSITION = Column("vignette", "the position among the vignettes that the respondent saw", "number", decimals=0)
FIXED = (EXPERIMENT.name, POSITION.name, "block")
OF_THE_RESPONSE = ("language", "arm", "computed", "score")


@dataclass(frozen=True, slots=True)
class JudgedVignettes:
    """The vignettes at one position of one experiment, in one version of the survey."""

    version: int  # as in ~instrument
    experiment: str
    position: int
    values: dict[str, Variable]  # by the column
    ratings: dict[str, Coded]


class JudgementTable:
    """A row for each vignette that was judged, its choices as codes or with their labels."""

    def __init__(self, coding: Coding, labels: bool = False, answers: Collection[str] | None = None):
        """`answers` are the names of items or variables to take along; None for those that `usual_answers` names."""
        self.coding, self.layout, self.labels = coding, coding.layout, labels
        self.own = self._of_the_response()
        self.taken = self._answers(usual_answers(coding) if answers is None else answers)
        self.judged = [
            each for version in range(len(coding.instruments)) for each in self._of_version(version)
        ]
        values: dict[str, list[Variable]] = {"block": []}
        for name, variable in (pair for each in self.judged for pair in each.values.items()):
            values.setdefault(name, []).append(variable)
        ratings = dict.fromkeys(name for each in self.judged for name in each.ratings)
        self.about = columns_about(self.layout.variables)
        self.further = (
            EXPERIMENT, POSITION,
            *(self._column(name, each, f"{name}_missing" if name in ratings else "") for name, each in values.items()),
            *(Column(f"{name}_missing", name, "reason") for name in ratings),
            *(column_of(name, variable, labels) for name, variable in self.own.items()), *self.taken,
        )  # fmt: skip
        self.columns = (*self.about, *self.further)

    def _column(self, name: str, variables: Sequence[Variable], reason_in: str) -> Column:
        """One column for what any experiment, position or version has there."""
        found = [column_of(name, each, self.labels, reason_in) for each in variables]
        if len({(each.type, each.has_numbers) for each in found}) != 1:
            return Column(name, name, "text", reason_in=reason_in)
        decimals = [each.decimals for each in found]
        return replace(
            found[0], codes=tuple(dict(pair for each in found for pair in each.codes).items()),
            decimals=None if None in decimals else max(decimals),
        )  # fmt: skip

    def _of_the_response(self) -> dict[str, Variable]:
        names = names_of(self.layout.variables)
        return {names[each.name]: each for each in self.layout.variables if each.type in OF_THE_RESPONSE}

    def _answers(self, wanted: Collection[str]) -> tuple[Column, ...]:
        names = names_of(self.layout.variables)
        chosen = [each for each in answers_of_the_response(self.coding) if {each.name, each.item} & {*wanted}]
        return answer_columns(chosen, names, self.labels)

    def _of_version(self, version: int) -> Iterator[JudgedVignettes]:
        newest_first = len(self.coding.instruments) - 1 - version
        instrument, columns = self.coding.instruments[newest_first], self.layout.columns[newest_first]
        for vignette in instrument.vignettes:
            for position in range(1, vignette.each_sees + 1):
                yield self._at(position, instrument, vignette, version, columns)

    def _at(
        self, position: int, instrument: Instrument, vignette: Vignette, version: int, columns: dict[str, str]
    ) -> JudgedVignettes:
        block = self.layout.variable[columns[vignette.block]]
        values = {f"block{block.generation}": block}  # block 1 of another design holds other vignettes
        ratings: dict[str, Coded] = {}
        parts = [*(attribute.id for attribute in vignette.attributes), *vignette.ratings]
        for part in parts:
            variable = self.layout.variable[columns[f"{vignette.id}_{part}_{position}"]]
            name = self._name(instrument, vignette, part) + variable.generation
            values[name] = variable
            if part in vignette.ratings:
                ratings[name] = self.layout.coded[self.layout.slot[variable.name]]
        return JudgedVignettes(version, vignette.id, position, values, ratings)

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
            *(column.name for column in answer_columns(answers_of_the_response(self.coding), names_of(self.layout.variables))),
            *(column.name for column in columns_about(())),
            *(f"{each}_missing" for each in parts),
        }
        return part if parts[part] == 1 and part not in taken else f"{vignette.id}_{part}"

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        known = with_ids(rows)
        parts = [self._judgements(known, judged) for judged in self.judged]
        ordered = pl.concat(parts).sort("~key", "~rest", EXPERIMENT.name, POSITION.name)
        return ordered.select(column.name for column in self.columns)

    def _judgements(self, rows: pl.DataFrame, judged: JudgedVignettes) -> pl.DataFrame:
        """Of the responses that came to the page of these vignettes."""
        came = pl.any_horizontal(_shown(column) for column in judged.ratings.values())
        values = {
            name: answer_value(column_of(name, variable, self.labels), self.layout)
            for name, variable in (judged.values | self.own).items()
        }
        values |= {f"{name}_missing": reason(column) for name, column in judged.ratings.items()}
        values |= {column.name: value_of(column, self.coding) for column in self.taken}
        values |= {EXPERIMENT.name: pl.lit(judged.experiment), POSITION.name: pl.lit(judged.position)}
        further = (values.get(column.name, pl.lit(None)).cast(column.dtype).alias(column.name) for column in self.further)
        about = (about_value(column, self.coding).alias(column.name) for column in self.about)
        came_here = rows.filter((pl.col("~instrument") == judged.version) & came)
        return came_here.select(*about, pl.col("~key"), pl.col("~rest"), *further)


def answers_of_the_response(coding: Coding) -> list[Variable]:
    """What respondents were asked besides vignettes."""
    of_vignettes = {
        f"{vignette.id}_{rating}_{position}"
        for instrument in coding.instruments
        for vignette in instrument.vignettes
        for rating in vignette.ratings
        for position in range(1, vignette.each_sees + 1)
    }
    return [each for each in coding.layout.variables if each.section and each.item not in of_vignettes]


def usual_answers(coding: Coding) -> set[str]:
    """The variables with codes, of items that help to identify nobody in any version."""
    identifying = coding.layout.labels.identifying
    found = answers_of_the_response(coding)
    return {each.name for each in found if each.is_coded and each.item not in identifying}


def _shown(column: Coded) -> pl.Expr:
    away = [column.missing("not_shown"), column.missing("not_reached")]
    return ~pl.col(column.name).is_in(away)


def has_vignettes(instruments: Sequence[Instrument]) -> bool:
    return any(instrument.vignettes for instrument in instruments)
