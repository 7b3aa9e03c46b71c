"""Warnings about conditions, at the place where each condition is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.survey.conditions.dead_conditions import Doubt, doubts
from app.survey.documents.places import Path
from app.survey.items.context import SurveyContext
from app.survey.model import Instrument


def about_conditions(m: SurveyContext, instrument: Instrument) -> None:
    """A repeated item is reported once, and only if the warning applies to every repetition."""
    places = dict(standing(m, instrument))
    times = Counter(places.values())
    reported: dict[tuple[Path, Path, str], list[Doubt]] = {}
    for doubt in doubts(instrument):
        home = places.get((doubt.section, doubt.item))
        if doubt.section is None:
            home = ("screen_out" if doubt.part in m.survey.screen_out else "quotas", doubt.part)
        if home is not None:
            reported.setdefault((home, condition_of(m, home, doubt), doubt.code), []).append(doubt)
    for (home, path, code), found in reported.items():
        every_time = len({(doubt.section, doubt.item) for doubt in found}) >= times.get(home, 1)
        # A condition that nobody has written may well hold always.
        if every_time and (path != home or code == "never-true"):
            m.warn(path, code, found[0].what, found[0].remedy, key=path == home)


def standing(m: SurveyContext, instrument: Instrument) -> Iterator[tuple[tuple[str, str | None], Path]]:
    """The path of each section and each item in the file."""
    for section in instrument.sections:
        for item in section.items:
            if item.id in m.first:
                yield (section.id, None), m.first[item.id][:2]
                yield (section.id, item.id), m.first[item.id][:4]


def condition_of(m: SurveyContext, home: Path, doubt: Doubt) -> Path:
    """The path of the condition in doubt; if it is not written out, the path of what it hides."""
    if doubt.part is None or doubt.section is None:
        path = (*home, doubt.key)
        return path if path in m.document.values else home
    ends = (doubt.part, doubt.key)
    found = (path for path in m.document.values if path[: len(home)] == home and path[-2:] == ends)
    return next(found, home)
