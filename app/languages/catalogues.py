"""The service's own words in the languages that it speaks: gettext catalogues, in `app/languages/locale`.

`python -m app.languages.locale.build` brings them up to date with what templates and modules say.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "locale"
ENGLISH = "en"


def N_(sentence: str) -> str:
    """Marks a sentence for the catalogues; it is translated where it is shown."""
    return sentence


@lru_cache(maxsize=256)
def catalogue(language: str) -> gettext.NullTranslations:
    """A language's words; those of its mother language (`de` for `de-AT`), or English, where it has no catalogue."""
    for name in (language, language.partition("-")[0]):
        file = FOLDER / f"{name}.mo"
        if name.replace("-", "").isalnum() and file.exists():
            with file.open("rb") as opened:
                return gettext.GNUTranslations(opened)
    return gettext.NullTranslations()


@lru_cache(maxsize=1)
def spoken() -> tuple[str, ...]:
    """The languages that the service speaks."""
    return (ENGLISH, *sorted(file.stem for file in FOLDER.glob("*.mo")))


def preferred(accepted: str, offered: Sequence[str]) -> str | None:
    """Of the languages offered, the one that an Accept-Language header (RFC 9110) asks for first; None if none.

    A language stands for its regions, and a region for its language: `de-AT` takes `de`, and `pt` takes `pt-BR`.
    """
    for asked in sorted(_asked(accepted), key=lambda one: -one[1]):
        for language in _matching(asked[0], offered):
            return language
    return None


def _asked(accepted: str) -> Iterator[tuple[str, float]]:
    """The languages of a header with their weights, but for those refused."""
    for part in accepted[:1000].split(","):
        language, _, weight = part.partition(";")
        name, _, number = weight.strip().partition("=")
        try:
            quality = float(number) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if 0 < quality <= 1 and language.strip():
            yield language.strip().lower(), quality


def _matching(asked: str, offered: Sequence[str]) -> Iterator[str]:
    if asked == "*":
        yield from offered
    yield from (language for language in offered if language.lower() == asked)
    mother = asked.partition("-")[0]
    yield from (language for language in offered if language.lower() == mother)
    yield from (language for language in offered if language.lower().partition("-")[0] == mother)
