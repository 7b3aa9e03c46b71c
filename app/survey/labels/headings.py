"""Questions as headings of results, where nobody's answer can stand in a pipe."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.survey.texts import UNKNOWN

PIPE = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?)\}")
LONGEST_ARMS = 80  # characters of all arms together, where they are written into a heading
AT_A_WORD = re.compile(r"(?<=\W)|(?=\W)")


def without_pipes(text: str, known: Mapping[str, Sequence[str]]) -> str:
    """A plain text (`Text.plain`) with the names of all arms in place of a pipe of an arm, if they are short, and an
    ellipsis in place of any other. `known` are the labels of each name that can be piped: none but for an arm."""

    def said(pipe: re.Match[str]) -> str:
        if pipe[1] not in known:
            return pipe[0]
        labels = " / ".join(known[pipe[1]])
        return labels if 0 < len(labels) <= LONGEST_ARMS else UNKNOWN

    return PIPE.sub(said, text).replace(f"{UNKNOWN}.", UNKNOWN) if "{" in text else text


def in_common(texts: Sequence[str]) -> str:
    """What texts have in common at their beginning and end, with an ellipsis for what differs between: one question
    asked about several entries. The first text where they have nothing in common."""
    first = [AT_A_WORD.split(text) for text in texts]
    if len(set(texts)) < 2:
        return texts[0] if texts else ""
    shortest = min(map(len, first))
    start = _alike(first, shortest)
    end = _alike([each[::-1] for each in first], shortest - start)
    if not any(part.strip(" ,.:;?!…“”\"'") for part in (*first[0][:start], *first[0][len(first[0]) - end :])):
        return texts[0]
    before, after = "".join(first[0][:start]), "".join(first[0][len(first[0]) - end :])
    return f"{before}{UNKNOWN}{after}".replace(UNKNOWN * 2, UNKNOWN)


def _alike(texts: Sequence[Sequence[str]], most: int) -> int:
    """How many pieces all of them begin with."""
    place = 0
    while place < most and len({each[place] for each in texts}) == 1:
        place += 1
    return place
