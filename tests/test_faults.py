"""What can be wrong with a survey file: each fault is shown where it is, with what to do about it.

Each file in faults/ is named for its fault and says in its first line what is expected of it:
`# expects: line:column code, ... | words of the remedy`. A file may have translations beside it; what is expected at
a place of one of them begins with its language: `de:line:column code`.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.files import read_file, survey_files
from app.survey.faults import CATALOGUE, WARNINGS, Fault
from app.survey.source.reading import read_survey
from tests.support.commands import opinion

FOLDER = Path(__file__).parent / "faults"
FILES = survey_files(FOLDER)
SEVERAL = (FOLDER / "many-at-once.yaml", FOLDER / "many-new-at-once.yaml")
#: Faults that no file can show.
WITHOUT_A_FILE = {"twin-files", "unreadable", "more-faults"}

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


def places_by_file(faults: list[Fault], main: Path) -> list[str]:
    """The places, with the language before those in a translation."""
    files = {str(main): ""}
    return [
        files.get(fault.file, f"{Path(fault.file).stem.removeprefix(f'{main.stem}.')}:") + place
        for fault, place in zip(faults, places(faults), strict=True)
    ]


def expectations(path: Path) -> tuple[list[str], str]:
    """The places and codes that a file's first line names, and the words of its remedy."""
    first = path.read_bytes().splitlines()[0].decode().removeprefix("# expects: ")
    expected, _, words = first.partition(" | ")
    return expected.split(", "), words


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_fault_is_found_at_its_place_with_its_remedy(path):
    expected, words = expectations(path)
    _, faults = read_file(path)
    assert sorted(places_by_file(faults, path)) == sorted(expected)
    assert all(fault.what and fault.remedy for fault in faults)
    assert any(words in fault.remedy for fault in faults)


def test_every_code_of_the_catalogue_has_a_file_of_its_name():
    codes = {*CATALOGUE, *WARNINGS}
    named = {code for code in codes if (FOLDER / f"{code}.yaml").exists()}
    prefixed = {code for code in codes if any(path.stem.startswith((f"{code}-", f"{code}.")) for path in FILES)}
    assert codes - named - prefixed == WITHOUT_A_FILE


def test_every_file_shows_the_fault_that_it_is_named_for():
    for path in FILES:
        if path not in SEVERAL:
            codes = {place.split()[1] for place in expectations(path)[0]}
            assert any(path.stem.partition(".")[0] == code or path.stem.startswith(f"{code}-") for code in codes), path.name


@pytest.mark.parametrize("path", SEVERAL, ids=lambda path: path.stem)
def test_twenty_different_faults_of_one_file_are_all_told_at_once(path):
    _, faults = read_file(path)
    assert len({(fault.line, fault.code) for fault in faults}) >= 20
    assert len({fault.what for fault in faults}) >= 20 and all(fault.remedy for fault in faults)


def test_a_warning_leaves_the_survey_good_and_a_comment_accepts_it():
    source = GOOD.replace("failed: As one who failed,", "failed: As tired and failing,")
    instrument, faults = read_survey(source.encode(), "x")
    assert instrument is not None and [fault.code for fault in faults] == ["double-barrelled"]
    line = next(line for line in source.splitlines() if "tired" in line)
    accepted = source.replace(line, f"{line}  # ok: double-barrelled")
    assert read_survey(accepted.encode(), "x")[1] == []
    other = source.replace(line, f"{line}  # ok: long-text")
    assert [fault.code for fault in read_survey(other.encode(), "x")[1]] == ["double-barrelled"]


def test_a_warning_is_accepted_for_a_line_an_item_a_section_or_the_file():
    doubtful = GOOD.replace("failed: As one who failed,", "failed: As tired and failing,")
    comment = "  # ok: long-text, double-barrelled"

    def warned(source: str) -> list[str]:
        instrument, faults = read_survey(source.encode(), "x")
        assert instrument is not None and instrument.fingerprint == read_survey(doubtful.encode(), "x")[0].fingerprint
        return [fault.code for fault in faults]

    assert warned(doubtful) == ["double-barrelled"]
    assert warned(doubtful.replace("      seen:", f"      seen:{comment}")) == []
    assert warned(doubtful.replace("  then:", f"  then:{comment}")) == []
    assert warned(f"#{comment}\n{doubtful}") == []
    assert warned(doubtful.replace("  you:", f"  you:{comment}")) == ["double-barrelled"]
    assert warned(doubtful.replace("      why:", f"      why:{comment}")) == ["double-barrelled"]


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
        (b"".join(b"k%d: 1\n" % n for n in range(15_000)), "unknown-key"),
        (b"a: 1\n" * 20_000, "duplicate-key"),
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
    began = time.process_time()
    faults = faults_in(source)
    assert time.process_time() - began < 20
    assert code is None or code in {fault.code for fault in faults}


# --- what the command prints -----------------------------------------------------------------------------


