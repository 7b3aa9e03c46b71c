"""Warnings about weights: whom they leave out."""

from __future__ import annotations

from app.survey.faults import one_of
from app.survey.items.context import SurveyContext
from app.survey.model import Instrument


def about_weights(m: SurveyContext, instrument: Instrument) -> None:
    """Warns where weights depend on what is not asked of everyone: who is not asked has no weight."""
    for name in instrument.weights.targets if instrument.weights else ():
        computed = instrument.computed_by_name.get(name)
        asked = sorted(item for item in _items(m, computed.names if computed else {name}) if not _asked_of_all(instrument, item))
        if asked:
            m.warn(
                ("weights", "rake", name), "weights-not-of-all",
                f"{one_of(asked)} {'is' if len(asked) == 1 else 'are'} not asked of everyone, and those who are not asked have no weight",
                "Rake to something that everyone is asked, or ask it of everyone.", key=True,
            )  # fmt: skip


def _items(m: SurveyContext, names: frozenset[str] | set[str]) -> set[str]:
    return {name.split(".")[0] for name in names} & set(m.items)


def _asked_of_all(instrument: Instrument, name: str) -> bool:
    section = next(section for section in instrument.sections if any(item.id == name for item in section.items))
    return section.show_if is None and instrument.item[name].show_if is None
