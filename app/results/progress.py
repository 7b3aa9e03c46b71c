"""How the fieldwork is going: responses by disposition and by day, where they stopped, how long they took.

It is about all stored responses, whatever view of the answers is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.results.frame.course import Course
from app.results.frame.frame import Frame
from app.results.layout import AT_THE_END
from app.results.statistics.cells import unweighted
from app.results.statistics.intervals import Estimate, share_interval
from app.results.statistics.values import Summary, summary
from app.survey.codebook import ENDED, LANGUAGE

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class PageReach:
    """How many came to one page, and how many stopped there: it was shown to them last, and they did not send it.

    `possible` are the begun responses that have it on their path, or did not come far enough to know. Without a section it is
    the end: every page was sent, and the response has yet to be submitted.
    """

    section: str | None
    came: int
    possible: int
    stopped: int  # open responses, which may still be continued

    @property
    def reach(self) -> float | None:
        return self.came / self.possible if self.possible else None

    @property
    def loss(self) -> float | None:
        return self.stopped / self.came if self.came else None


@dataclass(frozen=True, slots=True)
class FieldDay:
    """Responses begun on a day, and those completed on it."""

    day: date
    begun: int
    complete: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Responses by disposition, as AAPOR's Standard Definitions name them.

    Of the open responses, those that reached at least half of the sections on their path are partial, the others
    break-offs; either may still be continued. Screened out are those that a condition or a full quota ended: `ended`
    counts them by which. `languages` is empty for a survey in one language.
    """

    started: int
    complete: int
    open: int
    partial: int
    break_off: int
    screened_out: int
    withdrawn: int
    refused: int  # stored, but not fitting their instrument: in no figure
    pages: tuple[PageReach, ...] = ()  # those that ask something, in the order of the survey; the end is last
    days: tuple[FieldDay, ...] = ()  # every day from the first response to the last; the withdrawn are on none
    minutes: Summary = Summary(0, None, None, None)  # of complete responses
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

    @property
    def bases(self) -> dict[str, int]:
        """How many responses each base of a view has, without a filter."""
        with_partial = self.complete + self.partial
        return {"complete": self.complete, "partial": with_partial, "all": with_partial + self.break_off}


def progress(frame: Frame) -> Progress:
    course = frame.course
    complete, partial, break_off, screened_out = course.dispositions
    return Progress(
        started=course.n + len(frame.withdrawn) + len(frame.refused),
        complete=complete,
        open=partial + break_off,
        partial=partial,
        break_off=break_off,
        screened_out=screened_out,
        withdrawn=len(frame.withdrawn),
        refused=len(frame.refused),
        pages=_pages(course, complete),
        days=_days(course),
        minutes=summary((minutes, unweighted(n)) for minutes, n in course.minutes.items()),
        ended=tuple(pair for pair in _by_code(course, ENDED) if pair[1]),
        languages=_by_code(course, LANGUAGE),
    )


def _pages(course: Course, complete: int) -> tuple[PageReach, ...]:
    """A page that nobody was ever shown and that no response may still reach, such as one of an older version, is left out."""
    asked, sent, possible = course.layout.asked_in, course.sent, course.possible
    found = [
        PageReach(section, sent[place] + course.stopped[place], possible[place], course.stopped[place])
        for place, section in enumerate(course.layout.sections)
        if asked[place] and (possible[place] or not course.n)
    ]
    at_the_end = course.stopped[AT_THE_END]
    came = complete + at_the_end
    return (*found, PageReach(None, came, complete + sum(course.stopped.values()), at_the_end))


def _days(course: Course) -> tuple[FieldDay, ...]:
    known = course.began.keys() | course.completed.keys()
    if not known:
        return ()
    days = range(min(known), max(known) + 1)
    return tuple(FieldDay(EPOCH + timedelta(days=day), course.began[day], course.completed[day]) for day in days)


def _by_code(course: Course, name: str) -> tuple[tuple[str, int], ...]:
    """The count of each code of a variable by its label; empty where there is no such variable."""
    variable = course.layout.variable.get(name)
    if variable is None or variable.section:
        return ()
    return tuple((label, n) for (_, label), n in zip(variable.codes, course.by_code(name), strict=True))

