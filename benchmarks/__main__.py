"""`python -m benchmarks [NAME...] [--quick]`"""

from __future__ import annotations

import argparse
import os
import platform
import time

from benchmarks import answering, effects, paths, room, starting, stored, watching, writing

ALL = {
    "page": answering.form_page,
    "submissions": answering.submissions,
    "postgres": answering.submissions_postgres,
    "start": starting.start_up,
    "weight": starting.weight,
    "stored": stored.stored,
    "effects": effects.effects,
    "dashboards": watching.dashboards,
    "views": watching.views,
    "room": room.room,
    "paths": paths.paths,
    "check": writing.checking,
    "simulate": writing.simulating,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *ALL], help="which ones; all unless given")
    parser.add_argument("--quick", action="store_true", help="shorter and smaller: for a first look")
    chosen = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name in chosen.names or ALL:
        began = time.perf_counter()
        print(f"\n# {name}: {(ALL[name].__doc__ or '').splitlines()[0]}", flush=True)
        ALL[name](chosen.quick)
        print(f"({time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f})")


if __name__ == "__main__":
    main()
