"""A real server for the tests: `opinion serve` in a process of its own, on a free port."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

ROOT = Path(__file__).parents[2]
TLS = ssl.create_default_context()  # takes a twentieth of a second, which each of hundreds of clients would take


class Server:
    """Starts the service and reads what it prints. Stop or kill it; it is killed in the end in any case."""

    def __init__(self, folder: Path, *arguments: str, command: str = "serve", merged: bool = False, **environment: str):
        """With `merged` what it logs stands among what it prints, as on a terminal."""
        self.folder = folder
        self.log = folder / f"log-{len(list(folder.glob('log-*')))}.txt"
        settings = {"OPINION_DATABASE_URL": f"sqlite:///{folder / 'opinion.db'}", "OPINION_SURVEYS": str(folder / "surveys"), **environment}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.commands.main", command, "--port", "0", *arguments],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT if merged else log, env=os.environ | settings, text=True,
                cwd=ROOT,
            )  # fmt: skip
        self.printed: list[str] = []
        self.began = time.monotonic()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line)

    def address(self, what: str = "Answer", seconds: float = 120) -> str:
        """The address printed beside a word; waits for it."""
        while True:
            for line in list(self.printed):
                found = re.match(rf"{what}\s+(http\S+)", line)
                if found:
                    return found[1]
            if self.process.poll() is not None or time.monotonic() - self.began > seconds:
                break
            time.sleep(0.02)
        raise AssertionError(f"the service did not start:\n{self.log.read_text()}\n{''.join(self.printed)}")

    @property
    def base(self) -> str:
        return self.address().rstrip("/")

    def client(self, **more: object) -> httpx.Client:
        return httpx.Client(base_url=self.base, timeout=20, verify=TLS, **more)  # type: ignore[arg-type]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", urlsplit(self.base).port), timeout=10)

    def kill(self) -> None:
        """Kills the server and its workers at once."""
        for process in [*psutil.Process(self.process.pid).children(recursive=True), self.process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def stop(self, seconds: float = 20) -> float:
        """Asks it to stop; how many seconds that took."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(seconds)
        return time.monotonic() - began

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()


def offered(folder: Path, **surveys: str) -> Path:
    """The folder, in which the service finds these surveys."""
    (folder / "surveys").mkdir()
    for name, text in surveys.items():
        (folder / "surveys" / f"{name}.yaml").write_text(text)
    return folder
