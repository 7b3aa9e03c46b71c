"""What was typed on a page that is shown again in another language."""

from __future__ import annotations

from app.interview.form import Form
from app.languages.formats import Ambiguous, plain_number, read_number
from app.survey.model import Section


def retyped(section: Section, form: Form, old: str, new: str) -> dict[str, list[str]]:
    """A form's fields with numbers as one would have typed them in the new language: `1.234,5` as `1234.5`.

    What is no number, or could be two, is left as it was typed.
    """
    fields = {name: list(values) for name, values in form.items()}
    for item in section.items:
        if item.number_fields:
            for name in item.names:
                if name in fields:
                    fields[name] = [_retyped(typed, old, new) for typed in fields[name]]
    return fields


def _retyped(typed: str, old: str, new: str) -> str:
    try:
        number = read_number(typed, old)
    except Ambiguous:
        return typed
    return typed if number is None else plain_number(number, new)
