"""What all tests share: databases on both engines, a browser, and how much is tried.

`--long` draws many more examples in the property tests, anew at each run.
"""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")

from tests.support.answers import instrument_of  # noqa: E402
from tests.support.browsing import Visitor  # noqa: E402
from tests.support.chromium import BrowserThread  # noqa: E402
from tests.support.postgres import new_database, running_postgres  # noqa: E402
from tests.support.server import Server, offered  # noqa: E402

FORM_JS = Path(__file__).parents[1] / "app" / "web" / "static" / "form.js"

settings.register_profile(
    "short", max_examples=25, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip
settings.register_profile("long", settings.get_profile("short"), max_examples=500, derandomize=False, print_blob=True)

# The files that take longest, longest first: a worker takes whole files, so they must not be left for the end.
SLOWEST = (
    "test_journeys_research", "test_serving", "test_open_streams", "test_journeys_results", "test_journeys_interrupted",
    "test_journeys_abuse", "test_journeys_types", "test_journeys_preview", "test_page_in_browser", "test_privacy",
    "test_counting", "test_progress", "test_examples_over_http", "test_quotas", "test_journeys",
    "test_saved_means_saved", "test_journeys_axe", "test_access", "test_respond", "test_old_databases", "test_commands",
    "test_storage", "test_unsent", "test_database_files", "test_start", "test_journeys_languages", "test_simulation",
)  # fmt: skip


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="Draw 500 examples, at random, in each property test.")


def pytest_configure(config):
    settings.load_profile("long" if config.getoption("--long") else "short")


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture(scope="session")
def anyio_backend():
    """Async tests run on the event loop that the service runs on."""
    return "asyncio", {"use_uvloop": True}


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


@pytest.fixture
def postgres_url(postgres_server):
    """A new, empty database on that server."""
    with new_database(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path}/opinion.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """The same test on either engine, each time on an empty database."""
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])


@pytest.fixture(scope="session")
def flagship():
    return instrument_of(Path(__file__).parents[1] / "surveys" / "leaving-clinical-practice.yaml")


@pytest.fixture
def folder(tmp_path, request):
    """A folder in which the service finds the `SURVEY` of the test file, as "leaving"."""
    return offered(tmp_path, leaving=request.module.SURVEY)


@pytest.fixture
def server(folder):
    """A service of its own, with what is in the folder."""
    with Server(folder) as running:
        running.address()
        yield running


@pytest.fixture
def quick_hashes(monkeypatch):
    """Hashing a password takes long on purpose: where this is not the point, it does not."""
    monkeypatch.setattr("app.accounts.passwords.HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def browser_thread():
    """A Chromium for all tests of this worker."""
    executable = shutil.which("chromium")
    if os.environ.get("CI") != "true" and executable is None:
        pytest.skip("no chromium on this machine")
    assert executable is not None, "there is no chromium: on CI it must be there"
    thread = BrowserThread(executable)
    yield thread
    thread.close()


@pytest.fixture
def browser(browser_thread):
    """That Chromium; what a test opens in it is closed after the test."""
    before = list(browser_thread.browser.contexts)
    yield browser_thread.browser
    for context in [each for each in browser_thread.browser.contexts if each not in before]:
        browser_thread.run(context.close)


@pytest.fixture(scope="session")
def form_script(browser_thread):
    """An empty page in which the functions of form.js can be called as `module.exports`."""

    def load():
        page = browser_thread.browser.new_page()
        page.evaluate("window.module = {}")
        page.add_script_tag(path=FORM_JS)
        return page

    return browser_thread.run(load)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Tests that use the browser run in its thread."""
    if (thread := pyfuncitem.funcargs.get("browser_thread")) is not None:
        pyfuncitem.obj = functools.partial(thread.run, pyfuncitem.obj)


@pytest.fixture
def visiting(browser, browser_thread):
    """Opens a browser of one's own at a server's address; nothing may have gone wrong in it in the end."""
    visitors = []

    def visit(base, **options):
        visitors.append(Visitor(browser, base, **options))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        browser_thread.run(visitor.context.close)
    for visitor in visitors:
        visitor.assert_nothing_went_wrong()
