"""The house: imports point one way, pure rooms stay pure, and nothing lies about unused."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parent.parent / "app"
FILES = sorted(path for path in APP.rglob("*.py") if "migrations" not in path.parts)
TREES = {path: ast.parse(path.read_text("utf-8")) for path in FILES}

#: Each room, and what it may import of ours besides itself.
ROOMS = {
    "errors": set(),
    "settings": set(),
    "catalogues": set(),
    "locale": set(),
    "instrument": {"errors"},
    "interview": {"errors", "instrument"},
    "responses": {"instrument"},
    "results": {"instrument", "interview"},
    "exports": {"instrument", "results"},
    "files": {"errors", "instrument"},
    "web": {"catalogues", "errors", "instrument", "interview", "responses", "results", "exports", "files", "settings"},
}
#: Of the modules above the rooms (the command and what it runs), those that may touch the web.
ON_THE_WEB = {"main", "serving", "preview", "cli"}
TOP = "cli"
PURE = ("instrument", "interview", "results")
#: What would give a pure room a clock, chance, a file, the network or another room's framework.
NEVER_PURE = {
    "litestar", "piccolo", "os", "time", "random", "secrets", "uuid", "pathlib", "io", "socket", "asyncio", "threading",
    "subprocess", "logging", "click", "rich", "sqlite3", "asyncpg", "httpx", "urllib", "tempfile", "shutil", "sys",
}  # fmt: skip
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter"}


def room_of(path: Path) -> str:
    return path.relative_to(APP).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, at the top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "app")


def ours(tree: ast.AST) -> set[str]:
    return {name.split(".")[1] for name in imported(tree) if name.startswith("app.")} - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(APP)))
def test_imports_point_one_way(path):
    room, others = room_of(path), ours(TREES[path]) - {room_of(path)}
    if room in ROOMS:
        assert others <= ROOMS[room]
    assert TOP not in others
    assert "web" not in others or room in ON_THE_WEB


def test_nothing_imports_in_a_circle():
    imports: dict[str, set[str]] = {}
    for path, tree in TREES.items():
        imports.setdefault(room_of(path), set()).update(ours(tree) - {room_of(path)})
    done: set[str] = set()
    while set(imports) - done:
        free = {room for room, others in imports.items() if others & set(imports) <= done} - done
        assert free, set(imports) - done
        done |= free


@pytest.mark.parametrize(
    "path", [path for path in FILES if room_of(path) in PURE], ids=lambda p: str(p.relative_to(APP))
)
def test_pure_room_has_no_clock_no_chance_and_no_outside(path):
    assert {name.split(".")[0] for name in imported(TREES[path])} & NEVER_PURE == set()
    called = {
        node.func.attr
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert called & CLOCKS == set()
    assert not [
        node
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("open", "print", "input", "eval", "exec")
    ]


def test_exports_know_neither_the_web_nor_the_database():
    for path, tree in TREES.items():
        if room_of(path) == "exports":
            assert {name.split(".")[0] for name in imported(tree)} & {
                "litestar",
                "piccolo",
                "asyncpg",
                "sqlite3",
            } == set()


def test_survey_text_is_never_run():
    """Neither as Python nor as a template of Jinja."""
    for path, tree in TREES.items():
        names = {
            getattr(node.func, "id", getattr(node.func, "attr", ""))
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        }
        assert not names & {"eval", "exec", "from_string", "import_string", "literal_eval"}, path
        assert "compile" not in {
            getattr(node.func, "id", "") for node in ast.walk(tree) if isinstance(node, ast.Call)
        }, path


# --- nothing too long, nothing unused --------------------------------------------------------------------

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def own_lines(function: Function) -> int:
    """The lines of a function without its docstring and without the functions inside it."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    inside = sum(
        inner.end_lineno - inner.lineno + 1
        for inner in functions(function)
        if inner is not function and inner in function.body
    )
    return function.end_lineno - first.lineno + 1 - inside


def test_no_function_is_longer_than_sixty_lines():
    long = {
        f"{path.relative_to(APP)}:{each.name}": own_lines(each)
        for path, tree in TREES.items()
        for each in functions(tree)
    }
    assert {name: lines for name, lines in long.items() if lines > 60} == {}


def test_half_of_all_functions_have_ten_lines_or_fewer():
    lengths = sorted(own_lines(each) for tree in TREES.values() for each in functions(tree))
    assert lengths[len(lengths) // 2] <= 10


#: Decorators of what is called by name; others register a function with something that calls it.
CALLED_BY_NAME = {"property", "cached_property", "staticmethod", "classmethod", "contextmanager", "asynccontextmanager", "lru_cache", "cache", "dataclass", "total_ordering"}  # fmt: skip
#: What frameworks call, and what `where` finds by the word of a condition.
CALLED_BY_OTHERS = {
    "prep_database",
    "formatException",
    "send_400_response",
    "any_",
    "if_",
    "not_",
    "missing_",
    "asked_",
    "declined_",
    "has_",
    "all_of_",
    "in_",
}


def decorator_name(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def words_outside_definitions() -> Counter[str]:
    """How often each word stands in the code, the templates and the tests, but where it is defined."""
    templates = (APP.parent / "templates").rglob("*.html")
    tests = [path for path in Path(__file__).parent.glob("*.py") if path.name != "test_rooms.py"]
    text = "\n".join(path.read_text("utf-8") for path in (*FILES, *templates, *tests))
    return Counter(re.findall(r"\w+", re.sub(r"\b(?:def|class) \w+", "", text)))


def test_every_public_function_is_used():
    words = words_outside_definitions()
    unused = [
        f"{path.relative_to(APP)}:{each.name}"
        for path, tree in TREES.items()
        for each in ast.walk(tree)
        if isinstance(each, (*Function.__args__, ast.ClassDef))
        and not each.name.startswith("_")
        and {decorator_name(node) for node in each.decorator_list} <= CALLED_BY_NAME
        and each.name not in CALLED_BY_OTHERS
        and not words[each.name]
    ]
    assert unused == []
