"""What a page of the form shows to one respondent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

ShownProblem = tuple[str, str, str]
"""Field, item id, message: plain text. The field is the name of a form field, or "" for a whole item."""

NOTHING: Mapping[str, Any] = {}


class PageState(NamedTuple):
    """All texts are plain; they are escaped where they are filled in."""

    token: str
    values: Mapping[str, Sequence[str]] = NOTHING  # form fields by name, as they are sent
    visible: Collection[str] = ()  # conditional items to show; the others are hidden and disabled
    off: Collection[str] = ()  # hidden options and statements, each as `<item>.<code or id>`
    known: Mapping[str, Any] = NOTHING  # earlier answers: the browser gets those that this page's conditions need
    piped: Mapping[str, str] = NOTHING  # the text for each pipe
    orders: Mapping[str, Sequence[Any]] = NOTHING  # of shuffled ids or codes, by item or `section.<id>`
    backwards: Collection[str] = ()  # items whose scales, and `<item>.<pair>` whose poles, are shown the other way round
    bounds: Mapping[str, tuple[str, str]] = NOTHING  # by item: the first and the last date
    back: str | None = None  # an address
    progress: tuple[int, int, int] | None = None
    """The section's number on the path (from 1), and how many there are at least and at most."""
    open_before: str | None = None  # the address of the page before, if items on it were left empty
    failure: str = ""  # why the page could not be stored: nothing else is said about it then
    problems: Sequence[ShownProblem] = ()  # errors
    reminders: Sequence[ShownProblem] = ()  # optional items that were left empty: shown more gently
    doubts: Sequence[ShownProblem] = ()  # answers that may be right: shown more gently
    asked: Iterable[str] = ()  # items that need not be asked about again
    confirmed: Iterable[str] = ()  # doubts that need not be raised again
    private: bool = False  # whether the page shows an answer that must not stay in the browser
