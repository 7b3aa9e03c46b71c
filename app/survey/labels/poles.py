"""Scales with two poles, such as from disagreement to agreement, and scales of amounts, such as from not at all to
completely: they are drawn differently.

A survey file may say which (`poles: true` in a scale). Otherwise the labels decide, in the languages of the service:

1. Both ends speak of agreement: two poles.
2. One end says that there is nothing, such as "not at all", "never" or "no obstacle": an amount.
3. Both ends differ in one word of several, such as "only failure" and "only growth": two poles.
4. The ends hold two opposites, such as worse and better: two poles.
5. The middle of an odd number of points is neutral, such as "neither" or "both equally": two poles.
6. Anything else, and a scale without labels at its ends, is an amount.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")

#: Beginnings of words that speak of agreement.
AGREEMENT = ("agree", "disagree", "zustimm", "stimme", "accord", "d’accord", "d'accord", "désaccord", "acuerdo", "desacuerdo", "أوافق", "موافق", "اوافق")
#: What an end says that means nothing, as whole words.
NOTHING = (
    "no", "not", "none", "never", "nothing", "without", "zero", "nobody",
    "nicht", "nie", "niemals", "kein", "keine", "keinen", "keinem", "keiner", "keines", "nichts", "ohne", "nein",
    "pas", "jamais", "aucun", "aucune", "rien", "nul", "nulle", "sans", "non",
    "nada", "nunca", "ningún", "ninguna", "ninguno", "sin", "jamás",
    "لا", "أبدا", "أبدًا", "ليس", "بدون", "إطلاقا", "إطلاقًا", "مطلقا", "مطلقًا", "لم",
)  # fmt: skip
#: Opposites: beginnings of words, each with those of its other pole.
OPPOSITES = (
    (("worse", "bad", "poor", "negativ", "schlecht", "mauvais", "pire", "négati", "peor", "mal", "أسوأ", "سيئ", "سلبي"),
     ("better", "good", "excellent", "positiv", "besser", "gut", "bon", "mieux", "meilleur", "mejor", "buen", "bien", "أفضل", "جيد", "إيجابي")),
    (("less", "fewer", "decreas", "weniger", "moins", "menos", "أقل"), ("more", "increas", "mehr", "plus", "más", "أكثر")),
    (("unlikely", "improbable", "unwahrscheinlich", "peu"), ("likely", "probable", "wahrscheinlich", "très")),
    (("dissatisf", "unzufrieden", "insatisf", "mécontent"), ("satisf", "zufrieden", "content")),
    (("hard", "difficult", "schwer", "schwierig", "difficile", "difícil", "صعب"), ("easy", "einfach", "leicht", "facile", "fácil", "سهل")),
    (("oppose", "against", "dagegen", "gegen", "contre", "contra", "ضد"), ("support", "favour", "favor", "dafür", "für", "pour", "مع")),
    (("unimportant", "unwichtig"), ("important", "wichtig")),
    (("loss", "lose", "loses", "verlier"), ("gain", "gewinn")),
)  # fmt: skip
#: Beginnings of words in the middle of a scale that say that it leans to neither side.
NEUTRAL = (
    "neither", "neutral", "both", "undecided", "unsure", "equal", "same", "weder", "beides", "sowohl", "das andere", "gleich", "unentschieden", "teils",
    "ni", "neutre", "autant", "indécis", "égal", "igual", "neutro", "indeciso", "ambos", "محايد", "كلاهما", "متساو",
    "one as the other", "as much as", "about as",
)  # fmt: skip


@lru_cache(maxsize=2048)
def has_poles(labels: tuple[str, ...]) -> bool:
    """Of the labels of a scale from its first point to its last, "" for a point without one."""
    if len(labels) < 2 or not labels[0].strip() or not labels[-1].strip():
        return False
    first, last = (_words(labels[end]) for end in (0, -1))
    if _begins(first, AGREEMENT) and _begins(last, AGREEMENT):
        return True
    if not set(NOTHING).isdisjoint(first) or not set(NOTHING).isdisjoint(last):
        return False
    return _differ_in_one(first, last) or _are_opposite(first, last) or _has_neutral_middle(labels)


@lru_cache(maxsize=2048)
def begins_with_much(labels: tuple[str, ...]) -> bool:
    """Whether the first point of an amount is the most: its last says that there is nothing."""
    nothing = set(NOTHING)
    return len(labels) > 1 and not nothing.isdisjoint(_words(labels[-1])) and nothing.isdisjoint(_words(labels[0]))


def pole_names(first: str, last: str) -> tuple[str, str]:
    """What the ends of a scale have not in common: "failure" and "growth" of "Only failure" and "Only growth"."""
    left, right = first.split(), last.split()
    start = 0
    while start < min(len(left), len(right)) - 1 and left[start].casefold() == right[start].casefold():
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start - 1 and left[-1 - end].casefold() == right[-1 - end].casefold():
        end += 1
    cut = [" ".join(words[start : len(words) - end]) for words in (left, right)]
    return (cut[0] or first, cut[1] or last) if start or end else (first, last)


def _words(label: str) -> list[str]:
    return WORD.findall(label.casefold())


def _begins(words: Sequence[str], stems: Sequence[str]) -> bool:
    return any(word.startswith(stem) for word in words for stem in stems)


def _differ_in_one(first: Sequence[str], last: Sequence[str]) -> bool:
    if len(first) != len(last) or len(first) < 2:
        return False
    return sum(one != other for one, other in zip(first, last, strict=True)) == 1


def _are_opposite(first: Sequence[str], last: Sequence[str]) -> bool:
    return any(
        (_begins(first, low) and _begins(last, high)) or (_begins(first, high) and _begins(last, low))
        for low, high in OPPOSITES
    )


def _has_neutral_middle(labels: Sequence[str]) -> bool:
    if len(labels) % 2 == 0:
        return False
    middle = labels[len(labels) // 2].casefold()
    return any(re.search(rf"(?<!\w){re.escape(stem)}", middle) for stem in NEUTRAL)
