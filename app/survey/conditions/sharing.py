"""Trees whose repeated parts are written once: `["let", [part, ...], tree]`, in which `["part", place]` stands for one.

What depends on computed values that depend on others holds them again and again. An evaluator works out each part when it
is first needed, and remembers it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

Tree = Any
"""A condition or a computed value as it is stored: a list of an operation and its operands, or a plain value."""
SMALLEST = 3  # operations and literals, nested: below it a part costs less than remembering it


def shared(tree: Tree) -> Tree:
    """The tree itself where nothing repeats."""
    nodes = _Nodes()
    root = nodes.key(tree)
    repeated = {
        key for key, count in nodes.parents.items()
        if count > 1 and nodes.size[key] > SMALLEST and nodes.inside[key][0] != "list"
    }  # fmt: skip
    if not repeated:
        return tree
    parts: list[Tree] = []
    written: dict[int, Tree] = {}

    def write(key: int) -> Tree:
        if key not in written:
            found = nodes.literal.get(key)
            if key in nodes.inside:
                operation, *arguments = nodes.inside[key]
                found = [operation, *map(write, arguments)]
            if key in repeated:
                parts.append(found)
                found = ["part", len(parts) - 1]
            written[key] = found
        return written[key]

    return ["let", parts, write(root)]


class _Nodes:
    """The parts of a tree, those that are written alike as one."""

    def __init__(self) -> None:
        self.keys: dict[tuple[Any, ...], int] = {}
        self.key_of: dict[int, int] = {}  # by the identity of a list
        self.inside: dict[int, list[Any]] = {}  # the operation, and the key of each argument
        self.literal: dict[int, Any] = {}
        self.size: Counter[int] = Counter()
        self.parents: Counter[int] = Counter()

    def key(self, tree: Tree) -> int:
        if not isinstance(tree, list):
            key = self.keys.setdefault((type(tree), tree), len(self.keys))
            self.literal[key], self.size[key] = tree, 1
            return key
        if id(tree) not in self.key_of:
            self.key_of[id(tree)] = self._list(tree)
        return self.key_of[id(tree)]

    def _list(self, tree: list[Any]) -> int:
        arguments = [self.key(part) for part in tree[1:]]
        key = self.keys.setdefault((tree[0], *arguments), len(self.keys))
        if key not in self.inside:
            self.inside[key] = [tree[0], *arguments]
            self.size[key] = 1 + sum(self.size[part] for part in arguments)
            self.parents.update(part for part in arguments if part in self.inside)
        return key
