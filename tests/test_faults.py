"""What can be wrong with a survey file: each fault is shown where it is, with what to do about it.

Each file in faults/ is named for its fault and says in its first line what is expected of it:
`# expects: line:column code, ... | words of the remedy`.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli import main
from app.errors import CATALOGUE, Fault
from app.files import read_file
from app.instrument import read_survey

FOLDER = Path(__file__).parent / "faults"
FILES = sorted(FOLDER.glob("*.yaml"))
SEVERAL = FOLDER / "many-at-once.yaml"
#: Faults that no file can show.
WITHOUT_A_FILE = {"unreadable"}

GOOD = """\
title: Leaving
sections:
  you:
    title: You
    items:
      status:
        type: single_choice
        ask: Where are you now?
        required: true
        options:
          practising: In practice
          left: {label: Out of practice, please_say: true}
      years:
        type: number
        ask: How many years?
        range: [0, 70]
        show_if: status == "left"
  then:
    show_if: answered(status) and years >= 2
    items:
      seen:
        type: matrix
        ask: "After {years} years: how are you seen?"
        scale: {1: Badly, 2: null, 3: Well}
        statements: {failed: As one who failed, grew: As one who grew}
      why:
        type: text
        ask: Why?
        lines: 3
        show_if: mean(seen) > 1.5 and seen.grew in [2, 3]
"""


def faults_in(source: str | bytes, survey: str = "x") -> list[Fault]:
    encoded = source if isinstance(source, bytes) else source.encode()
    instrument, faults = read_survey(encoded, survey)
    assert (instrument is None) == bool(faults)
    return faults


def places(faults: list[Fault]) -> list[str]:
    return [f"{fault.line}:{fault.column} {fault.code}" for fault in faults]


def expectations(path: Path) -> tuple[list[str], str]:
    """The places and codes that a file's first line names, and the words of its remedy."""
    first = path.read_bytes().splitlines()[0].decode().removeprefix("# expects: ")
    expected, _, words = first.partition(" | ")
    return expected.split(", "), words


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_fault_is_found_at_its_place_with_its_remedy(path):
    expected, words = expectations(path)
    _, faults = read_file(path)
    assert places(faults) == expected
    assert all(fault.what and fault.remedy for fault in faults)
    assert any(words in fault.remedy for fault in faults)
    assert {fault.file for fault in faults} == {str(path)}


def test_every_code_of_the_catalogue_has_a_file_of_its_name():
    named = {code for code in CATALOGUE if (FOLDER / f"{code}.yaml").exists()}
    prefixed = {code for code in CATALOGUE if any(path.stem.startswith(f"{code}-") for path in FILES)}
    assert set(CATALOGUE) - named - prefixed == WITHOUT_A_FILE


def test_every_file_shows_the_fault_that_it_is_named_for():
    for path in FILES:
        if path != SEVERAL:
            codes = {place.split()[1] for place in expectations(path)[0]}
            assert any(path.stem == code or path.stem.startswith(f"{code}-") for code in codes), path.name


def test_twenty_different_faults_of_one_file_are_all_told_at_once():
    _, faults = read_file(SEVERAL)
    assert len({fault.code for fault in faults}) >= 20


def test_one_slip_is_told_once():
    """A misspelt key is not also missing; a section that cannot be read is not also an empty survey."""
    assert [f.code for f in faults_in(GOOD.replace("ask: Where", "asks: Where"))] == ["unknown-key"]
    assert [f.code for f in faults_in("title: A\nsections: {you: [1]}\n")] == ["not-a-mapping"]


def test_item_with_a_fault_does_not_make_others_faulty():
    """`years` is in a condition and in a text; only its own fault is told."""
    assert [f.code for f in faults_in(GOOD.replace("type: number", "type: nmuber"))] == ["unknown-type"]


def test_unknown_name_beside_an_item_with_a_fault_is_told():
    source = GOOD.replace("type: number", "type: nmuber").replace(
        "answered(status) and", "answered(sttus) and"
    )
    assert [f.code for f in faults_in(source)] == ["unknown-type", "condition-unknown-name"]


