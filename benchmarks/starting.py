"""Starting, and what the first page weighs."""

from __future__ import annotations

import re
import shutil
import statistics

from benchmarks import sixty
from benchmarks.server import ROOT, Server, folder, serving

BROWSER = {"accept-encoding": "gzip, deflate, br", "accept": "text/html"}


def start_up(quick: bool) -> None:
    """From the command to the first 200, on an empty folder with the surveys of this repository."""
    for what, path in (("the list of surveys", "/"), ("sign-in, when all is loaded", "/sign-in")):
        runs = []
        for _ in range(3 if quick else 7):
            with folder() as where:
                for survey in (ROOT / "surveys").glob("*.yaml"):
                    shutil.copy(survey, where / "surveys")
                with serving(where, path) as server:
                    runs.append((server.seconds, server.seconds_of_cpu))
        best, median = min(runs), statistics.median(run[0] for run in runs)
        print(f"first 200 of {what}: best {best[0]:.2f} s ({best[1]:.2f} s of processor time), median {median:.2f} s")


def weight(quick: bool) -> None:
    """What a browser fetches to show a page for the first time: the page, its style sheets and its scripts."""
    with folder() as where:
        for survey in (ROOT / "surveys").glob("*.yaml"):
            shutil.copy(survey, where / "surveys")
        with serving(where) as server:
            for path in ("/", f"/s/{sixty.SURVEY}", "/s/leaving-clinical-practice", "/s/is-leaving-failure"):
                print(weighed(server, path))


def weighed(server: Server, path: str) -> str:
    _, headers, page = server.get(path, **BROWSER)
    plain = server.get(path)[2].decode()
    linked = re.findall(r'(?:<script src|<link rel="stylesheet" href)="([^"]+)"', plain)
    parts = {each.partition(".")[2]: len(server.get(each, **BROWSER)[2]) for each in linked}
    total = len(page) + sum(parts.values())
    listed = ", ".join(f"{name} {size:,}" for name, size in parts.items())
    return f"{path}: {total:,} bytes ({headers.get('content-encoding', 'not compressed')}: page {len(page):,} of {len(plain.encode()):,}; {listed})"
