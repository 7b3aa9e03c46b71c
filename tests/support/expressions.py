"""Conditions drawn by Hypothesis over any names, and surveys to ask them of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from hypothesis import strategies as st

from app.survey.conditions.language import Answer, whole_scope
from app.survey.conditions.types import kind_of
from app.survey.model import Instrument
from app.survey.source.reading import read_survey

Draw = st.DrawFn
ORDER = ["<", "<=", ">", ">=", "==", "!="]
WORDS = ["relief", "=1", "ä 🩺", "5", "left"]
DATES = {
    "day": ["2026-11-22", "2024-02-29", "1999-12-31"],
    "month": ["2026-11", "2024-02"],
    "year": ["2026", "1999"],
}
LITERALS = st.integers(-9, 99) | st.sampled_from([0.1, 0.5, 2.5, 1e-7, 9007199254740991, 0])


def quoted(word: Any) -> str:
    return f'"{word}"' if isinstance(word, str) else str(word)


def listed(words: list[Any]) -> str:
    return f"[{', '.join(map(quoted, words))}]"


@st.composite
def conditions(draw: Draw, known: Mapping[str, Answer], deep: int = 3) -> str:
    """A condition that speaks of these names and is sound."""
    return _Drawing(draw, known).truth(deep)


class _Drawing:
    """One condition being drawn. `deep` is how many operations may still be nested."""

    def __init__(self, draw: Draw, known: Mapping[str, Answer]):
        self.draw, self.known = draw, known
        single = [answer for answer in known.values() if not answer.parts]
        self.numbers = [each for each in single if kind_of(each) == "number"]
        self.coded = [each for each in single if kind_of(each) == "code"]
        self.lists = [each for each in single if each.is_list]
        self.rankings = [each for each in single if each.kind == "ranks"]
        self.texts = [each for each in single if each.kind == "text"]
        self.dates = [each for each in single if each.kind == "date"]
        self.truths = [each for each in single if each.kind == "truth"]
        self.several = [each for each in known.values() if each.parts]
        self.testing = 0  # within a test a loop stands for one of its entries

    def one(self, these: Any) -> Any:
        return self.draw(st.sampled_from(list(these)))

    def some(self, make: Callable[[], str], most: int = 3) -> list[str]:
        return [make() for _ in range(self.draw(st.integers(1, most)))]

    def codes(self, answer: Answer) -> list[Any]:
        return self.draw(st.lists(st.sampled_from(answer.codes), min_size=1, max_size=3))

    # numbers

    def number(self, deep: int) -> str:
        """Never a bare literal, which beside a scale would have to be a point of it."""
        ways = [lambda: f"({self.draw(LITERALS)} + 0)", *self.leaves()]
        if deep > 0:
            ways += self.larger(deep - 1)
        return self.one(ways)()

    def leaves(self) -> list[Callable[[], str]]:
        ways: list[Callable[[], str]] = []
        if self.numbers:
            ways += [lambda: self.one(self.numbers).name] * 3
        if self.lists:
            ways.append(lambda: f"count({self.one(self.lists).name})")
        whole = [each for each in self.several if each.kind != "loop" or not self.testing]
        if whole:
            ways.append(lambda: f"count({self.one(whole).name})")
        if self.rankings:
            ways.append(self.rank)
        if self.dates:
            ways += [lambda: f"year({self.one(self.dates).name})", self.month_or_days]
        return ways

    def rank(self) -> str:
        ranking = self.one(self.rankings)
        return f"rank({ranking.name}, {quoted(self.one(ranking.codes))})"

    def month_or_days(self) -> str:
        day = self.one(self.dates)
        if day.precision == "year":
            return f"year({day.name})"
        if day.precision == "month":
            return f"month({day.name})"
        return f"days({self.date('day')}, {day.name})"

    def larger(self, deep: int) -> list[Callable[[], str]]:
        number = lambda: self.number(deep)  # noqa: E731
        return [
            lambda: f"({number()} {self.one('+-*/')} {number()})",
            lambda: f"-({number()})",
            lambda: f"abs({number()})",
            lambda: f"round({number()}{self.one(['', ', 1', ', 3'])})",
            lambda: (
                f"{self.one(['min', 'max', 'mean', 'sum'])}({', '.join(self.some(lambda: self.measured(deep)))})"
            ),
            lambda: f"coalesce({', '.join(self.some(number))})",
            lambda: f"({number()} if {self.truth(deep)} else {self.one([number, lambda: 'null'])()})",
            lambda: f"count({', '.join(self.some(lambda: self.test(deep)))})",
        ]

    def measured(self, deep: int) -> str:
        whole = [each for each in self.several if all(kind_of(leaf) == "number" for leaf in each.leaves)]
        return self.one(whole).name if whole and self.draw(st.booleans()) else self.number(deep)

    # other values

    def code(self, answer: Answer) -> str:
        """Something that is one of a choice's codes."""
        code = quoted(self.one(answer.codes))
        return self.one([answer.name, f"coalesce({answer.name}, {code})"])

    def date(self, precision: str) -> str:
        alike = [each.name for each in self.dates if each.precision == precision]
        return self.one([*alike, f'date("{self.one(DATES[precision])}")'])

    def text(self) -> str:
        return self.one(
            [self.one(self.texts).name, f"coalesce({self.one(self.texts).name}, {self.one(self.texts).name})"]
        )

    # true or false

    def truth(self, deep: int) -> str:
        ways = [self.simple, self.simple]
        if deep > 0:
            inner = lambda: self.truth(deep - 1)  # noqa: E731
            ways += [
                lambda: f"not ({inner()})",
                lambda: f"({self.one([' and ', ' or ']).join(self.some(inner))})",
                lambda: f"({inner()} if {inner()} else {inner()})",
                lambda: f"{self.one(['any', 'all'])}({', '.join(self.some(lambda: self.test(deep - 1)))})",
                lambda: f"{self.number(deep)} {self.one(ORDER)} {self.number(deep)}",
                lambda: (
                    f"{self.number(deep)} + 0 {self.one(['in', 'not in'])} {listed(self.some(lambda: self.draw(LITERALS)))}"
                ),
            ]
        return self.one(ways)()

    def test(self, deep: int) -> str:
        """A truth, or one of each row of a matrix or entry of a loop."""
        self.testing += 1
        try:
            return self.tested(deep)
        finally:
            self.testing -= 1

    def tested(self, deep: int) -> str:
        ways: list[Callable[[], str]] = [lambda: self.truth(deep)]
        for each in self.several:
            kinds = {kind_of(part) for part in each.parts}
            if kinds == {"number"}:
                ways.append(lambda name=each.name: f"{name} {self.one(ORDER)} ({self.draw(LITERALS)} + 0)")
            if len({part.codes for part in each.parts}) == 1 and each.parts[0].kind == "choice":
                ways.append(
                    lambda part=each.parts[0], name=each.name: f"{name} == {quoted(self.one(part.codes))}"
                )
            if each.kind == "loop" and "statements" in kinds:
                ways.append(lambda name=each.name: f"count({name}) > 0")
        return self.one(ways)()

    def simple(self) -> str:
        ways: list[Callable[[], str]] = [lambda: self.one(["true", "false"]), self.presence]
        pools = [
            (self.numbers, self.ordered), (self.coded, self.coded_test), (self.lists, self.list_test),
            (self.texts, self.text_test), (self.dates, self.date_test), (self.several, self.loop_test),
        ]  # fmt: skip
        for pool, way in pools:
            ways += [way] * (2 if pool else 0)
        if self.truths:
            ways.append(lambda: self.one(self.truths).name)
        return self.one(ways)()

    def presence(self) -> str:
        answer = self.one(self.known.values())
        words = ["answered", "missing"]
        if not answer.is_computed:
            words += ["asked", "declined", "dont_know", "not_applicable"]
        return f"{self.one(words)}({answer.name})"

    def ordered(self) -> str:
        answer = self.one(self.numbers)
        literal = self.one(answer.codes) if answer.codes else self.draw(LITERALS)
        sides = [answer.name, str(literal)]
        order = self.one(ORDER)
        if answer.codes and self.draw(st.booleans()):
            return f"{answer.name} {self.one(['in', 'not in'])} {listed(self.codes(answer))}"
        return f" {order} ".join(sides if self.draw(st.booleans()) else sides[::-1])

    def coded_test(self) -> str:
        answer = self.one(self.coded)
        either = self.one(["==", "!="])
        ways = [
            lambda: f"{self.code(answer)} {either} {quoted(self.one(answer.codes))}",
            lambda: f"{quoted(self.one(answer.codes))} {either} {answer.name}",
            lambda: f"{self.code(answer)} {self.one(['in', 'not in'])} {listed(self.codes(answer))}",
            lambda: f"{answer.name} {either} {self.one(self.coded).name}",
            lambda: (
                f'("a" if {self.presence()} else {answer.name}) {either} {self.one([chr(34) + "a" + chr(34), answer.name])}'
            ),
        ]
        return self.one(ways)()

    def list_test(self) -> str:
        answer = self.one(self.lists)
        code = quoted(self.one(answer.codes))
        return self.one([
            f"has({answer.name}, {code})",
            f"{code} {self.one(['in', 'not in'])} {answer.name}",
            f"{self.one(['any_of', 'all_of'])}({answer.name}, {listed(self.codes(answer))})",
        ])  # fmt: skip

    def loop_test(self) -> str:
        loops = [
            each for each in self.several if each.kind == "loop" and all(part.is_list for part in each.parts)
        ]
        if not loops:
            return f"any({self.test(0)})"
        loop = self.one(loops)
        return self.one(
            [
                f"has({loop.name}, {quoted(self.one(loop.codes))})",
                f"any_of({loop.name}, {listed(self.codes(loop))})",
            ]
        )

    def text_test(self) -> str:
        word = quoted(self.one([*WORDS, ""]))
        return self.one([
            f"{self.text()} {self.one(['==', '!='])} {self.one([word, self.text()])}",
            f"{self.text()} {self.one(['in', 'not in'])} {listed([self.one(WORDS), self.one(WORDS)])}",
        ])  # fmt: skip

    def date_test(self) -> str:
        precision = self.one(self.dates).precision
        ways = [
            f"{self.date(precision)} {self.one(ORDER)} {self.date(precision)}",
            f'{self.date(precision)} in [date("{self.one(DATES[precision])}"), date("{self.one(DATES[precision])}")]',
        ]
        return self.one(ways)