def check(*paths: object) -> tuple[int, str]:
    outcome = opinion("check", *paths)
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    return outcome.exit_code, outcome.output


def told(tmp_path: Path, source: str, name: str = "survey.yaml") -> list[str]:
    file = tmp_path / name
    file.write_text(source, "utf-8")
    code, output = check(file)
    assert code == 1
    return output.replace(str(file), name).splitlines()


def test_check_shows_the_line_a_caret_and_the_remedy(tmp_path):
    assert told(tmp_path, GOOD.replace("status ==", "stauts ==")) == [
        'survey.yaml:17:18: condition-unknown-name: there is no item called "stauts"',
        '   17 |         show_if: stauts == "left"',
        "      |                  ^",
        '        Did you mean "status"?',
        "",
        "1 fault in 1 file",
    ]


def caret_and_line(lines: list[str]) -> tuple[str, str]:
    """The line shown and the part of it that the caret points at, in columns of a terminal."""
    shown, caret = lines[1].partition("| ")[2], lines[2].partition("| ")[2]
    return shown, caret


def test_check_points_under_wide_letters_and_marks_that_take_no_room(tmp_path):
    wide = 'word == "医生医生" and years > 5'
    shown, caret = caret_and_line(told(tmp_path, GOOD.replace("answered(status) and years >= 2", wide)))
    assert shown.index("word") == caret.index("^")
    flow = "items: {why: {type: text, ask: 医生e\u0301, show_if: word == 1}}"
    shown, caret = caret_and_line(told(tmp_path, f"title: A\nsections:\n  a:\n    {flow}\n"))
    assert caret.index("^") == shown.index("word") + 2 - 1  # two letters twice as wide, one mark of no width


def test_check_shows_a_tab_as_an_arrow(tmp_path):
    lines = told(tmp_path, GOOD.replace("        ask: Where", "\t\task: Where"))
    assert lines[1:3] == ["    8 | →→ask: Where are you now?", "      | ^"]


@pytest.mark.parametrize("padding", [0, 50, 90, 100, 150, 1800])
def test_check_cuts_a_long_line_around_the_caret(tmp_path, padding):
    condition = f"answered(status) and {'  ' * (padding // 2)}stauts == 1"
    shown, caret = caret_and_line(told(tmp_path, GOOD.replace('status == "left"', condition)))
    assert len(shown) <= 102
    assert shown[caret.index("^") :].startswith("stauts")


def test_check_prints_no_control_characters_of_a_file(tmp_path):
    """Neither those that a text holds as escapes, in what is said, nor those in the line that is shown."""
    escaped = GOOD.replace("type: text", 'type: "te\\a\\b\\e[2Jxt"')
    raw = GOOD.replace("ask:", "ask\a\b\x1b[2J:")
    for source in (escaped, raw):
        output = "\n".join(told(tmp_path, source))
        assert not re.search(r"[^\n\x20-\x7e…→\ufffd]", output)
        assert "\ufffd\ufffd" in output


def test_check_tells_the_faults_of_all_files_at_once(tmp_path):
    (tmp_path / "one.yaml").write_text(GOOD.replace("number", "nubmer"))
    (tmp_path / "two.yml").write_text(GOOD)
    (tmp_path / "three.yaml").write_text("")
    (tmp_path / "note.txt").write_text("no survey")
    code, output = check(tmp_path)
    assert code == 1
    assert [line.rpartition("/")[2] for line in output.splitlines() if ".y" in line] == [
        'one.yaml:14:15: unknown-type: there is no item type called "nubmer"',
        "three.yaml:1:1: empty-file: the file is empty",
        "two.yml: good, 4 items in 2 sections",
    ]
    assert output.endswith("2 faults in 3 files\n")


def test_two_files_that_differ_only_in_their_ending_are_a_fault_of_both(tmp_path):
    for name in ("good.yaml", "good.yml", "other.yaml", "other.de.yaml", "other.de.yml"):
        text = GOOD.replace("title:", "languages: [en, de]\ntitle:") if name == "other.yaml" else GOOD
        (tmp_path / name).write_text(text if ".de." not in name else "title: Gut")
    exit_code, output = check(tmp_path)
    assert exit_code == 1
    for first, second in (("good.yaml", "good.yml"), ("good.yml", "good.yaml"), ("other.de.yml", "other.de.yaml")):
        assert f"{first}:1:1: twin-files: {first} and {second} would be the same survey" in output


def test_check_of_good_files_exits_with_0(tmp_path):
    (tmp_path / "good.yaml").write_text(GOOD)
    assert check(tmp_path) == check(tmp_path / "good.yaml")
    assert check(tmp_path) == (0, f"{tmp_path}/good.yaml: good, 4 items in 2 sections\n")


