"""Packed rows: a frame read from them is the one that they were packed from, or they are not believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.frame import packing
from app.results.frame.frame import Frame
from app.results.frame.loading import FrameLoader
from app.results.frame.packing import Packed
from app.results.progress import progress
from app.results.view import AMONG, View
from app.survey.model import Instrument
from tests.support.answers import DISPOSITIONS, EVERY_TYPE, EVERYTHING, answers_to, given_response, instrument
from tests.support.frames import NEWER, small_segments, whole

ASKED = instrument()
ALL = instrument(EVERYTHING)


def rows(packed: list[Packed]) -> list[tuple]:
    """As storage gives them back."""
    return [(each.id, each.layout, each.body, each.words) for each in packed]


def loaded(instruments: list[Instrument], packed: list[Packed]) -> Frame:
    loading = FrameLoader(instruments, 7)
    assert loading.take_packed(rows(packed)) == []
    return loading.finish()


def assert_same(one: Frame, other: Frame) -> None:
    assert whole(one).equals(whole(other))
    assert progress(one) == progress(other)
    assert all(one.tally(View(among)).same_as(other.tally(View(among))) for among in AMONG)


RESPONSES = st.lists(st.tuples(answers_to(ALL), DISPOSITIONS), min_size=1, max_size=30)


@given(RESPONSES)
def test_packed_rows_give_back_the_frame(responses):
    frame = Frame([ALL])
    changes = [given_response(ALL, n, *each, day=n) for n, each in enumerate(responses)]
    intake = frame.take(changes)
    with pytest.MonkeyPatch.context() as patch:
        small_segments(patch)
        read = loaded([ALL], list(intake.packed))
    assert read.seq == 7 and frame.rows == len(responses)
    assert_same(read, frame)
    anew = FrameLoader([ALL], 7)
    assert anew.take_changes(changes) == list(intake.packed)
    assert_same(anew.finish(), frame)


def some(count: int = 40) -> list[Packed]:
    given_ones = [given_response(ASKED, n, {"status": "left", "more": f"m{n}"}, day=n) for n in range(count)]
    return list(Frame([ASKED]).take(given_ones).packed)


@given(st.data())
def test_no_single_flipped_bit_is_believed(data):
    (row,) = rows(some(1))
    field = data.draw(st.integers(0, 3))
    raw = bytearray(row[field] if isinstance(row[field], bytes) else row[field].encode())
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    flipped = bytes(raw) if isinstance(row[field], bytes) else raw.decode("latin-1")
    damaged = (*row[:field], flipped, *row[field + 1 :])
    assert FrameLoader([ASKED], 0).take_packed([damaged]) == [damaged[0]]


@pytest.mark.parametrize("body", [b"", b"1234", bytes(500)])
def test_a_row_of_another_length_is_not_believed(body):
    (row,) = rows(some(1))
    assert FrameLoader([ASKED], 0).take_packed([(row[0], row[1], body, row[3])]) == [row[0]]
    assert FrameLoader([ASKED], 0).take_packed([(row[0], row[1], row[2], None)]) == [row[0]]


def test_rows_that_were_packed_before_a_new_version_serve_it_too():
    frame = Frame([instrument(NEWER), ASKED])
    frame.take([given_response(ASKED, n, {"status": "left", "more": f"m{n}"}, day=n) for n in range(40)])
    assert_same(loaded([instrument(NEWER), ASKED], some()), frame)


@pytest.mark.parametrize(
    "instruments",
    [
        [instrument(NEWER)],
        [ASKED, instrument(NEWER)],
        [instrument(EVERY_TYPE.replace("lines: 4}", "lines: 5}"))],
        [instrument(EVERY_TYPE.replace("more: {type: text, ask: Anything else?, lines: 4}", "more: {type: number, ask: More?, range: [0, 9]}")), ASKED],
    ],
    ids=["of another version", "in another order", "of another source", "kept apart"],
)  # fmt: skip
def test_rows_packed_for_other_columns_are_not_believed(instruments):
    packed = some(3)
    assert FrameLoader(instruments, 0).take_packed(rows(packed)) == [each.id for each in packed]


def test_rows_of_another_encoding_are_not_believed(monkeypatch):
    packed = some(3)
    monkeypatch.setattr(packing, "FORMAT", "another")
    assert FrameLoader([ASKED], 0).take_packed(rows(packed)) == [each.id for each in packed]


def test_a_number_given_anew_to_a_finished_response_is_no_change():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, n, {"status": "left"}, ("complete", "open")[n % 2]) for n in range(4)])
    before = whole(frame)
    settled = [given_response(ASKED, n, {"status": "practising"}, seq=10 + n) for n in (0, 2)]
    for each in settled:
        each.settled = True
    assert not frame.take(settled)
    assert frame.seq == 12 and whole(frame).equals(before)


def test_a_response_whose_end_was_missed_is_taken_in_with_its_new_number():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, 1, {"status": "left"}, "open")])
    ended, unseen = given_response(ASKED, 1, {"status": "other"}, seq=8), given_response(ASKED, 2, seq=9)
    gone = given_response(ASKED, 3, {}, "withdrawn", seq=10)
    for each in (ended, unseen, gone):
        each.settled = True
    frame.take([ended, unseen, gone])
    fresh = Frame([ASKED])
    fresh.take([ended, unseen, gone])
    assert_same(frame, fresh)
    assert progress(frame).complete == 2 and progress(frame).withdrawn == 1