# --- surveys ---------------------------------------------------------------------------------------------

CODES = [["pay", "visa", "time"], ["yes", "no"], [1, 2, 3], [-1, 0, 10], ["a", "b", "c", "d"]]
SCALES = [[1, 2, 3, 4, 5], [-2, -1, 0, 1, 2], ["good", "bad"]]


TYPES = (
    "single_choice", "multiple_choice", "dropdown", "ranking", "constant_sum", "best_worst", "rating", "nps", "matrix",
    "semantic_differential", "number", "slider", "date", "text",
)  # fmt: skip


def _options(codes: list[Any]) -> dict[Any, Any]:
    return {code: f"Option {code}" for code in codes}


@st.composite
def _items(draw: Draw, number: int) -> dict[str, Any]:
    codes, scale = draw(st.sampled_from(CODES)), draw(st.sampled_from(SCALES))
    made: dict[str, dict[str, Any]] = {
        "single_choice": {"options": _options(codes)},
        "multiple_choice": {"options": _options(codes)},
        "dropdown": {"options": _options(codes)},
        "ranking": {"options": _options(codes), "top": draw(st.integers(1, len(codes)))},
        "constant_sum": {"options": _options([1, 2] if isinstance(codes[0], int) else codes[:2])},
        "best_worst": {"options": _options(["p", "q", "r"]), "best": "Best", "worst": "Worst"},
        "rating": {"scale": _options(scale)},
        "nps": {"low": "No", "high": "Yes"},
        "matrix": {"scale": _options(scale), "statements": {"one": "One", "two": "Two"}},
        "semantic_differential": {"points": 5, "pairs": {"warm": ["Cold", "Warm"], "safe": ["Unsafe", "Safe"]}},
        "number": {"range": [-50, 1000], "decimals": draw(st.sampled_from([0, 2]))},
        "slider": {"range": [0, 10]},
        "date": {"precision": draw(st.sampled_from(["day", "month", "year"]))},
        "text": {},
    }  # fmt: skip
    columns = {
        "now": {"label": "Now", "scale": _options(scale)},
        "then": {"label": "Then", "scale": _options([1, 2])},
    }
    made["matrix "] = {"columns": columns, "statements": {"one": "One", "two": "Two"}}
    kind = draw(st.sampled_from(sorted((*TYPES, "matrix "))))
    return {"type": kind.strip(), "ask": f"Question {number}?", **made[kind]}


