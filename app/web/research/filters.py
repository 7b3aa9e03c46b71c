"""A dashboard's filter, as a researcher writes it."""

from __future__ import annotations

from dataclasses import dataclass

from app.survey.conditions.language import Condition, ConditionFault, parse_condition, whole_scope
from app.survey.model import Instrument


@dataclass(frozen=True)
class Filter:
    """The text of a filter, and its condition or the reason why it has none."""

    written: str = ""
    condition: Condition | None = None
    fault: str = ""


def read_filter(written: str, instrument: Instrument) -> Filter:
    written = written.strip()
    if not written:
        return Filter()
    try:
        return Filter(written, parse_condition(written, whole_scope(instrument)))
    except ConditionFault as fault:
        return Filter(written, None, f"{fault.what[0].upper()}{fault.what[1:]}. {fault.remedy}")
