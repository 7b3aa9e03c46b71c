"""Load by wrk, from a core of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.server import LOAD, Server

SCRIPT = """
local requests, at = {{}}, 0
init = function()
  for line in io.lines("{requests}") do
    local method, path, name, value, body = line:match("^(.-)\\t(.-)\\t(.-)\\t(.-)\\t(.*)$")
    local headers = {{}}
    if name ~= "" then headers[name] = value end
    {more}
    if body == "" then body = nil else headers["Content-Type"] = "application/x-www-form-urlencoded" end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors":\
 {{"connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d}}}}\\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.connect, e.read, e.write, e.timeout, e.status))
end
"""
#: wrk counts what takes longer as an error; its own two seconds are too few where other programs share the cores.
SLOWEST = 60


class Sent(NamedTuple):
    """One request that the load sends over and over, in turn with others."""

    method: str
    path: str
    header: tuple[str, str] = ("", "")
    body: str = ""


@dataclass(frozen=True)
class Run:
    """`p50` and `p99` in milliseconds, `cpu` in microseconds of the server's processor a request."""

    rate: float
    p50: float
    p99: float
    cpu: float
    requests: int


def run(server: Server, sent: Sequence[Sent], clients: int, seconds: float, more: str = "") -> Run:
    """One run of wrk. Ends the benchmark when an answer was an error: its figures would mean nothing."""
    with tempfile.TemporaryDirectory(prefix="opinion-wrk-") as name:
        requests, script = Path(name) / "requests", Path(name) / "script.lua"
        requests.write_text("".join("\t".join((s.method, s.path, *s.header, s.body)) + "\n" for s in sent))
        script.write_text(SCRIPT.format(requests=requests, more=more))
        before = server.cpu()
        command = [*LOAD, "wrk", "-t1", f"-c{clients}", f"-d{seconds:g}s", f"--timeout={SLOWEST}s", "-s", str(script), f"http://127.0.0.1:{server.port}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        spent = server.cpu() - before
    found = json.loads(told.strip().splitlines()[-1])
    errors = {kind: count for kind, count in found["errors"].items() if count}
    if errors:
        raise SystemExit(f"errors beside {found['requests']} answers, by kind: {errors}")
    count = found["requests"]
    return Run(count / found["seconds"], found["p50"], found["p99"], 1e6 * spent / count, count)
