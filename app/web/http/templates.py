"""The environment in which the pages' templates are rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from app.interview.rendering.arrangement import ends, has_words
from app.languages.catalogues import ENGLISH, catalogue
from app.languages.formats import own_name, write_date, write_number
from app.survey.texts import UNKNOWN, Pipe, Text

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
NAME = "Second Opinion"
SHORT = 700  # characters of a text that is shown in full above a button


def environment(folder: Path, static_url: Callable[[str], str] = "/static/{}".format) -> Environment:
    """Templates of `folder`. `static_url` gives the address of a static file by its name."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    made.filters |= {
        "inline": inline,
        "block": block,
        "opening": opening,
        "plain": plain, "said": said,
        "day": write_date,
        "number": write_number,
    }
    made.tests["worded"] = has_words
    made.globals |= {"static": static_url, "direction": direction, "ends": ends, "site": NAME}
    made.globals |= {"catalogue": catalogue, "own_name": own_name}
    return made


def direction(language: str) -> str:
    """The direction of writing of a language tag, as HTML's `dir`."""
    return "rtl" if language.lower().split("-")[0] in RIGHT_TO_LEFT else "ltr"


def language_of(context: Context) -> str:
    """The language of the page: the template's variable `language`."""
    return context.get("language") or ENGLISH


@pass_context
def gettext(context: Context, sentence: str) -> str:
    return catalogue(language_of(context)).gettext(sentence)


@pass_context
def ngettext(context: Context, one: str, several: str, number: int) -> str:
    return catalogue(language_of(context)).ngettext(one, several, number)


@pass_context
def inline(context: Context, text: Text) -> Markup:
    """A text within a line. Its pipes take their values from the template's variable `piped`."""
    return _joined(text.inline, context.get("piped") or {})


@pass_context
def block(context: Context, text: Text) -> Markup:
    """A text as paragraphs. Its pipes take their values from the template's variable `piped`."""
    return _joined(text.block, context.get("piped") or {})


def opening(paragraphs: Markup) -> tuple[Markup, Markup]:
    """The first paragraph and the rest of a text that is too long to be read before the button below it; otherwise
    all of it and nothing."""
    first, end, rest = paragraphs.partition("</p>")
    if len(paragraphs.striptags()) <= SHORT or not rest.strip():
        return paragraphs, Markup("")
    return Markup(first + end), Markup(rest)


@pass_context
def said(context: Context, words: Any) -> str:
    """Words of a chart: a translated sentence with its values, which may be sentences themselves; or a text of the
    survey, unchanged."""
    if isinstance(words, str):
        return words
    values = {name: said(context, value) if isinstance(value, tuple) else value for name, value in words.values.items()}
    return Markup(gettext(context, words.form) % {name: escape(value) for name, value in values.items()})


def plain(text: Text) -> str:
    """A text without markup and pipes: for titles and attributes, where nothing is piped."""
    words = "".join(part if isinstance(part, str) else "…" for part in text.inline)
    return Markup(words).striptags()


def _joined(parts: Iterable[str | Pipe], piped: Mapping[str, Any]) -> Markup:
    return Markup("").join(Markup(part) if isinstance(part, str) else _piped(piped, part) for part in parts)


def _piped(piped: Mapping[str, Any], pipe: Pipe) -> Markup:
    try:
        return escape(piped[pipe.source])
    except KeyError:
        return escape(UNKNOWN if pipe.fallback is None else pipe.fallback)