def test_check_goes_on_after_what_cannot_be_opened(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "good.yaml").write_text(GOOD)
    code, output = check(tmp_path / "missing.yaml", tmp_path / "empty", tmp_path)
    heads = [
        line.removeprefix(f"{tmp_path}/") for line in output.splitlines() if line.startswith(str(tmp_path))
    ]
    assert code == 1
    assert heads == [
        "missing.yaml:1:1: unreadable: the file cannot be opened: No such file or directory",
        "empty:1:1: unreadable: there is no survey file in this folder",
        "folder.yaml:1:1: unreadable: there is no survey file in this folder",
        "gone.yaml:1:1: unreadable: the file cannot be opened: No such file or directory",
        "good.yaml: good, 4 items in 2 sections",
    ]


def test_check_of_a_file_whose_reading_fails(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "good.yaml").write_text(GOOD)
    monkeypatch.setattr(Path, "open", refuse)
    code, output = check(tmp_path)
    assert code == 1
    assert "good.yaml:1:1: unreadable: the file cannot be opened: Permission denied" in output


def test_check_without_paths_checks_the_surveys_folder(tmp_path, monkeypatch):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "good.yaml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    assert check() == (0, "surveys/good.yaml: good, 4 items in 2 sections\n")


# --- anything at all -------------------------------------------------------------------------------------

TOKENS = re.findall(r"\n *|[\w.]+|[^\w\s]| +", GOOD)
ODD = [
    "null", "true", "no", "~", "[]", "{}", "-", "- ", "? ", ": ", "#", "&a ", "*a", "!!int ", "|", ">-", "'", '"', "\t",
    "{", "}", "[", "]", ",", "%", "@", "`", "\\", "\n", "\n---\n", "...", "<<", "0", "-1", "9" * 40, "1e999", ".nan",
    "\u2028", "\x85", "\xa0", "\ufeff", "\ue000", "🩺", "\x00", "(", ")", "==", "not ", " and ", "{{", "{status}",
    "status", "left", "seen.failed", "mean(", "rating", "matrix", "note", "multiple_choice", "scale", "scales",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The good survey with some of its tokens deleted, doubled, exchanged or replaced by odd ones."""
    tokens = list(TOKENS)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(tokens) - 1))
        change = draw(st.sampled_from(["delete", "double", "move", "replace", "insert"]))
        if change == "delete":
            tokens[place] = ""
        elif change == "double":
            tokens[place] *= 2
        elif change == "move":
            other = draw(st.integers(0, len(tokens) - 1))
            tokens[place], tokens[other] = tokens[other], tokens[place]
        else:
            odd = draw(st.sampled_from(ODD))
            tokens[place] = odd if change == "replace" else tokens[place] + odd
    return "".join(tokens)


def assert_read_soon(source: bytes) -> None:
    began = time.process_time()
    instrument, faults = read_survey(source, "fuzzed")
    assert (instrument is None) == bool(faults)
    assert all(fault.what and fault.remedy and fault.line > 0 and fault.column > 0 for fault in faults)
    assert time.process_time() - began < 5


@given(mutated())
def test_mutated_survey_never_raises(source):
    assert_read_soon(source.encode("utf-8", "replace"))


@pytest.mark.parametrize(
    "more", ["", "[", "{", '"', "'", "&a", "*", "!", "|", "- ", "? ", ": ", "%", "\t", ",", "#"]
)
def test_file_that_breaks_off_anywhere_never_raises(more):
    for end in range(0, len(GOOD), 9):
        assert_read_soon((GOOD[:end] + more).encode())


@given(st.binary(max_size=300))
def test_any_bytes_never_raise(source):
    assert_read_soon(source)


def test_broken_option_may_hold_further_faults():
    source = GOOD.replace("practising: In practice", "practising: {please_say: maybe, label: ~}")
    assert [f.code for f in faults_in(source)] == ["not-true-or-false", "not-text"]


KEYS = st.sampled_from(
    [
        "a",
        "title",
        "items",
        "type",
        "ask",
        "options",
        "scale",
        "label",
        "left",
        "1",
        "true",
        "~",
        "show_if",
        "[x]",
        "''",
    ]
)
VALUES = st.recursive(
    st.sampled_from(
        ["", "~", "true", "no", "5", "9" * 30, "1.5", "text", "'{a}'", "number", "[1, 2]", "'a == 1'"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=8,
)
POSITIONS = re.findall(r"(?m)^( *(?:\w+:))(?: (.*))?$", GOOD)


@given(st.sampled_from(POSITIONS), VALUES)
def test_any_value_in_any_position_never_raises(position, value):
    """The value of one key, with all that is under it, is replaced by some other structure."""
    key = position[0]
    indent = len(key) - len(key.lstrip())
    pattern = rf"(?m)^{re.escape(key)}.*(?:\n {{{indent + 1},}}.*)*"
    assert_read_soon(re.sub(pattern, lambda _: f"{key} {value}", GOOD, count=1).encode())


def test_a_survey_cannot_take_the_address_of_another_page():
    source = (GOOD if isinstance(GOOD, str) else GOOD.decode()).encode()
    assert read_survey(source, "accounts")[0] is not None
    assert [fault.code for fault in read_survey(source, "account")[1]] == ["reserved-id"]
