"""The reference of what `opinion check` can say, made from the faulty surveys in tests/faults.

`python -m tools.fault_reference` writes it to surveys/FAULTS.md; a test checks that the file is current.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.catalogue.files import read_file
from app.survey.faults import CATALOGUE, WARNINGS, Fault

ROOT = Path(__file__).parent.parent
FAULTS = ROOT / "tests" / "faults"
REFERENCE = ROOT / "surveys" / "FAULTS.md"
AROUND = 3  # lines shown before the fault
HEAD = """\
# What `opinion check` can say

Every message has a code, a place and a remedy. A **fault** keeps a survey from being served; a **warning** does
not, and can be accepted with a comment on its line (`# ok: double-barrelled`). Each code is shown here with
a survey that has it, the line marked by `>`. This page is generated: `python -m tools.fault_reference`.
"""


def reference() -> str:
    parts = [HEAD, "## Faults\n", *entries(CATALOGUE), "## Warnings\n", *entries(WARNINGS)]
    return "\n".join(parts)


def entries(codes: dict[str, str]) -> Iterator[str]:
    for code in sorted(codes):
        yield f"### {code}\n\n{codes[code]}\n"
        example = next(iter(files_of(code)), None)
        if example is not None:
            yield from shown(code, example)


def files_of(code: str) -> list[Path]:
    """The faulty surveys named for a code, the plainest first; a translation stands beside its survey."""
    exact = [file for file in FAULTS.glob(f"{code}*.yaml") if file.stem.split(".")[0] == code]
    others = sorted(file for file in FAULTS.glob(f"{code}-*.yaml") if "." not in file.stem)
    mains = [file for file in exact if "." not in file.stem]
    return [*mains, *exact, *others]


def shown(code: str, file: Path) -> Iterator[str]:
    fault = next((fault for fault in read_file(file)[1] if fault.code == code), None)
    if fault is None:
        return
    at = FAULTS / Path(fault.file).name
    lines = at.read_bytes().decode("utf-8", "replace").splitlines()
    told = list(excerpt(lines, fault))
    if told:
        yield "```yaml\n" + "\n".join(told) + "\n```\n"
    yield f"*{fault.what}.* {fault.remedy}\n".replace(f"{FAULTS}/", "")


def excerpt(lines: list[str], fault: Fault) -> Iterator[str]:
    """The line of a fault, marked, with those before it; the test's own first line is left out."""
    first = max(fault.line - 1 - AROUND, 1 if lines[0].startswith("# expects") else 0)
    for number in range(first, min(fault.line, len(lines))):
        mark = ">" if number == fault.line - 1 else " "
        yield f"{mark} {lines[number][:110]}".rstrip()


if __name__ == "__main__":
    REFERENCE.write_text(reference(), "utf-8")
