"""Sentences for respondents: templates with named values, so that each language can put them in its own order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.survey.texts import Text


def N_(template: str) -> str:
    """Marks a sentence for the catalogues of translations; it is translated where it is shown."""
    return template


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field cannot be accepted: a sentence for the respondent, with the values it names.

    `values` are already written in the respondent's language. `say` is the researcher's own sentence, which stands
    in place of the template's and may pipe answers. `confirmed_by` is of a soft check: what the form's `confirmed`
    must hold for it to be accepted as it is.
    """

    field: str
    item: str
    template: str
    values: tuple[tuple[str, Any], ...] = ()
    say: Text | None = None
    confirmed_by: str = ""

    @property
    def message(self) -> str:
        """The sentence in English, or in the researcher's words."""
        if self.say is not None:
            return self.say.plain
        return self.template % dict(self.values) if self.values else self.template
