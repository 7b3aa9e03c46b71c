"""Surveys with nodes taken out, exchanged or replaced by anything at all: what is wrong is told, and nothing raises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.files import survey_files
from app.survey.documents.places import DEEPEST, TEXT, composed
from app.survey.source.reading import read_survey

SURVEYS = Path(__file__).parent.parent / "surveys"
FILES = [file for file in survey_files(SURVEYS / "examples") if not file.stem.startswith("large-")]
REFERENCE = re.findall(r"```yaml survey\n(.*?)```", (SURVEYS / "README.md").read_text(), re.S)
SOURCES = [file.read_text() for file in FILES] + REFERENCE

#: What stands in the place of a node, as it would be written.
WRITTEN = st.sampled_from([
    "null", "true", "false", "[]", "{}", "[null]", "{a: null}", "[[a, b], 1]", "{a: {b: {c: d}}}", "0", "-1", "1", "2",
    "1.5", "99999999999999999", "1.0e999", "-1.0e-320", '""', '" "', "yes", "entry", "today", "2026-13-45", "today - 3 days",
    "'{entry}'", "'{status'", "'{a|one: x|#}'", "'{{'", "x" * 2500, "[" + "a, " * 300 + "b]", "A", "'🩺'", "'\u0661'", "language",
    "not", "'('", "a where selected", "where", "answered(a", "'1/0 > 1'", "'9" + "9" * 400 + " > 1'", "sum()", "a if b else c",
    'date("2026-02-30")', "true if true else false", "status == 'x' and", "rank(a, 1)",
])  # fmt: skip


def places(node: yaml.Node, depth: int = 1) -> list[tuple[yaml.CollectionNode, int, int]]:
    """Every child of a node, as its parent, its place there and how deep it stands."""
    found = []
    if isinstance(node, yaml.CollectionNode):
        for place, part in enumerate(node.value):
            child = part[1] if isinstance(part, tuple) else part
            found += [(node, place, depth), *places(child, depth + 1)]
    return found


def child(parent: yaml.CollectionNode, place: int) -> yaml.Node:
    part = parent.value[place]
    return part[1] if isinstance(part, tuple) else part


def replace(parent: yaml.CollectionNode, place: int, node: yaml.Node) -> None:
    part = parent.value[place]
    parent.value[place] = (part[0], node) if isinstance(part, tuple) else node


def written(node: yaml.Node) -> str:
    """The text of nodes, in one line. A node that stands in several places is written there each time."""
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.tag != TEXT else '"' + node.value.translate(ESCAPED) + '"'
    if isinstance(node, yaml.MappingNode):
        return "{" + ", ".join(f"{written(key)}: {written(value)}" for key, value in node.value) + "}"
    return "[" + ", ".join(written(each) for each in node.value) + "]"


ESCAPED = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\t"): "\\t"}


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A sound survey in which up to three nodes are deleted, replaced, renamed, doubled or exchanged."""
    root = composed(draw(st.sampled_from(SOURCES)))
    for _ in range(draw(st.integers(1, 3))):
        spots = places(root)
        parent, place, _ = draw(st.sampled_from(spots)) if spots else (None, 0, 0)
        if parent is not None:
            change(draw, parent, place, spots)
    return written(root)


def change(draw: st.DrawFn, parent: yaml.CollectionNode, place: int, spots: list[Any]) -> None:
    how = draw(st.sampled_from(["delete", "replace", "replace", "rename", "double", "exchange"]))
    part = parent.value[place]
    if how == "delete":
        del parent.value[place]
    elif how == "replace":
        replace(parent, place, composed(draw(WRITTEN)))
    elif how == "rename" and isinstance(part, tuple):
        names = [each for node, _, _ in spots if isinstance(node, yaml.MappingNode) for each, _ in node.value]
        parent.value[place] = (draw(st.sampled_from(names)), part[1])
    elif how == "double":
        parent.value.append((composed(f"{part[0].value}_2"), part[1]) if isinstance(part, tuple) else part)
    else:
        other, at, depth = draw(st.sampled_from(spots))
        if depth < DEEPEST and not places(child(other, at)):  # a leaf: nothing comes to stand in itself
            replace(parent, place, child(other, at))


@given(mutated())
def test_survey_with_changed_nodes_is_read_or_its_faults_are_told(source):
    instrument, faults = read_survey(source.encode(), "fuzzed")
    serious = [fault for fault in faults if not fault.is_warning]
    assert (instrument is None) == bool(serious)
    assert all(fault.what and fault.remedy and fault.line > 0 and fault.column > 0 for fault in faults)
    told = " ".join(fault.what + fault.remedy for fault in faults)
    assert "None" in source or "None" not in told
    assert "<class" not in told


def test_what_is_written_of_an_unchanged_survey_is_read():
    """Otherwise the changed ones would all be refused for the writing."""
    for source in SOURCES:
        instrument, faults = read_survey(written(composed(source)).encode(), "same")
        assert {fault.code for fault in faults if not fault.is_warning} <= {"translation-not-there"}, faults
        assert instrument is not None or faults
