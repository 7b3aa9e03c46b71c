"""The `opinion` command: what it prints, writes and refuses."""

from __future__ import annotations

import datetime
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.responses.storage import open_storage
from app.settings import from_environment
from app.survey.source.reading import read_survey
from tests.support.commands import opinion
from tests.support.exports import rows_of
from tests.support.postgres import crash
from tests.support.server import Server

SURVEY = """
title: Leaving
sections:
  one:
    items:
      status: {type: single_choice, ask: Status?, options: {left: Left, stayed: "=Stayed"}}
      why: {type: multiple_choice, ask: Why?, options: {health: Health, visa: Visa}, show_if: status == "left"}
      words: {type: text, ask: Words}
"""
DAY = datetime.date(2026, 12, 1)


async def keep(url: str, source: str = SURVEY, **responses: dict) -> None:
    """A database with submitted responses of the survey above, or of another."""
    instrument, _ = read_survey(source.encode(), "leaving")
    assert instrument
    async with open_storage(url) as storage:
        await storage.keep_instrument("leaving", instrument.digest, instrument.source, DAY)
        for id, answers in responses.items():
            await storage.begin(id.ljust(20, "x"), "leaving", instrument.digest, DAY)
            await storage.submit(id.ljust(20, "x"), lambda row, answers=answers: answers, DAY, 4, id)


async def test_export_writes_one_row_a_response_with_codes_or_labels(database_url: str, tmp_path: Path) -> None:
    await keep(database_url, a={"status": "left", "why": ["visa"], "words": "=1+1"}, b={"status": "stayed", "words": {"missing": "skipped"}})
    file = tmp_path / "out.csv"
    done = opinion("export", "leaving", "-o", str(file), "--database-url", database_url)
    assert done.exit_code == 0, done.output
    a, b = sorted(rows_of(file.read_bytes()), key=lambda row: row["status"])
    assert (a["status"], a["disposition"], a["minutes"], a["completed"]) == ("left", "complete", "4", "2026-12-01")
    assert [a[name] for name in a if name.startswith("why") and "missing" not in name] == ["0", "1"]
    assert "'=1+1" in a.values() and "skipped" in b.values() and "not_shown" in b.values()
    labelled = opinion("export", "leaving", "--values", "labels", "--no-bom", "--database-url", database_url)
    assert {row["status"] for row in rows_of(labelled.stdout_bytes)} == {"Left", "'=Stayed"}
    assert file.read_bytes().startswith(b"\xef\xbb\xbf") and not labelled.stdout_bytes.startswith(b"\xef\xbb\xbf")


async def test_a_file_that_cannot_be_written_is_said_plainly_and_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    await keep(sqlite_url, a={"status": "left"})
    done = opinion("export", "leaving", "-o", str(tmp_path / "none" / "out.csv"), "--database-url", sqlite_url)
    assert done.exit_code == 1 and "cannot write" in done.output
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []


async def test_an_unknown_survey_is_answered_with_those_there_are(sqlite_url: str) -> None:
    await keep(sqlite_url, a={"status": "left"})
    for command in ("export", "codebook"):
        done = opinion(command, "leavin", "--database-url", sqlite_url)
        assert done.exit_code == 1 and "leaving" in done.output and "Traceback" not in done.output


async def test_the_codebook_describes_every_column_of_the_export(sqlite_url: str, tmp_path: Path) -> None:
    await keep(sqlite_url, a={"status": "left"})
    exported = opinion("export", "leaving", "--database-url", sqlite_url).stdout_bytes
    described = opinion("codebook", "leaving", "--format", "csv", "--database-url", sqlite_url).stdout_bytes
    columns = exported.decode("utf-8-sig").splitlines()[0].split(",")
    assert [next(iter(row.values())) for row in rows_of(described)] == columns
    file = tmp_path / "leaving.yaml"
    file.write_text(SURVEY)
    assert "Status?" in opinion("codebook", str(file)).stdout


async def test_an_export_and_its_codebook_have_the_weights_of_a_survey(sqlite_url: str) -> None:
    """Two who left are to count as much as one who stayed."""
    source = SURVEY.replace("sections:", "weights: {rake: {status: {left: 50, stayed: 50}}}\nsections:", 1)
    await keep(sqlite_url, source, a={"status": "left"}, b={"status": "left"}, c={"status": "stayed"}, d={"words": "none"})
    exported = opinion("export", "leaving", "--database-url", sqlite_url)
    assert exported.exit_code == 0, exported.output
    weights = sorted((row["status"], row["weight"]) for row in rows_of(exported.stdout_bytes))
    assert weights == [("", ""), ("left", "0.75"), ("left", "0.75"), ("stayed", "1.5")]
    described = rows_of(opinion("codebook", "leaving", "--format", "csv", "--database-url", sqlite_url).stdout_bytes)
    assert [row["name"] for row in described] == exported.stdout_bytes.decode("utf-8-sig").splitlines()[0].split(",")
    assert "status: left = 50 %, stayed = 50 %" in described[-1]["values"]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:////nowhere/at/all/x.db", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_used_is_one_plain_line(url: str) -> None:
    for command in (("export", "x"), ("codebook", "x"), ("researcher", "list")):
        done = opinion(*command, "--database-url", url)
        assert done.exit_code == 1 and "Error: the database cannot be used" in done.output
        assert isinstance(done.exception, SystemExit)