def test_survey_without_faults_is_read():
    instrument, faults = read_survey(GOOD.encode(), "good")
    assert faults == []
    assert [item.id for item in instrument.items()] == ["status", "years", "seen", "why"]


# --- words and numbers of YAML ---------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "NO", "Yes", "y", "n"])
def test_no_is_a_word_as_a_label_and_as_a_code(word):
    code = word.lower()
    instrument, faults = read_survey(GOOD.replace("practising: In practice", f"{code}: {word}").encode(), "x")
    assert faults == []
    option = instrument.item["status"].options[0]
    assert (option.code, option.label.source) == (code, word)


@pytest.mark.parametrize(
    "written", ["010", "1:30", "0x1f", "1_000", "+1", "1.50", "2026-12-01", "1e3", "-0", ".5", "12:30:45"]
)
def test_number_as_a_label_is_kept_as_it_is_written(written):
    instrument, faults = read_survey(GOOD.replace("In practice", written).encode(), "x")
    assert faults == []
    assert instrument.item["status"].options[0].label.source == written


def test_numbers_serve_as_codes_and_as_labels_of_a_scale():
    scale = "{-1: -1, 0: 0, 1: +1}"
    source = GOOD.replace("{1: Badly, 2: null, 3: Well}", scale).replace("in [2, 3]", "in [0, 1]")
    instrument, faults = read_survey(source.replace("> 1.5", "> 0").encode(), "x")
    assert faults == []
    points = [(point.code, point.label.source) for point in instrument.item["seen"].scale]
    assert points == [(-1, "-1"), (0, "0"), (1, "+1")]


def test_byte_order_mark_and_windows_lines_are_read():
    instrument, faults = read_survey(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(), "x")
    assert faults == []
    assert instrument.title == "Leaving"
    broken = b"\xef\xbb\xbf" + GOOD.replace("status ==", "stauts ==").replace("\n", "\r\n").encode()
    assert places(faults_in(broken)) == ["17:18 condition-unknown-name"]


def test_utf16_is_not_utf8():
    assert places(faults_in(GOOD.encode("utf-16"))) == ["1:1 not-utf8"]


def test_empty_file():
    assert places(faults_in(b"")) == places(faults_in(b"\n \n")) == ["1:1 empty-file"]


# --- files made to do harm -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"[" * 10_000_000, "too-large"),
        (b"[" * 900_000, "too-deep"),
        (b"{" * 900_000, "too-deep"),
        (b"- " * 450_000, "too-deep"),
        (b"a: " * 300_000, "yaml"),
        (b"? " * 450_000, "too-deep"),
        (b"{a: " * 220_000, "too-deep"),
        (b"title: " + b"(" * 900_000, "too-large"),
        (b"a: [" + b"*a," * 300_000 + b"]", "yaml-alias"),
        (b"".join(b"k%d: 1\n" % n for n in range(60_000)), "unknown-key"),
        (b"a: 1\n" * 100_000, "duplicate-key"),
        (b'title: "' + b"\\n" * 400_000, "yaml"),
        (
            GOOD.encode() + b"      m: {type: text, ask: M, show_if: '" + b"mean(" * 390 + b"'}\n",
            "bad-condition",
        ),
        (GOOD.encode() + b"      m: {type: text, ask: '" + b"{a}" * 300_000 + b"'}\n", "too-large"),
        (GOOD.encode() + b"      m: {type: note, text: '" + b"[" * 19_000 + b"'}\n", None),
        (GOOD.encode() + b"      m: {type: note, text: '" + b"*a_" * 6_000 + b"'}\n", None),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, bytes) else value,
)
def test_hostile_file_is_answered_soon(source, code):
    began = time.monotonic()
    faults = faults_in(source)
    assert time.monotonic() - began < 20
    assert code is None or code in {fault.code for fault in faults}
