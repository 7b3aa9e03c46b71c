"""Texts of a survey that nobody has written yet: placeholders that respondents must not read."""

from __future__ import annotations

import re

from app.survey.documents.places import Path
from app.survey.items.context import SurveyContext

#: What stands for words that are still to be written, in the languages of the service and as editors leave it.
PLACEHOLDER = re.compile(
    r"""
      \[ [^\]\n(]* \b(?:to\ (?:fill|be\ (?:filled|added|completed|confirmed|determined))|fill\ in|insert|your|enter|einfügen|ausfüllen|
          eintragen|ergänzen|à\ (?:compléter|remplir)|insérer|completar|rellenar|insertar)\b [^\]]* \] (?!\()
    | \[ \s* (?:name|date|e-?mail|phone|institution|university|address|number) \s* \] (?!\()
    | \b(?:TODO|TBD|TBC|TBA|FIXME|XXX+)\b
    | \b(?i:lorem\ ipsum)\b
    | (?i:[\w.+-]+@|\b(?:https?://)?(?:www\.)?)\bexample\.(?i:com|org|net|edu)\b
    | <(?i:your|name|date|e-?mail|institution)[^<>]*>
    """,
    re.VERBOSE,
)
BRACKETED = re.compile(r"\[[^\]\n(]*\]", re.DOTALL)


def about_placeholder(m: SurveyContext, path: Path, text: str) -> None:
    found = placeholder_in(text)
    if found is not None:
        shown = found if len(found) <= 40 else f"{found[:39]}…"
        what = f'"{shown}" looks like a placeholder'
        m.warn(path, "placeholder", what, "Write the text that respondents should read, or leave the key out.")


def placeholder_in(text: str) -> str | None:
    words = " ".join(text.split())
    found = PLACEHOLDER.search(words) or PLACEHOLDER.search(lowered(words))
    return words[found.start() : found.end()] if found else None


def lowered(words: str) -> str:
    """With what stands in brackets in small letters: "[TO FILL IN: ...]" is found like "[to fill in: ...]"."""
    return BRACKETED.sub(lambda bracket: bracket[0].lower(), words)
