"""What all tests have in common: short names, assertions that a reader sees, helpers in one place."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parent
TREES = {path.relative_to(TESTS).as_posix(): ast.parse(path.read_text("utf-8")) for path in TESTS.rglob("*.py")}
Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = [(file, node) for file, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, Function)]


def test_names_of_tests_have_fewer_than_80_letters():
    assert [node.name for _, node in FUNCTIONS if node.name.startswith("test_") and len(node.name) >= 80] == []


def asserts(test: Function) -> bool:
    """Whether it asserts, itself or by a helper whose name says so."""
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    by_name = any(name == "raises" or name.startswith(("assert_", "expect")) for name in names)
    return by_name or any(isinstance(node, ast.Assert) for node in ast.walk(test))


def test_every_test_asserts_something():
    tests = [(file, node) for file, node in FUNCTIONS if node.name.startswith("test_")]
    assert [f"{file}: {node.name}" for file, node in tests if not asserts(node)] == []


def test_no_test_file_imports_another():
    """What several of them need is in tests/support."""
    modules = [
        (file, node.module)
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    assert [(file, module) for file, module in modules if module.startswith("tests.test_")] == []


def test_no_helper_is_written_twice():
    places = defaultdict(list)
    for file, tree in TREES.items():
        for node in tree.body:
            if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("test_"):
                places[ast.dump(node, annotate_fields=False)].append(f"{file}: {node.name}")
    assert [same for same in places.values() if len(same) > 1] == []


def test_no_async_test_starts_an_event_loop_of_its_own():
    inner = [(file, node, call) for file, node in FUNCTIONS for call in ast.walk(node) if isinstance(call, ast.Call)]
    runs = [f"{file}: {node.name}" for file, node, call in inner if ast.unparse(call.func) in ("asyncio.run", "uvloop.run")]
    assert [place for place in runs if ": test_" in place] == []
