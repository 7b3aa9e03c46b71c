"""How the survey is going: responses by disposition, where they stopped, how long they took."""

from __future__ import annotations

from dataclasses import dataclass

from app.results.frame.frame import Frame
from app.results.layout import BREAK_OFF, COMPLETE, NO_SECTION, PARTIAL, SCREENED_OUT
from app.results.marginals import VariableCounts
from app.results.statistics.cells import unweighted
from app.results.statistics.intervals import Estimate, share_interval
from app.results.statistics.values import median
from app.survey.codebook import ENDED, LANGUAGE


@dataclass(frozen=True, slots=True)
class Progress:
    """Responses by disposition, as AAPOR's Standard Definitions name them.

    Of the open responses, those that reached at least half of the sections on their path are partial, the others
    break-offs; either may still be continued. Screened out are those that a condition or a full quota ended: `ended`
    counts them by which. `left_at` counts open responses by the last section reached, in
    the survey's order; None is before the first page was sent. `languages` is empty for a survey in one language.
    """

    started: int
    complete: int
    open: int
    partial: int
    break_off: int
    screened_out: int
    withdrawn: int
    refused: int  # stored, but not fitting their instrument: in no figure
    left_at: tuple[tuple[str | None, int], ...]
    median_minutes: float | None  # of complete responses
    ended: tuple[tuple[str, int], ...] = ()  # label, responses
    languages: tuple[tuple[str, int], ...] = ()  # tag, responses

    @property
    def completion(self) -> Estimate:
        """The completion rate: complete responses as a share of those who began and could complete, without those
        screened out or withdrawn.

        G. Eysenbach (2004), "Improving the quality of web surveys: the Checklist for Reporting Results of Internet
        E-Surveys (CHERRIES)", Journal of Medical Internet Research 6(3), e34. Open responses may still be completed.
        """
        return share_interval(unweighted(self.complete), unweighted(self.complete + self.open))


def progress(frame: Frame) -> Progress:
    tally = frame.stored
    by_disposition = {COMPLETE: 0, PARTIAL: 0, BREAK_OFF: 0, SCREENED_OUT: 0}
    last: dict[int, int] = {}
    for (disposition, reached), count in tally.reached.items():
        by_disposition[disposition] += count
        if disposition in (PARTIAL, BREAK_OFF):
            last[reached] = last.get(reached, 0) + count
    left_at = [(None, last.get(NO_SECTION, 0))]
    left_at += [(section, last.get(place, 0)) for place, section in enumerate(frame.layout.sections)]
    counts = VariableCounts(tally)
    return Progress(
        started=tally.n + len(frame.withdrawn) + len(frame.refused),
        complete=by_disposition[COMPLETE],
        open=by_disposition[PARTIAL] + by_disposition[BREAK_OFF],
        partial=by_disposition[PARTIAL],
        break_off=by_disposition[BREAK_OFF],
        screened_out=by_disposition[SCREENED_OUT],
        withdrawn=len(frame.withdrawn),
        refused=len(frame.refused),
        left_at=tuple(left_at),
        median_minutes=median([(minutes, unweighted(n)) for minutes, n in sorted(tally.minutes.items())]),
        ended=tuple(pair for pair in _by_code(counts, ENDED) if pair[1]),
        languages=_by_code(counts, LANGUAGE),
    )


def _by_code(counts: VariableCounts, name: str) -> tuple[tuple[str, int], ...]:
    """The count of each code of a variable by its label; empty where there is no such variable."""
    variable = counts.layout.variable.get(name)
    if variable is None or variable.section:
        return ()
    codes, _ = counts.column(name)
    return tuple((label, n) for (_, label), n in zip(variable.codes, codes, strict=True))