@st.composite
def surveys(draw: Draw) -> Instrument:
    """Three to seven items of any type in two sections and a loop, some with conditions on what comes before."""
    items = [draw(_items(number)) for number in range(draw(st.integers(3, 7)))]
    cut = draw(st.integers(1, len(items) - 1))
    named = {f"i{number}": item for number, item in enumerate(items)}
    first = dict(list(named.items())[:cut])
    source: dict[str, Any] = {
        "title": "Drawn",
        "arms": {"arm": ["left", "right"]},
        "sections": {
            "a": {"items": first},
            "b": {"items": {name: item for name, item in named.items() if name not in first}},
        },
    }
    listing = [name for name, item in first.items() if item["type"] in ("multiple_choice", "ranking")]
    if listing:
        loop = {"w": {"type": "rating", "ask": "Weight?", "scale": {1: "Low", 2: "High"}}}
        source["sections"]["c"] = {"for_each": listing[0], "items": loop}
    _work_out(draw, source, whole_scope(read(source)).known)
    _hide(draw, source, read(source))
    return read(source)


def _work_out(draw: Draw, source: dict[str, Any], known: Mapping[str, Answer]) -> None:
    """A computed truth and a score, where there is something to make them of."""
    source["compute"] = {"t": _Drawing(draw, known).truth(1)}
    numeric = [name for name, answer in known.items() if not answer.parts and kind_of(answer) == "number"]
    asked = [name for name in numeric if not known[name].is_computed]
    if asked:
        parts = draw(st.lists(st.sampled_from(asked), min_size=1, max_size=3, unique=True))
        how = draw(st.sampled_from(["mean", "sum", "sum_prorated", "count"]))
        score: dict[str, Any] = {"label": "Score", how: parts}
        if draw(st.booleans()):
            score |= {"at_least": len(parts), "to": [0, 100]}
        if draw(st.booleans()):
            score["reverse"] = parts[:1]
        source["scores"] = {"s": score | {"bands": {"low": {"label": "Low", "below": 5}, "high": "High"}}}


def _hide(draw: Draw, source: dict[str, Any], whole: Instrument) -> None:
    """Conditions on some items of the second section and their options, on what is asked in the first."""
    before = {name for name, item in whole.item.items() if item in whole.section["a"].items}
    known = {
        name: answer for name, answer in whole_scope(whole).known.items()
        if name.split(".")[0] in before or name == "arm"
    }  # fmt: skip
    for item in source["sections"]["b"]["items"].values():
        if draw(st.integers(0, 3)) == 0:
            item["show_if"] = _Drawing(draw, known).truth(1)
        options = item.get("options")
        if options and item["type"] != "constant_sum" and draw(st.integers(0, 3)) == 0:
            last = list(options)[-1]
            options[last] = {"label": "Hidden or not", "show_if": _Drawing(draw, known).truth(0)}


def read(source: dict[str, Any]) -> Instrument:
    instrument, faults = read_survey(
        yaml.safe_dump(source, sort_keys=False, allow_unicode=True).encode(), "drawn"
    )
    assert instrument is not None, (faults, yaml.safe_dump(source, sort_keys=False, allow_unicode=True))
    return instrument
