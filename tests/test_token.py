"""The respondent's token and receipt: only what this service issued is accepted, and nothing leads back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interview.tokens import check, issue, receipt_code, receipt_hash

KEY, SURVEY = b"k" * 32, "leaving"
SECRET, BEGAN = bytes(range(16)), 1_796_000_000
TOKEN = issue(KEY, SURVEY, SECRET, BEGAN)


def test_issued_token_is_accepted_and_says_when_it_began():
    token = check(KEY, SURVEY, TOKEN.text)
    assert token == TOKEN
    assert (token.secret, token.began) == (SECRET, BEGAN)


def test_token_fits_a_cookie_a_form_and_an_address():
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", TOKEN.text)


@pytest.mark.parametrize("survey", ["leavin", "leaving2", "Leaving", "", "leaving:"])
def test_token_of_another_survey_is_refused(survey):
    assert check(KEY, survey, TOKEN.text) is None


def test_token_of_another_service_is_refused():
    assert check(b"x" * 32, SURVEY, TOKEN.text) is None


def test_token_shortened_or_lengthened_is_refused():
    assert all(check(KEY, SURVEY, TOKEN.text[:length]) is None for length in range(len(TOKEN.text)))
    assert all(check(KEY, SURVEY, TOKEN.text + more) is None for more in ("=", "A", " ", "\n", TOKEN.text))


def test_token_with_any_letter_changed_is_refused():
    """The last letter too, whose two spare bits base64 would let pass."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= .\x00é"
    for place in range(len(TOKEN.text)):
        for letter in letters:
            forged = TOKEN.text[:place] + letter + TOKEN.text[place + 1 :]
            assert (check(KEY, SURVEY, forged) is not None) is (forged == TOKEN.text)


def test_token_signed_without_the_key_is_refused():
    body = SECRET + BEGAN.to_bytes(4, "big")
    for mac in (
        bytes(12),
        hashlib.sha256(body).digest()[:12],
        hmac.digest(b"", SURVEY.encode() + b":" + body, "sha256")[:12],
    ):
        assert check(KEY, SURVEY, base64.urlsafe_b64encode(body + mac).decode().rstrip("=")) is None


def test_time_of_a_token_cannot_be_moved():
    """Its minutes would be wrong, and its response the same."""
    raw = bytearray(base64.urlsafe_b64decode(TOKEN.text + "="))
    raw[19] ^= 1
    assert check(KEY, SURVEY, base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")) is None


@given(
    st.text(max_size=60)
    | st.text(min_size=43, max_size=43)
    | st.text("A-_+/=\ud800", min_size=43, max_size=43)
)
def test_any_text_is_refused_without_an_error(text):
    assert check(KEY, SURVEY, text) is None


def test_tokens_of_megabytes_are_not_remembered():
    check(KEY, SURVEY, "A" * 43)
    tracemalloc.start()
    for number in range(200):
        assert check(KEY, SURVEY, f"{number:043}" * 10_000) is None
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 2_000_000


# --- what is stored --------------------------------------------------------------------------------------


def test_response_is_twenty_letters_that_follow_from_the_secret_alone():
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}", TOKEN.response)
    assert issue(b"y" * 32, "another", SECRET, 1).response == TOKEN.response
    others = {issue(KEY, SURVEY, bytes([n]) * 16, BEGAN).response for n in range(256)}
    assert len(others) == 256


def test_neither_response_nor_receipt_holds_the_secret_or_each_other():
    stored = TOKEN.response + receipt_hash(receipt_code(KEY, TOKEN))
    assert TOKEN.text[:8] not in stored
    assert SECRET.hex() not in stored
    assert receipt_code(KEY, TOKEN).replace("-", "") not in stored.upper()
    assert base64.urlsafe_b64decode(TOKEN.response)[:8] != SECRET[:8]


def test_a_receipt_takes_the_servers_key_to_derive():
    assert receipt_code(KEY, TOKEN) != receipt_code(b"another key", TOKEN)


def test_receipt_is_four_groups_of_letters_that_are_not_easily_misread():
    assert re.fullmatch(r"(?:[2-9A-HJKMNP-Z]{4}-){3}[2-9A-HJKMNP-Z]{4}", receipt_code(KEY, TOKEN))
    assert len({receipt_code(KEY, issue(KEY, SURVEY, bytes([n]) * 16, BEGAN)) for n in range(256)}) == 256


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code}\r\n",
        lambda code: code.replace("-", "–"),
        lambda code: code.replace("-", "\u00a0"),
        lambda code: " ".join(code.lower()),
        lambda code: f"“{code}”.",
        lambda code: "".join(
            chr(ord(letter) + 0xFEE0) for letter in code
        ),  # as East Asian keyboards write it
        lambda code: f"\u200b{code}\ufeff",
    ],
)
def test_receipt_is_known_however_it_is_typed(typed):
    assert receipt_hash(typed(receipt_code(KEY, TOKEN))) == receipt_hash(receipt_code(KEY, TOKEN))


def test_another_receipt_is_another():
    code = receipt_code(KEY, TOKEN)
    changed = [
        code[:place] + ("2" if code[place] != "2" else "3") + code[place + 1 :]
        for place in range(19)
        if code[place] != "-"
    ]
    assert receipt_hash(code) not in {receipt_hash(each) for each in [*changed, "", code[:-1], code + "A"]}
    assert re.fullmatch(r"[0-9a-f]{64}", receipt_hash(code))


@given(st.text(st.characters(), max_size=30))
def test_any_text_has_a_hash(text):
    assert len(receipt_hash(text)) == 64
