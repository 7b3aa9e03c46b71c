"""The reliability of a score beside its chart, in English: only researchers see it."""

from __future__ import annotations

from collections.abc import Iterator

from app.results.charts.captions import Message, count, english, fixed, interval
from app.results.charts.geometry import Drawing
from app.results.statistics.intervals import ENOUGH
from app.results.statistics.reliability import Reliability

TWO = 2  # parts: one factor is not identified


def with_reliability(found: Reliability, language: str, drawing: Drawing, is_weighted: bool = False) -> Drawing:
    """With alpha and omega beside the mean, how they are calculated, and each part in a table. They are never weighted, which
    is said where the mean is."""
    unweighted = (english("Reliability is not weighted."),) if is_weighted else ()
    notes = (*drawing.notes, *unweighted, *_notes(found, language))
    if not found.is_shown:
        return drawing.add(notes=notes)
    measures = [*drawing.measures, (english("Cronbach’s alpha"), _alpha(found, language))]
    if found.omega.value is not None:
        measures.append((english("omega"), fixed(found.omega.value, language)))
    return drawing.add(notes=notes, measures=tuple(measures), further=(*drawing.further, _parts(found, language, drawing)))


def _alpha(found: Reliability, language: str) -> str:
    written = fixed(found.alpha, language)
    return f"{written} [{interval(*found.interval, language, 2)}]" if found.interval else written


def _notes(found: Reliability, language: str) -> Iterator[Message]:
    n = count(found.n, language)
    if found.n < ENOUGH:
        yield english("Reliability is not shown: only %(n)s answered every part.", n=n)
        return
    if found.alpha is None:
        yield english("Alpha cannot be estimated from the %(n)s who answered every part: their answers do not vary.", n=n)
        return
    yield english("Alpha is from the %(n)s who answered every part (L. J. Cronbach, 1951), its interval after L. S. Feldt (1965).", n=n)
    pairwise = found.pairwise
    if pairwise is not None and pairwise.alpha is not None:
        least, most = count(pairwise.least, language), count(pairwise.most, language)
        yield english(
            "From all who answered any two parts (%(n)s) it is %(alpha)s.",
            n=least if least == most else f"{least}–{most}", alpha=fixed(pairwise.alpha, language),
        )  # fmt: skip
    if found.omega.value is not None:
        yield english("Omega total is that of one common factor, by maximum likelihood (R. P. McDonald, 1999).")
    elif found.omega.heywood:
        yield english("Omega is not shown: with one common factor a part would have no variance of its own (a Heywood case).")
    elif found.parts > TWO:
        yield english("Omega is not shown: a part follows from the others.")


def _parts(found: Reliability, language: str, drawing: Drawing) -> Drawing:
    return Drawing(
        f"{drawing.id}.parts", "Reliability of the parts", "table", found.n,
        head=(english("Part"), english("Correlation with the other parts"), english("Alpha without it")),
        body=tuple((each.label, fixed(each.item_rest, language), fixed(each.if_dropped, language)) for each in found.by_part),
    )  # fmt: skip
