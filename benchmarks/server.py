"""A server under measurement: on a core of its own, with its folder thrown away afterwards."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks import sixty

ROOT = Path(__file__).parent.parent
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
LOAD = ["taskset", "-c", str(LOAD_CORE)]


class Server:
    """Starts a command that listens on `port` and waits for its first 200, which came after `seconds`."""

    def __init__(self, command: list[str], port: int, cwd: Path, path: str, cookie: str = "", **environment: str):
        self.port = port
        self.environment = {"PYTHONPATH": str(ROOT), **environment}
        self.log = cwd / f"log-{port}.txt"
        began = time.perf_counter()
        log = self.log.open("wb")
        self.running = psutil.Popen(
            ["taskset", "-c", str(SERVER_CORE), *command], cwd=cwd, stdout=subprocess.DEVNULL, stderr=log,
            env={**os.environ, **self.environment},
        )  # fmt: skip
        self.wait(path, {"cookie": cookie} if cookie else {})
        self.seconds = time.perf_counter() - began
        self.seconds_of_cpu = self.cpu()

    def wait(self, path: str, headers: dict[str, str]) -> None:
        for _ in range(6000):
            if self.running.poll() is not None:
                raise SystemExit(f"the server did not start:\n{self.log.read_text()}")
            with contextlib.suppress(OSError):
                if self.get(path, **headers)[0] == 200:
                    return
            time.sleep(0.005)
        raise SystemExit(f"no answer from {path}")

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return ask(self.port, "GET", path, headers=headers)

    def cpu(self) -> float:
        """Seconds of processor time that it has taken so far."""
        times = self.running.cpu_times()
        return times.user + times.system

    def memory(self) -> int:
        """Bytes that are its own."""
        return self.running.memory_full_info().uss

    def stop(self) -> None:
        self.running.terminate()
        self.running.wait()


def ask(port: int, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        kind = {"content-type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body or None, {**kind, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder with the survey in it."""
    with tempfile.TemporaryDirectory(prefix="opinion-bench-") as name:
        surveys = Path(name) / "surveys"
        surveys.mkdir()
        (surveys / f"{sixty.SURVEY}.yaml").write_text(sixty.source())
        yield Path(name)


@contextlib.contextmanager
def serving(where: Path, path: str = "/healthz", database: str = "", cookie: str = "") -> Iterator[Server]:
    """`opinion serve` on what is in a folder."""
    port = free_port()
    url = database or f"sqlite:///{where / 'opinion.db'}"
    command = [sys.executable, "-m", "app.commands.main", "serve", "--port", str(port)]
    settings = {"OPINION_DATABASE_URL": url, "OPINION_SURVEYS": str(where / "surveys")}
    yield from stopped(Server(command, port, where, path, cookie, **settings))


@contextlib.contextmanager
def floor(where: Path) -> Iterator[Server]:
    """The bare handlers of floor.py, served alike."""
    port = free_port()
    yield from stopped(Server([sys.executable, "-m", "benchmarks.floor", str(port)], port, where, "/plaintext"))


def stopped(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.stop()
