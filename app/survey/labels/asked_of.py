"""Conditions in words, by the labels of what they name: `status in ["left", "returned"]` reads as "who chose “Left” or
“Came back”". They complete the sentence "Asked of those ...", in English: only researchers read them.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from app.survey.conditions.language import name_of, syntax_of, whole_scope
from app.survey.items.answer import Answer
from app.survey.labels.headings import in_common, without_pipes
from app.survey.model import Code, Instrument

LONGEST = 400  # characters; a longer caption is harder to read than the condition
LONGEST_QUESTION, LONGEST_LABEL = 60, 50
SHORTEST_CLEAR = 5  # letters: a shorter label, such as "Yes", says nothing without its question
NEGATED = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In}  # fmt: skip
MIRRORED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
#: Of a number, what a comparison with it says.
AMOUNT = {ast.Eq: "{}", ast.NotEq: "a number other than {}", ast.Lt: "less than {}", ast.LtE: "{} or less", ast.Gt: "more than {}", ast.GtE: "{} or more"}  # fmt: skip
WHEN = {ast.Eq: "on {}", ast.NotEq: "not on {}", ast.Lt: "before {}", ast.LtE: "no later than {}", ast.Gt: "after {}", ast.GtE: "from {} on"}  # fmt: skip
PRESENCE = {
    "answered": "who answered {}", "missing": "who left {} open", "asked": "who were asked {}",
    "declined": "who preferred not to answer {}", "dont_know": "who answered “don’t know” to {}",
    "not_applicable": "to whom {} does not apply",
}  # fmt: skip
ABSENCE = {"answered": "missing", "missing": "answered"}

Operator = type[ast.cmpop]


class Unworded(Exception):
    """A condition that has no words here."""


class ConditionWords:
    """Words for the conditions of one instrument."""

    def __init__(self, instrument: Instrument):
        self.instrument = instrument
        self.known = whole_scope(instrument).known
        self.arms = {each.name: [option.label.plain for option in each.options] for each in instrument.drawn}

    def words(self, *sources: str | None) -> str | None:
        """Of conditions that must all hold; None where they cannot be worded, or not shortly."""
        nodes = [part for source in sources if source for part in _conjuncts(syntax_of(source))]
        try:
            said = _joined([self._clause(node, inside=len(nodes) > 1) for node in _needed(nodes)], "and")
        except Unworded:
            return None
        return said if 0 < len(said) <= LONGEST else None

    # clauses

    def _clause(self, node: ast.expr, negated: bool = False, inside: bool = False) -> str:
        match node:
            case ast.UnaryOp(op=ast.Not()):
                return self._clause(node.operand, not negated, inside)
            case ast.BoolOp():
                return self._junction(node, negated, inside)
            case ast.Compare() if len(node.ops) == 1:
                operator = type(node.ops[0])
                return self._comparison(node.left, NEGATED[operator] if negated else operator, node.comparators[0])
            case ast.Compare() if len(node.ops) == 2 and not negated:
                return self._between(node)
            case ast.Call(func=ast.Name()) if not node.keywords:
                return self._call(node, negated)
            case ast.Name() | ast.Attribute():
                return self._truth(self._answer(node), negated)
        raise Unworded

    def _junction(self, node: ast.BoolOp, negated: bool, inside: bool) -> str:
        """`and` within `or`, or the other way round, is set apart by "either"; deeper than that nobody reads."""
        is_and = isinstance(node.op, ast.And) != negated
        if any(isinstance(part, ast.BoolOp) for part in node.values) and inside:
            raise Unworded
        said = _joined([self._clause(part, negated, inside=True) for part in node.values], "and" if is_and else "or")
        return f"either {said}" if inside and not is_and else said

    def _truth(self, answer: Answer, negated: bool) -> str:
        if answer.kind != "truth":
            raise Unworded
        return f"for whom {_quoted(self._question(answer.name))} is {'not ' if negated else ''}true"

    # comparisons

    def _comparison(self, left: ast.expr, operator: Operator, right: ast.expr) -> str:
        if not isinstance(left, ast.Name | ast.Attribute | ast.Call):
            left, right, operator = right, left, MIRRORED.get(operator, operator)
        if isinstance(left, ast.Call):
            return self._of_call(left, operator, right)
        answer = self._answer(left)
        if answer.options and answer.kind in ("choice", "loop"):
            return self._choice(answer, operator, _codes(right))
        if answer.kind == "number":
            return self._number(f"{self._of(answer)}", operator, right)
        if answer.kind == "date" and operator in WHEN:
            return f"who gave a date {WHEN[operator].format(_date(right))} for {self._of(answer)}"
        raise Unworded

    def _between(self, node: ast.Compare) -> str:
        """`10 <= years <= 20`."""
        answer = self._answer(node.left if isinstance(node.left, ast.Name | ast.Attribute) else node.comparators[0])
        if [type(each) for each in node.ops] != [ast.LtE, ast.LtE] or answer.kind != "number":
            raise Unworded
        return f"who gave {_number(node.left)} to {_number(node.comparators[1])} for {self._of(answer)}"

    def _number(self, of: str, operator: Operator, right: ast.expr) -> str:
        if operator not in AMOUNT:
            raise Unworded
        return f"who gave {AMOUNT[operator].format(_number(right))} for {of}"

    def _choice(self, answer: Answer, operator: Operator, codes: Sequence[Code], to: str | None = None) -> str:
        if operator in (ast.Lt, ast.LtE, ast.Gt, ast.GtE):
            return f"who answered {self._part_of_scale(answer, operator, codes[0])} to {to or self._of(answer)}"
        labels = _list([self._label(answer, code) for code in codes])
        if operator in (ast.NotEq, ast.NotIn):
            labels = f"anything but {labels}"
        is_clear = answer.measure != "ordinal" and answer.kind == "choice" and self._are_unique(answer, codes)
        verb = "were assigned" if answer.name in self.instrument.drawn_by_name else "chose"
        return f"who {verb} {labels}" if is_clear and not to else f"who answered {labels} to {to or self._of(answer)}"

    def _part_of_scale(self, answer: Answer, operator: Operator, edge: Code) -> str:
        """The points of a scale on one side of a code."""
        codes = sorted(code for code in answer.codes if isinstance(code, int))
        if not isinstance(edge, int) or len(codes) < len(answer.codes):
            raise Unworded
        upwards = operator in (ast.Gt, ast.GtE)
        beyond = {ast.Lt: -1, ast.Gt: 1}.get(operator, 0)
        within = [code for code in codes if (code >= edge + beyond if upwards else code <= edge + beyond)]
        if not within or len(within) == len(codes):
            raise Unworded
        label = self._label(answer, within[0] if upwards else within[-1])
        return label if len(within) == 1 else f"{label} or {'higher' if upwards else 'lower'}"

    # functions

    def _call(self, node: ast.Call, negated: bool) -> str:
        word = node.func.id  # type: ignore[attr-defined]
        if word in PRESENCE and node.args:
            if negated and word not in ABSENCE:
                raise Unworded
            return PRESENCE[ABSENCE[word] if negated else word].format(self._of(self._answer(node.args[0])))
        if word in ("has", "any_of", "all_of") and len(node.args) == 2:
            answer, codes = self._answer(node.args[0]), _codes(node.args[1])
            labels = _list([self._label(answer, code) for code in codes], "and" if word == "all_of" else "or")
            did = "did not choose" if negated else "chose"
            return f"who {did} {labels}" if self._are_unique(answer, codes) else f"who {did} {labels} for {self._of(answer)}"
        if word in ("any", "all") and len(node.args) == 1 and not negated and isinstance(node.args[0], ast.Compare):
            return self._of_each(node.args[0], "any" if word == "any" else "every")
        raise Unworded

    def _of_each(self, test: ast.Compare, which: str) -> str:
        answer = self._answer(test.left)
        if len(test.ops) != 1 or not answer.parts:
            raise Unworded
        first = answer.leaves[0]
        return self._choice(first, type(test.ops[0]), _codes(test.comparators[0]), f"{which} part of {self._of(answer)}")

    def _of_call(self, node: ast.Call, operator: Operator, right: ast.expr) -> str:
        """A function's value compared with something."""
        word = node.func.id if isinstance(node.func, ast.Name) else ""
        answers = [self._answer(each) for each in node.args if isinstance(each, ast.Name | ast.Attribute)]
        if not answers or (len(answers) < len(node.args) and word != "rank"):
            raise Unworded
        if word == "count" and operator in AMOUNT:
            return f"who chose {AMOUNT[operator].format(_number(right))} for {self._of(answers[0])}"
        if word == "rank" and operator in AMOUNT:
            label = self._label(answers[0], _codes(node.args[1])[0])
            return f"who gave {label} the rank {AMOUNT[operator].format(_number(right))}"
        if word in ("max", "min"):
            return self._extreme(word, answers, operator, right)
        if word in ("mean", "sum") and operator in AMOUNT:
            of = _list([self._of(each) for each in answers], "and")
            return f"whose {word} of {of} is {AMOUNT[operator].format(_number(right))}"
        raise Unworded

    def _extreme(self, word: str, answers: Sequence[Answer], operator: Operator, right: ast.expr) -> str:
        """The greatest is at least something where any is, and at most something where all are."""
        upwards = operator in (ast.Gt, ast.GtE)
        if operator not in MIRRORED:
            raise Unworded
        any_is_enough = (word == "max") == upwards
        leaves = [leaf for each in answers for leaf in each.leaves]
        named = [self._of(each) for each in answers]
        if any(each.parts for each in answers):
            named = [f"{'any' if any_is_enough else 'every'} part of {each}" for each in named]
        of = _list(named, "or" if any_is_enough else "and")
        if len({leaf.options for leaf in leaves}) == 1 and leaves[0].options:
            return self._choice(leaves[0], operator, _codes(right), of)
        return self._number(of, operator, right)

    # names

    def _answer(self, node: ast.expr) -> Answer:
        answer = self.known.get(name_of(node))
        if answer is None:
            raise Unworded
        return answer

    def _of(self, answer: Answer) -> str:
        return _quoted(self._question(answer.name))

    def _question(self, name: str) -> str:
        return _cut(self._questions[name], LONGEST_QUESTION) if name in self._questions else name

    @cached_property
    def _questions(self) -> Mapping[str, str]:
        """What each name asks for: its statement or its question."""
        found = {each.name: each.label for each in (*self.instrument.drawn, *self.instrument.computed)}
        for item in self.instrument.items():
            found[item.id] = without_pipes(item.ask.plain, self.arms | dict.fromkeys(self.known, ()))
            for answer in item.answers():
                text = answer.statement.text if answer.statement else answer.heading
                words = text.plain if text else found[item.id]
                found[answer.name] = f"{words}, {answer.column.plain}" if answer.column else words
        for loop in self.instrument.loops:
            found.setdefault(loop.name, in_common([found.get(part.name, loop.name) for part in loop.parts]))
        return found | {"language": "the language"}

    def _label(self, answer: Answer, code: Code) -> str:
        option = next((option for option in answer.options if option.code == code), None)
        if option is None:
            raise Unworded
        others = [each.label.plain for each in answer.options]
        return _quoted(_short(option.label.plain or str(code), others))

    def _are_unique(self, answer: Answer, codes: Sequence[Code]) -> bool:
        """Whether the labels are of this question alone, so that it needs no name."""
        labels = [option.label.plain for option in answer.options if option.code in codes]
        return all(self._uses[label] == 1 and len(label) >= SHORTEST_CLEAR for label in labels)

    @cached_property
    def _uses(self) -> Counter[str]:
        """How many answers have an option of this label."""
        answers = {each.name: each for each in self.known.values() if each.options and not each.parts and each.kind != "ranks"}
        return Counter(label for each in answers.values() for label in {option.label.plain for option in each.options})


