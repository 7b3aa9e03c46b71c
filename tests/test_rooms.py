"""The house: imports point one way, pure rooms stay pure, and nothing lies about unused."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parent.parent / "app"
#: The migrations are history: rules apply to all other files.
HISTORY = sorted(APP.glob("responses/migrations/responses_2*.py"))
FILES = sorted(set(APP.rglob("*.py")) - set(HISTORY))
TREES = {path: ast.parse(path.read_text("utf-8")) for path in FILES}

#: Each room, and the rooms that it may import. A room that is not here may hold nothing.
ROOMS = {
    "settings": "",
    "logs": "",
    "languages": "",
    "languages/locale": "",
    "survey": "languages survey/conditions survey/items survey/versions",
    "survey/items": "languages survey survey/conditions survey/documents",
    "survey/analysis": "survey survey/conditions survey/documents survey/items",
    "survey/conditions": "survey",
    "survey/vignettes": "survey",
    "survey/documents": "survey",
    "survey/translations": "survey survey/documents survey/items",
    "survey/versions": "survey survey/items",
    "survey/source": "survey survey/analysis survey/conditions survey/documents survey/items survey/translations survey/versions "
    "survey/vignettes survey/warnings survey/weights",
    "survey/weights": "survey survey/analysis survey/documents survey/items",
    "survey/labels": "survey survey/conditions survey/items",
    "survey/warnings": "survey survey/conditions survey/documents survey/items survey/translations survey/vignettes",
    "interview": "interview/rendering languages survey survey/conditions survey/items",
    "interview/rendering": "interview languages survey survey/conditions survey/items",
    "responses": "responses/backends responses/migrations responses/upkeep survey",
    "responses/migrations": "responses responses/backends",
    "responses/backends": "responses",
    "responses/upkeep": "responses responses/backends responses/migrations",
    "results/statistics": "",
    "results/statistics/weighted": "results/statistics",
    "results/statistics/experiments": "results/statistics",
    "results/experiments": "results results/filters results/statistics results/statistics/experiments results/weights survey survey/analysis",
    "results/filters": "results survey survey/conditions",
    "results/weights": "results survey",
    "results/frame": "interview results results/filters results/statistics results/weights survey survey/conditions",
    "results/loops": "results results/filters results/frame results/statistics results/weights survey",
    "results/joint": "results results/filters results/frame results/statistics results/statistics/weighted",
    "results": "languages results/charts results/charts/sentences results/experiments results/filters results/frame results/joint results/loops results/statistics"
    " results/statistics/experiments results/statistics/weighted results/weights survey survey/conditions survey/labels",
    "results/plan": "languages results results/charts results/charts/sentences results/experiments results/filters results/frame results/statistics results/statistics/experiments survey survey/labels",
    "results/disclosure": "languages results results/frame survey survey/labels",
    "results/charts": "languages results results/charts/sentences results/disclosure results/filters results/frame results/loops"
    " results/statistics results/statistics/experiments survey survey/labels",
    "results/charts/sentences": "languages results results/charts results/statistics results/statistics/experiments survey",
    "exports": "results results/charts results/frame results/statistics results/statistics/experiments results/weights survey",
    "simulation": "interview results/statistics results/statistics/experiments survey survey/analysis survey/conditions survey/items survey/source",
    "accounts": "responses",
    "catalogue": "interview logs responses survey survey/documents survey/items survey/source survey/translations "
    "survey/versions",
    "web/http": "interview/rendering languages logs responses survey",
    "web/respond": "catalogue interview languages responses survey survey/items web/http",
    "web/live": "catalogue languages logs responses results results/frame web/http",
    "web/research/overview": "languages results results/charts survey web/live web/research web/respond",
    "web/research/public": "languages results/charts results/charts/sentences results/disclosure survey web/http web/live web/research web/respond",
    "web/research/bar": "languages results results/charts results/frame results/weights survey web/live web/research",
    "web/research/plan": "results results/plan survey web/http web/live web/research web/respond",
    "web/research/groups": "exports languages results results/charts results/charts/sentences survey web/http web/live web/research "
    "web/research/bar web/respond",
    "web/research": "web/research/bar web/research/groups web/research/overview web/research/plan web/research/public accounts exports languages results results/charts results/disclosure results/frame survey survey/labels "
    "web/http web/live web/respond",
    "web/present": "languages logs responses results/charts results/disclosure survey web/http web/live web/research "
    "web/research/overview web/research/public web/respond",
    "web/preview": "catalogue interview interview/rendering responses simulation survey survey/conditions web/http web/respond",
    "server": "accounts catalogue interview logs responses responses/upkeep settings simulation survey survey/documents "
    "web/http web/live web/present web/preview web/research web/respond",
    "__main__": "commands",
    "commands": "accounts catalogue exports interview responses responses/upkeep results/plan server "
    "settings simulation survey survey/documents survey/source survey/translations survey/versions "
    "survey/vignettes",
}  # fmt: skip
#: From the top of the house to its bottom; each may import those after it.
DOWNWARDS = (
    "__main__", "commands", "server", "web", "catalogue", "exports", "simulation", "accounts", "results", "interview", "responses",
    "survey", "languages", "settings", "logs",
)  # fmt: skip
PURE = ("survey", "interview", "results")
#: What would give a pure room a clock, chance, a file, the network or another room's framework.
NEVER_PURE = {
    "litestar", "piccolo", "os", "time", "random", "secrets", "uuid", "pathlib", "io", "socket", "asyncio", "threading",
    "subprocess", "logging", "click", "rich", "sqlite3", "asyncpg", "httpx", "urllib", "tempfile", "shutil", "sys",
}  # fmt: skip
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter"}


def room_of(path: Path) -> str:
    """The folder that a module stands in; a module of `app` itself is a room of its own."""
    folder = path.parent.relative_to(APP).as_posix()
    return path.stem if folder == "." else folder


def floor_of(room: str) -> str:
    return room.partition("/")[0]


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, at the top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "app")


MODULES = {
    ".".join(path.relative_to(APP.parent).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES
}


def ours(path: Path) -> set[Path]:
    """The files of ours that a file imports."""
    found = set()
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            within = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in within}
    return {MODULES[name] for name in found if name in MODULES} - {path, APP / "__init__.py"}


INSIDE = [path for path in FILES if path != APP / "__init__.py"]
FOLDERS = {path.parent.relative_to(APP).as_posix() for path in INSIDE} - {"."}


@pytest.mark.parametrize("path", INSIDE, ids=lambda path: str(path.relative_to(APP)))
def test_a_room_imports_only_what_it_may(path):
    room = room_of(path)
    if path.name != "__init__.py" or ours(path):
        assert {room_of(other) for other in ours(path)} - {room} <= set(ROOMS[room].split())


def test_rooms_import_downwards():
    order = {room: place for place, room in enumerate(DOWNWARDS)}
    for room, others in ROOMS.items():
        for other in others.split():
            pair = floor_of(room), floor_of(other)
            assert order[pair[0]] <= order[pair[1]], (room, other)


def is_inside(room: str, other: str) -> bool:
    return room.startswith(f"{other}/")


def test_rooms_beside_each_other_import_one_way():
    """A room and the rooms inside it are one subject, and may import each other; no file does so in a circle."""
    rules = {room: set(others.split()) for room, others in ROOMS.items()}
    beside = {
        room: {other for other in others if not is_inside(room, other) and not is_inside(other, room)}
        for room, others in rules.items()
    }
    done: set[str] = set()
    while set(beside) - done:
        free = {room for room, others in beside.items() if others <= done} - done
        assert free, sorted(set(beside) - done)
        done |= free


def test_no_file_imports_itself_by_way_of_others():
    """For types alone neither."""
    imports = {path: ours(path) for path in FILES}
    done: set[Path] = set()
    while set(imports) - done:
        free = {path for path, others in imports.items() if others <= done} - done
        assert free, sorted(str(path.relative_to(APP)) for path in set(imports) - done)
        done |= free


#: Rooms that are lists, with a file for each item type and each kind of chart.
LISTS = {"survey/items", "results/charts"}


def test_a_room_has_at_most_twelve_files():
    counts = Counter(room_of(path) for path in INSIDE if path.parent != APP)
    assert {room: many for room, many in counts.items() if many > 12 and room not in LISTS} == {}


def test_no_file_is_longer_than_400_lines():
    lines = {str(path.relative_to(APP)): path.read_text("utf-8").count("\n") for path in FILES}
    assert {path: count for path, count in lines.items() if count > 400} == {}


def test_every_room_has_a_rule_and_imports_all_that_it_may():
    imports: dict[str, set[str]] = {}
    for path in INSIDE:
        imports.setdefault(room_of(path), set()).update({room_of(other) for other in ours(path)} - {room_of(path)})
    assert set(imports) - {"web"} == set(ROOMS)
    needless = {room: set(others.split()) - imports[room] for room, others in ROOMS.items()}
    assert {room: others for room, others in needless.items() if others} == {}


def test_every_room_says_what_it_is_for():
    untold = [str(room) for room in FOLDERS if not ast.get_docstring(TREES[APP / room / "__init__.py"])]
    assert untold == []


def test_the_architecture_names_every_room_and_no_other():
    text = (APP.parent / "ARCHITECTURE.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z/]+)` \|", text, re.MULTILINE)) == FOLDERS - {"languages/locale"}
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|js))`", text)
    missing = [name for name in named if not any((base / name).exists() for base in (APP, APP.parent))]
    assert named and missing == []


@pytest.mark.parametrize(
    "path", [path for path in FILES if floor_of(room_of(path)) in PURE], ids=lambda p: str(p.relative_to(APP))
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


def test_no_two_classes_have_the_same_name():
    names = Counter(node.name for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert {name for name, count in names.items() if count > 1} == set()


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
    "_unsupported_upgrade_warning",
    "_get_default_plugins",
    "APP_CONFIG",
    "APP_REGISTRY",
    "DB",
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


def words_used() -> set[str]:
    """The names that code in `app` loads, the words of its short strings, and those of the templates."""
    words: set[str] = set()
    for path in (*FILES, *HISTORY):
        for node in ast.walk(TREES.get(path) or ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                words.add(node.id)
            elif isinstance(node, ast.Attribute):
                words.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 60:
                words.update(re.findall(r"\w+", node.value))
    for template in (APP.parent / "templates").rglob("*.html"):
        words.update(re.findall(r"\w+", template.read_text("utf-8")))
    return words


def defined(tree: ast.Module) -> Iterator[str]:
    """Functions, classes and constants that are used by name."""
    for node in ast.walk(tree):
        if isinstance(node, (*Function.__args__, ast.ClassDef)):
            if {decorator_name(each) for each in node.decorator_list} <= CALLED_BY_NAME:
                yield node.name
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield from (name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store))


def test_everything_defined_is_used_by_the_app_itself():
    words = words_used()
    unused = {
        f"{path.relative_to(APP)}:{name}"
        for path, tree in TREES.items()
        for name in defined(tree)
        if not name.startswith("__") and name not in CALLED_BY_OTHERS and name not in words
    }
    assert unused == set()