def test_researchers_are_added_listed_linked_and_removed(database_url: str) -> None:
    added = opinion("researcher", "add", "Ada@Example.org", "--database-url", database_url)
    assert re.search(r"/sign-in/[\w-]{40,}", added.stdout)
    again = opinion("researcher", "add", "ada@example.org", "--database-url", database_url)
    assert again.exit_code == 1 and "researcher link" in again.output
    assert "ada@example.org" in opinion("researcher", "list", "--database-url", database_url).stdout
    assert opinion("researcher", "link", "ada@example.org", "--database-url", database_url).stdout != added.stdout
    assert opinion("researcher", "remove", "ada@example.org", "--database-url", database_url).exit_code == 0
    gone = opinion("researcher", "link", "ada@example.org", "--database-url", database_url)
    assert gone.exit_code == 1 and "no researcher" in gone.output


def test_a_port_in_use_and_workers_without_postgresql_are_said_plainly(sqlite_url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = opinion("serve", "--port", str(taken.getsockname()[1]), "--database-url", sqlite_url)
    assert done.exit_code == 1 and "choose another with --port" in done.output
    done = opinion("serve", "--workers", "2", "--port", "0", "--database-url", sqlite_url)
    assert done.exit_code == 1 and "PostgreSQL" in done.output


def test_a_setting_that_is_no_number_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPINION_PORT", "eighty")
    done = opinion("serve")
    assert done.exit_code == 2 and "OPINION_PORT must be a whole number" in done.output


@pytest.mark.parametrize("written", ["opinion.example", "https:/opinion.example", "https://x/path", "ftp://x", "https://x:port"])
def test_a_base_url_that_would_leave_cookies_unbound_is_refused(written: str) -> None:
    done = opinion("serve", "--base-url", written)
    assert done.exit_code == 2 and "must be like https://opinion.example.org" in done.output


def test_a_base_url_is_read_however_it_is_written() -> None:
    written = from_environment({"OPINION_BASE_URL": " HTTPS://Opinion.example:8443/ "})
    assert written.https and written.address == "https://Opinion.example:8443"


def test_serve_prints_where_things_are_and_stops_when_told(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    with Server(tmp_path) as server:
        base = server.base
        assert server.address("Results") == f"{base}/research"
        link = server.address("Sign in")
        with server.client() as browser:
            assert browser.get("/healthz").text == "ok\n"
            assert "No survey is open" in browser.get("/").text
            entered = browser.post(link)
            assert entered.headers["location"] == "/research/account"
            assert browser.get("/research").status_code == 200
            assert browser.post(link).status_code == 410  # once only
        assert server.stop() < 5


def test_serve_says_plainly_when_its_database_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    for command in ("serve", "demo"):
        assert "there is no survey folder" in opinion(command, "--surveys", str(tmp_path / "none")).output
    with Server(tmp_path, OPINION_DATABASE_URL="sqlite:////nowhere/at/all.db") as server:
        assert server.process.wait(30) != 0
        said = server.log.read_text()
    assert "the database cannot be used" in said and "Traceback" not in said


def test_demo_answers_by_itself_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    (tmp_path / "tmp").mkdir()
    with Server(tmp_path, "-n", "20", "--over", "0.5", command="demo", TMPDIR=str(tmp_path / "tmp")) as server:
        link = server.address("Sign in")
        with server.client() as browser:
            browser.post(link)
            for _ in range(300):
                page = browser.get("/research/leaving").text
                if '<dt>Begun</dt><dd><p class="big">20 ' in page:
                    break
            assert "Status?" in page and '<dt>Begun</dt><dd><p class="big">20 ' in page
        server.stop()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_demo_that_is_stopped_while_they_answer_ends_without_an_error(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    with Server(tmp_path, "-n", "2000", "--over", "60", command="demo") as server:
        server.address("Sign in")
        time.sleep(0.5)
        server.stop()
        assert server.process.returncode == 0
    said = server.log.read_text()
    assert "Simulated respondents" in said and "ERROR" not in said and "They have all answered" not in said


def test_health_is_answered_only_while_the_database_answers(postgres_to_crash, tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    with Server(tmp_path, OPINION_DATABASE_URL=postgres_to_crash.get_uri()) as server, server.client() as client:
        assert client.get("/healthz").status_code == 200
        crash(postgres_to_crash)
        for _ in range(100):
            status = client.get("/healthz").status_code
            if status != 200:
                break
            time.sleep(0.05)
        assert status == 503


def test_ctrl_c_while_a_command_is_being_loaded_prints_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    program = [sys.executable, "-m", "app", "check"]
    done = subprocess.run(
        program, capture_output=True, text=True, cwd=Path(__file__).parents[1], env=os.environ | {"PYTHONPATH": str(tmp_path)}
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
