"""The database's files are their owner's alone, one service answers from them, and an older version leaves them be."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.responses.backends import files
from app.responses.errors import Unavailable
from app.responses.migrations.migrate import migrate
from app.responses.storage import open_storage
from tests.support.commands import opinion
from tests.support.migrations import FILES, WIDER, engine_on, folder_of
from tests.support.server import Server

ROOT = Path(__file__).parents[1]
SURVEY = "title: Leaving\nsections: {only: {items: {x: {type: text, ask: Say}}}}\n"


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("opinion.db*")}


def surveys_in(folder: Path) -> None:
    (folder / "surveys").mkdir()
    (folder / "surveys" / "leaving.yaml").write_text(SURVEY)


# --- permissions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o666, 0o604])
async def test_a_restored_database_is_closed_to_others_with_all_beside_it(tmp_path: Path, sqlite_url: str, mode: int) -> None:
    database = tmp_path / "opinion.db"
    held = sqlite3.connect(database)
    held.executescript("PRAGMA journal_mode = WAL; CREATE TABLE restored (x); INSERT INTO restored VALUES (1);")
    for file in tmp_path.glob("opinion.db*"):
        file.chmod(mode)
    assert set(modes(tmp_path)) == {"opinion.db", "opinion.db-wal", "opinion.db-shm"}

    async with open_storage(sqlite_url):
        assert set(modes(tmp_path).values()) == {0o600}
    held.close()


async def test_a_linked_database_is_closed_to_others_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "real.db").touch(mode=0o644)
    (tmp_path / "disk" / "real.db").chmod(0o644)
    (tmp_path / "opinion.db").symlink_to(tmp_path / "disk" / "real.db")

    async with open_storage(f"sqlite:///{tmp_path}/opinion.db"):
        assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "disk").iterdir()} == {0o600}


async def test_a_database_that_cannot_be_closed_to_others_is_refused(tmp_path: Path, sqlite_url: str, monkeypatch) -> None:
    (tmp_path / "opinion.db").touch()
    (tmp_path / "opinion.db").chmod(0o644)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(files.Path, "chmod", refuse)

    with pytest.raises(Unavailable, match="readable by other users of this machine.*chmod 600"):
        async with open_storage(sqlite_url):
            raise AssertionError("it was opened")


# --- one service ---------------------------------------------------------------------------------------------


def second_serve(folder: Path, database: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "app.commands.main", "serve", "--port", "0", "--surveys", str(folder / "surveys")]
    return subprocess.run(
        [*program, "--database-url", database], capture_output=True, text=True, cwd=ROOT, timeout=60
    )


def test_a_second_service_on_one_file_is_refused_and_commands_are_not(tmp_path: Path, sqlite_url: str) -> None:
    surveys_in(tmp_path)
    (tmp_path / "link.db").symlink_to(tmp_path / "opinion.db")
    with Server(tmp_path) as server:
        server.address()
        for url in (sqlite_url, f"sqlite:///{tmp_path}/link.db"):
            second = second_serve(tmp_path, url)
            assert second.returncode != 0 and "Traceback" not in second.stderr
            assert f"in use by `opinion serve` (process {server.process.pid}): stop that one first" in second.stderr
        for command in (("export", "leaving"), ("codebook", "leaving"), ("researcher", "list")):
            done = opinion(*command, "--database-url", sqlite_url)
            assert done.exit_code == 0, done.output
        server.kill()
    with Server(tmp_path) as again:
        assert again.address()


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("export", "leaving"), ("compact",)])
async def test_a_database_with_a_second_name_is_refused(tmp_path: Path, sqlite_url: str, command: tuple[str, ...]) -> None:
    """Each name has a lock and a write-ahead log of its own."""
    async with open_storage(sqlite_url):
        (tmp_path / "link.db").hardlink_to(tmp_path / "opinion.db")
        for name in ("link.db", "opinion.db"):
            program = [sys.executable, "-m", "app.commands.main", *command, "--database-url", f"sqlite:///{tmp_path}/{name}"]
            refused = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, timeout=60)
            assert refused.returncode != 0 and f"{name} is one of 2 names of the same file" in refused.stderr
            assert "Traceback" not in refused.stderr
    assert not (tmp_path / "link.db-wal").exists()


def test_several_services_share_a_postgresql(tmp_path: Path, postgres_url: str) -> None:
    surveys_in(tmp_path)
    with Server(tmp_path, OPINION_DATABASE_URL=postgres_url) as one:
        one.address()
        with Server(tmp_path, OPINION_DATABASE_URL=postgres_url) as other:
            assert other.address()


async def test_a_newer_command_does_not_migrate_under_a_running_service(tmp_path: Path, sqlite_url: str, monkeypatch) -> None:
    """The service is of an earlier version: its tables must not change under it."""
    monkeypatch.setattr("app.responses.storage.MIGRATING_SECONDS", 0)

    async with engine_on(sqlite_url) as engine:
        await migrate(engine, folder_of(tmp_path, list(FILES)[:-1]))
    with files.only_service(str(tmp_path / "opinion.db"), "no"):
        with pytest.raises(Unavailable, match="earlier version"):
            async with open_storage(sqlite_url):
                raise AssertionError("it was migrated")
    async with open_storage(sqlite_url):
        pass


# --- newer databases -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "opens"),
    [("", False), (f'OLDEST_READER = "{list(FILES)[-1]}"', True), ('OLDEST_READER = "2098-01-01T00:00:00:000000"', False)],
)  # fmt: skip
async def test_a_newer_database_opens_only_if_its_migrations_allow_it(
    database_url: str, tmp_path: Path, says: str, opens: bool
) -> None:
    newest = list(FILES)[-1]
    text = WIDER.replace('ID = "2099', f'{says}\nID = "2099').replace(newest, written_id(newest))

    async def this_one() -> None:
        async with open_storage(database_url) as storage:
            assert await storage.counts("leaving") == {}

    async with engine_on(database_url) as engine:
        await migrate(engine, folder_of(tmp_path, FILES, responses_2099_01_01t00_00_00_000001=text))
    if opens:
        await this_one()
        return
    with pytest.raises(Unavailable, match=r"a newer version .*responses_2099_01_01t00_00_00_000001"):
        await this_one()
    done = opinion("export", "leaving", "--database-url", database_url)
    assert done.exit_code == 1 and "newer version of Second Opinion" in done.output and os.linesep in done.output
    compacted = opinion("compact", "--database-url", database_url)
    assert compacted.exit_code == 1 and "newer version of Second Opinion" in compacted.output


def written_id(stem: str) -> str:
    """The ID of a migration, by the name of its file."""
    return next(line.split('"')[1] for line in FILES[stem].read_text().splitlines() if line.startswith("ID ="))
