"""What a start loads, and what is loaded only when it is first needed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.server import wiring
from tests.support.respondent import Respondent, service

SURVEY = "title: T\nsections: {one: {items: {x: {type: text, ask: X?}}}}\n"
FIGURES = {"polars", "numpy", "app.results", "app.exports", "app.web.research.pages", "app.web.research.dashboards"}

SERVED = """
import asyncio, json, sys
import httpx
from app.server import run as serving
from app.server.wiring import create_app
from app.settings import Settings

async def start(folder):
    async with create_app(Settings(database_url=f"sqlite:///{folder}/o.db", surveys=folder)) as app:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")
        assert (await client.get("/s/s")).status_code == 200
        await asyncio.sleep(0.2)
        before = sorted(sys.modules)
        answer = await client.get("/research")
        print(json.dumps([before, answer.status_code, sorted(sys.modules)]))

asyncio.run(start(sys.argv[1]))
"""


def run(code: str, *arguments: object) -> str:
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout


def test_respondents_are_answered_without_what_counts_answers(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SURVEY)
    before, status, after = json.loads(run(SERVED, tmp_path))
    assert (FIGURES | {"re2", "scipy", "pydantic.v1", "attr"}) & set(before) == set()
    assert status == 303 and set(after) >= FIGURES  # who is not signed in is sent to sign in, by the routes opened for it
    assert "scipy" not in after  # which comes with the first interval of a mean


COUNTED = """
import sys
from app.results.findings import findings
from app.results.frame.frame import Frame
from app.results.marginals import figures
from tests.support.answers import instrument
frame = Frame([instrument()])
figures(frame)
print("scipy" in sys.modules)
findings(frame)
print("scipy" in sys.modules)
"""


async def test_requests_that_wait_for_what_counts_answers_do_not_delay_a_stop(tmp_path: Path, monkeypatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(wiring, "load_dashboards", never)
    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor:
        waiting = asyncio.create_task(visitor.get("/research"))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        app.end_streams()
        async with asyncio.timeout(2):
            assert (await waiting).status_code == 503
            assert (await visitor.get("/sign-in")).status_code == 503


def test_distributions_are_loaded_where_findings_are_counted() -> None:
    """They take a third of a second, which no page may wait for: charts are drawn on the event loop."""
    assert run(COUNTED).split() == ["False", "True"]


SERVER = {"litestar", "uvicorn", "scipy"}  # and what its dashboards need


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--help"], SERVER | {"asyncio", "yaml", "pydantic", "piccolo", "polars", "rich", "markdown_it"}),
        (["check", "s.yaml"], SERVER | {"piccolo", "polars", "numpy", "asyncpg", "jinja2", "rich"}),
        (["compare", "s.yaml", "s.yaml"], SERVER | {"polars", "numpy"}),
        (["codebook", "s.yaml"], SERVER),
        (["simulate", "s.yaml", "-n", "5"], SERVER | {"polars"}),
        (["researcher", "list"], SERVER | {"polars", "numpy", "yaml", "markdown_it"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_loads_only_what_it_needs(tmp_path: Path, monkeypatch, arguments: list[str], unneeded: set[str]) -> None:
    (tmp_path / "s.yaml").write_text(SURVEY)
    monkeypatch.chdir(tmp_path)
    assert unneeded & modules_loaded_by(arguments) == set()


def test_help_loads_only_the_definitions_of_commands() -> None:
    ours = {name for name in modules_loaded_by(["--help"]) if name.startswith("app.")}
    definitions = {f"app.commands.{name}" for name in ("main", "options", "data", "operation", "researchers", "survey_files", "trial")}
    assert ours == definitions | {"app.commands", "app.settings", "app.survey", "app.survey.faults"}


def modules_loaded_by(arguments: list[str]) -> set[str]:
    """What `opinion` with these arguments has imported when it ends, which must be without an error."""
    code = "import sys; from app.commands import main as cli\ntry: cli.main(sys.argv[1:])\nexcept SystemExit as end: print('\\n', end.code, *sys.modules)"
    status, *modules = run(code, *arguments).splitlines()[-1].split()
    assert status == "0"
    return set(modules)
