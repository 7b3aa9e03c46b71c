"""Why something is not shown: its condition, what each part of it comes to, and the answers it depends on."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from app.interview.path import Answers, Path
from app.interview.route import Route, SectionRoute
from app.survey.conditions.evaluator import compile_tree
from app.survey.conditions.language import Condition
from app.survey.conditions.sharing import Tree
from app.survey.model import Item

JUNCTIONS = {ast.And: "and", ast.Or: "or"}


@dataclass(frozen=True, slots=True)
class Reason:
    """A condition or a part of one, as it was written, and what it comes to: True, False, or None for unknown."""

    source: str
    value: bool | None
    parts: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Hidden:
    """Something that is not shown. `names` are the answers on which `why` depends.

    Without `why` it has nothing to show, or comes after the end of the path (`after` a screen-out or quota).
    """

    kind: str  # section | item | option | statement
    id: str
    section: str
    why: Reason | None = None
    names: tuple[str, ...] = ()
    after: str | None = None


def explained(condition: Condition, answers: Answers) -> Reason:
    """What a condition and the parts that `and`, `or` and `not` join come to for these answers."""
    text = " ".join(condition.source.split())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            node = ast.parse(text, mode="eval").body
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ):  # an id such as week.1 is no name to Python
        return Reason(text, condition.holds(answers))
    return _reason(text, node, condition.tree, answers)


def _reason(text: str, node: ast.expr, tree: Tree, answers: Answers) -> Reason:
    source = ast.get_source_segment(text, node) or text
    value = compile_tree(tree)(answers)
    below: list[ast.expr] = []
    if isinstance(node, ast.BoolOp) and _is(tree, JUNCTIONS[type(node.op)], len(node.values)):
        below = node.values
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and _is(tree, "not", 1):
        below = [node.operand]
    found = (
        _reason(text, part, branch, answers)
        for part, branch in zip(below, tree[1:] if below else (), strict=True)
    )
    return Reason(source, value, tuple(found))


def _is(tree: Tree, operation: str, count: int) -> bool:
    return isinstance(tree, list) and tree[0] == operation and len(tree) == count + 1


# --- what is hidden --------------------------------------------------------------------------------------


def all_hidden(route: Route, path: Path) -> Iterator[Hidden]:
    """Every section, item, option and statement that is not shown, in the order of the survey.

    The parts of something that its own condition hides are left out.
    """
    for section in route.sections:
        id = section.section.id
        if path.step(id) is not None:
            yield from _hidden_in(section, path.answers)
        elif section.opens(path.answers):
            yield Hidden("section", id, id, after=path.ended)
        else:
            found = _because("section", id, id, section.section.show_if, path.answers)
            yield found
            if found.why is None:
                yield from _hidden_in(section, path.answers)


def _hidden_in(section: SectionRoute, answers: Answers) -> Iterator[Hidden]:
    for each in section.items:
        off = each.hidden_keys(answers)
        if off is None:
            yield _because("item", each.item.id, section.section.id, each.item.show_if, answers)
        elif off:
            yield from _hidden_parts(each.item, section.section.id, off, answers)


def _hidden_parts(item: Item, section: str, off: frozenset[str], answers: Answers) -> Iterator[Hidden]:
    for part in item.parts:
        key = item.part_key(part)
        if key in off:
            kind = "option" if hasattr(part, "code") else "statement"
            yield _because(kind, key, section, part.show_if, answers)


def _because(kind: str, id: str, section: str, condition: Condition | None, answers: Answers) -> Hidden:
    """Without a reason where the condition holds: nothing below it is shown."""
    if condition is None or condition.holds(answers) is True:
        return Hidden(kind, id, section)
    return Hidden(kind, id, section, explained(condition, answers), tuple(sorted(condition.names)))