def asked_of(instrument: Instrument) -> Callable[..., str | None]:
    """What says in words of whom something is asked, given the conditions that must all hold."""
    return ConditionWords(instrument).words


# --- reading --------------------------------------------------------------------------------------------------


def _conjuncts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for part in node.values:
            yield from _conjuncts(part)
    else:
        yield node


def _needed(nodes: Sequence[ast.expr]) -> list[ast.expr]:
    """Without what follows from another: that a choice is one of three, where it has to be one of two of them."""
    among = [_among(node) for node in nodes]
    return [
        node for place, node in enumerate(nodes)
        if not any(
            mine is not None and other is not None and mine[0] == other[0]
            and (other[1] < mine[1] or (other[1] == mine[1] and at < place))
            for mine, (at, other) in zip([among[place]] * len(among), enumerate(among), strict=True)
        )
    ]  # fmt: skip


def _among(node: ast.expr) -> tuple[str, frozenset[Code]] | None:
    """The name of a choice and the codes of which it has to be one."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.In):
        return None
    try:
        name, codes = name_of(node.left), _codes(node.comparators[0])
    except Unworded:
        return None
    return (name, frozenset(codes)) if name else None


# --- writing --------------------------------------------------------------------------------------------------


def _joined(clauses: Sequence[str], word: str) -> str:
    return f" {word} ".join(clauses)


def _list(parts: Sequence[str], word: str = "or") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def _quoted(text: str) -> str:
    return f"“{text}”"


def _cut(text: str, most: int) -> str:
    """At a word, with an ellipsis."""
    return text if len(text) <= most else f"{text[:most].rpartition(' ')[0].rstrip(' ,;:.')} …"


def _short(label: str, others: Sequence[str]) -> str:
    """A long label up to its first comma or bracket, where that still tells it from the others."""
    if len(label) <= LONGEST_LABEL:
        return label
    for sign in (" (", ", ", ": ", "; "):
        short = label.partition(sign)[0]
        if short != label and len(short) > 3 and sum(other.startswith(short) for other in others) == 1:
            return _cut(short, LONGEST_LABEL)
    return _cut(label, LONGEST_LABEL)


def _codes(node: ast.expr) -> list[Code]:
    nodes = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    codes = [_constant(each) for each in nodes]
    if not codes or not all(isinstance(code, str | int) for code in codes):
        raise Unworded
    return codes  # type: ignore[return-value]


def _constant(node: ast.expr) -> str | float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -node.operand.value  # type: ignore[operator]
    return node.value if isinstance(node, ast.Constant) else None  # type: ignore[return-value]


def _number(node: ast.expr) -> str:
    value = _constant(node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unworded
    return f"{value:g}".replace("-", "−")


def _date(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "date" and node.args:
        return str(_constant(node.args[0]))
    raise Unworded
