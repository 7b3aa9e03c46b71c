"""A survey's texts in further languages: merged into it, faults at their own place, what is missing, what is stale."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.files import language_files, read_file, survey_files
from app.survey.documents.places import read_yaml
from app.survey.faults import Fault
from app.survey.source.reading import read_survey
from app.survey.source.stored import read_stored
from app.survey.translations.file import CHANGED, NotEditable, updated_translation
from app.survey.translations.merging import bundle, unbundle
from app.survey.translations.texts import texts_of, written
from tests.support.commands import opinion

SURVEY = """\
title: Leaving
languages: [en, de]
description: What doctors think of leaving.
arms: {cause: [burnout, family]}
scales: {amount: {1: Not at all, 2: null, 3: Very much}}
scores:
  regret: {label: Regret, mean: [seen.failed, seen.grew], bands: {low: {label: Low, below: 2}, high: High}}
screen_out:
  outsiders: {when: status == "outside", text: This is for doctors.}
sections:
  you:
    title: You
    items:
      status:
        type: single_choice
        ask: Where are you now?
        required: true
        decline: I had rather not say
        options:
          practising: In practice
          left: {label: Out of practice, hint: For good or for now}
          outside: Not a doctor
          others: {group: Others, options: {nurse: A nurse}}
      years: {type: number, ask: How long?, range: [0, 70], unit: years, check: {that: years < 60, say: So long?}}
  seen_by:
    title: Seen
    items:
      seen:
        type: matrix
        ask: "How is one {status} seen, for {cause}?"
        scale: amount
        statements: {failed: As failing, grew: {text: As growing, show_if: years > 3}}
      warmth: {type: semantic_differential, ask: How?, pairs: {warm: [Cold, Warm]}}
  cases:
    title: A case
    items:
      move:
        type: vignette
        text: "A {who} leaves for {why}."
        attributes: {who: {man: man, woman: woman}, why: {pay: pay, peace: peace}}
        ratings: {right: {ask: Right?, scale: amount}}
        each_sees: 2
        design: random
  posts:
    title: Posts
    roster: {most: 3, entry: post, add: Another?}
    items: {post: {type: text, ask: Which post?, required: true}}
"""

GERMAN = """\
title: Gehen
description: Was Ärztinnen und Ärzte vom Gehen halten.
arms: {cause: {burnout: Erschöpfung, family: die Familie}}
scales: {amount: {1: Gar nicht, 3: Sehr}}
scores:
  regret: {label: Bedauern, bands: {low: Gering, high: Stark}}
screen_out:
  outsiders: {text: Dies ist für Ärztinnen und Ärzte.}
sections:
  you:
    title: Sie
    items:
      status:
        ask: Wo sind Sie jetzt?
        decline: Sage ich lieber nicht
        options:
          practising: Im Beruf
          left: {label: Nicht mehr im Beruf, hint: Für immer oder vorerst}
          outside: Kein Arzt
          others: {group: Andere, options: {nurse: Pflegekraft}}
      years: {ask: Wie lange?, unit: Jahre, check: {say: So lange?}}
  seen_by:
    title: Gesehen
    items:
      seen:
        ask: "Wie wird, wegen {cause}, jemand gesehen: {status}?"
        statements: {failed: Als gescheitert, grew: Als gewachsen}
      warmth: {ask: Wie?, pairs: {warm: [Kalt, Warm]}}
  cases:
    title: Ein Fall
    items:
      move:
        text: "Für {why} geht eine Person: {who}."
        attributes: {who: {man: Mann, woman: Frau}, why: {pay: Geld, peace: Ruhe}}
        ratings: {right: {ask: Richtig?}}
  posts:
    title: Stellen
    roster: {add: Noch eine?, yes: Ja, no: Nein}
    items: {post: {ask: Welche Stelle?}}
"""


def read(survey: str = SURVEY, **others: str):
    files = {name.replace("_", "-"): (text.encode(), f"x.{name}.yaml") for name, text in others.items()}
    return read_survey(survey.encode(), "x", "x.yaml", files)


def told(faults: list[Fault]) -> list[str]:
    return [f"{fault.file}:{fault.line}:{fault.column} {fault.code}" for fault in faults]


@pytest.fixture(scope="module")
def both():
    instrument, faults = read(de=GERMAN)
    assert faults == []
    return instrument


# --- the instrument in another language ------------------------------------------------------------------


def test_every_kind_of_text_is_in_the_language(both):
    german = both.in_language("de")
    status, years = german.item["status"], german.item["years"]
    assert (german.language, german.title, german.description.source) == (
        "de", "Gehen", "Was Ärztinnen und Ärzte vom Gehen halten."
    )  # fmt: skip
    assert [option.label.source for option in status.options] == [
        "Im Beruf", "Nicht mehr im Beruf", "Kein Arzt", "Pflegekraft",
    ]  # fmt: skip
    assert status.options[1].hint.source == "Für immer oder vorerst"
    assert status.options[3].group.source == "Andere"
    assert status.offers["declined"].source == "Sage ich lieber nicht"
    assert (years.unit.source, years.checks[0].say.source) == ("Jahre", "So lange?")
    assert [point.label.source for point in german.item["seen"].scale] == ["Gar nicht", "", "Sehr"]
    assert [each.text.source for each in german.item["seen"].statements] == [
        "Als gescheitert",
        "Als gewachsen",
    ]
    assert (german.item["warmth"].statements[0].text.source, german.item["warmth"].statements[0].right.source) == (
        "Kalt", "Warm",
    )  # fmt: skip
    assert [option.label.source for option in german.drawn_by_name["cause"].options] == [
        "Erschöpfung",
        "die Familie",
    ]
    assert [option.label.source for option in german.drawn_by_name["move_who_1"].options] == ["Mann", "Frau"]
    assert [option.label.source for option in german.computed_by_name["regret"].options] == []
    assert german.computed_by_name["regret_band"].options[0].label.source == "Gering"
    assert german.screen_outs[0].text.source == "Dies ist für Ärztinnen und Ärzte."
    assert german.item["posts_more_1"].ask.source == "Noch eine?"
    assert [option.label.source for option in german.item["posts_more_1"].options] == ["Ja", "Nein"]


def test_slots_of_a_vignette_stand_in_the_order_of_the_language(both):
    assert both.item["move_text_2"].ask.pipes == ("move_who_2", "move_why_2")
    assert both.in_language("de").item["move_text_2"].ask.pipes == ("move_why_2", "move_who_2")


def test_all_but_the_texts_is_the_same_in_every_language(both):
    german = both.in_language("de")
    assert [section.id for section in german.sections] == [section.id for section in both.sections]
    for one, other in zip(both.items(), german.items(), strict=True):
        assert (one.id, one.type, one.names, one.codes) == (other.id, other.type, other.names, other.codes)
        assert (one.show_if and one.show_if.tree) == (other.show_if and other.show_if.tree)
    assert german.vignettes[0].design == both.vignettes[0].design
    assert (german.digest, german.source) == (both.digest, both.source)


def test_language_that_a_survey_does_not_have_is_its_own(both):
    assert both.in_language("fr") is both.in_language(None) is both
    assert both.languages == ("en", "de")


def test_text_that_is_not_translated_stays_as_it_was_written():
    instrument, faults = read(de="title: Gehen\nsections: {you: {items: {years: {ask: ~}}}}\n")
    german = instrument.in_language("de")
    assert german.title == "Gehen"
    assert german.item["years"].ask.source == "How long?"
    assert {fault.code for fault in faults} == {"translation-missing"}


# --- what is wrong ---------------------------------------------------------------------------------------


def test_missing_texts_are_warned_of_once_a_part():
    _, faults = read(
        de=GERMAN.replace("  cases:\n    title: Ein Fall\n", "  cases:\n").replace("unit: Jahre, ", "")
    )
    assert told(faults) == ["x.de.yaml:21:14 translation-missing", "x.de.yaml:30:5 translation-missing"]
    assert '"sections.you.items.years.unit" is not translated ("years")' in faults[0].what
    whole = GERMAN[: GERMAN.index("  cases:")] + GERMAN[GERMAN.index("  posts:") :]
    (fault,) = read(de=whole)[1]
    assert '"sections.cases" is not translated (7 texts)' in fault.what
    assert "opinion translate x.yaml de" in fault.remedy


def test_comment_on_the_line_of_the_translation_accepts_a_warning():
    missing = GERMAN.replace("        ask: Wo sind Sie jetzt?", "        ask:  # ok: translation-missing")
    assert read(de=missing)[1] == []
    empty = missing.replace("  # ok: translation-missing", "")
    assert told(read(de=empty)[1]) and read(de=empty.replace("  you:\n", "  you:  # ok: translation-missing\n"))[1] == []
    german = GERMAN.replace("      years: {ask: Wie lange?", f"      years: {{ask: {'Wie ' * 100}lange?")
    line = next(line for line in german.splitlines() if "Wie Wie" in line)
    assert told(read(de=german)[1]) == ["x.de.yaml:21:20 long-text"]
    assert read(de=german.replace(line, f"{line}  # ok: long-text"))[1] == []


def test_numbers_and_points_without_words_need_no_translation():
    survey = "title: T\nlanguages: [en, de]\nsections: {a: {items: {b: {type: rating, ask: A, scale: {1: 1, 2: null, 3: '>5'}}}}}\n"
    assert read(survey, de="title: T\nsections: {a: {items: {b: {ask: A}}}}\n")[1] == []


@pytest.mark.parametrize(
    ("old", "new", "place", "remedy"),
    [
        ("title: Sie", "titel: Sie", "11:5", 'Did you mean "title"?'),
        ("        ask: Wo", "        type: text\n        ask: Wo", "14:9", "only texts"),
        ("          practising:", "          practicing:", "17:11", 'Did you mean "practising"?'),
        ("  posts:", "  post:", "36:3", 'Did you mean "posts"?'),
        ("{ask: Welche Stelle?}", "{ask: Welche Stelle?, hint: Kurz}", "39:41", "Its keys there are: ask"),
    ],
)
def test_what_the_survey_does_not_have_is_a_fault_at_its_key(old, new, place, remedy):
    instrument, faults = read(de=GERMAN.replace(old, new, 1))
    superfluous = [fault for fault in faults if not fault.is_warning]
    assert instrument is None
    assert told(superfluous) == [f"x.de.yaml:{place} translation-superfluous"]
    assert remedy in superfluous[0].remedy


def test_words_where_the_survey_has_only_true_are_superfluous():
    _, faults = read(SURVEY.replace("decline: I had rather not say", "decline: true"), de=GERMAN)
    assert told(faults) == ["x.de.yaml:15:9 translation-superfluous"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{status}?", "{stat}?", "26:56 piping-unknown-name"),
        ("{status}?", "{post}?", "26:56 piping-asked-later"),
        ("{why} geht", "{whi} geht", "33:20 piping-unknown-name"),
        ("ask: Wie lange?", "ask: [Wie lange?]", "21:20 not-text"),
        ("ask: Wie lange?", f"ask: {'x' * 2001}", "21:20 too-large"),
        ("title: Gehen", "title: {a: b}", "1:8 not-text"),
        ("options: {nurse: Pflegekraft}", "options: Pflege", "20:44 not-a-mapping"),
        ("title: Gehen", "title: Gehen\ntitle: Gehen", "2:1 duplicate-key"),
    ],
)
def test_fault_of_a_translation_is_told_at_its_own_place(old, new, expected):
    assert old in GERMAN
    instrument, faults = read(de=GERMAN.replace(old, new, 1))
    assert instrument is None
    assert told([fault for fault in faults if not fault.is_warning]) == [f"x.de.yaml:{expected}"]


def test_fault_of_the_survey_is_told_once_however_many_languages_it_has():
    survey = SURVEY.replace("years > 3", "yaers > 3").replace("[en, de]", "[en, de, fr]")
    instrument, faults = read(survey, de=GERMAN, fr=GERMAN)
    assert instrument is None
    assert [fault.code for fault in faults] == ["condition-unknown-name"]


def test_languages_and_files_must_agree():
    assert told(read()[1]) == ["x.yaml:2:17 translation-not-there"]
    undeclared = told(read(SURVEY.replace("[en, de]", "[en]"), de=GERMAN)[1])
    assert undeclared == ["x.de.yaml:1:1 translation-not-declared"]
    own = read(SURVEY.replace("[en, de]", "[de]"), de=GERMAN)[1]
    assert "is itself in de" in own[0].what
    assert told(read(SURVEY.replace("[en, de]", "[en, de, en]"), de=GERMAN)[1]) == [
        "x.yaml:2:21 bad-language"
    ]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_translation_file_is_answered(source):
    instrument, faults = read_survey(SURVEY.encode(), "x", "x.yaml", {"de": (source, "x.de.yaml")})
    assert (instrument is None) == any(not fault.is_warning for fault in faults)


@given(st.integers(0, len(GERMAN)), st.sampled_from(["", "[", "{", ": ", "- ", '"', "~", "1", "{a}", "true"]))
def test_broken_translation_never_raises(end, more):
    for german in (GERMAN[:end] + more + GERMAN[end:], GERMAN[:end] + more):
        asked, faults = read(de=german)
        assert asked is not None or faults


# --- what was kept ---------------------------------------------------------------------------------------


def test_bundle_holds_every_language_and_gives_them_back():
    assert unbundle(bundle("a", {})) == ("a", {})
    others = {"pt-BR": "x\n", "de": "y: \u2028ü\n"}
    assert unbundle(bundle("a\n", others)) == ("a\n", others)
    assert bundle("a", others) == bundle("a", dict(reversed(others.items())))


def test_digest_is_of_the_bundle_and_that_of_a_single_language_as_it_was(both):
    assert both.source == bundle(SURVEY, {"de": GERMAN})
    assert both.digest == hashlib.sha256(both.source.encode()).hexdigest()
    survey = SURVEY.replace("[en, de]", "[en]")
    assert read(survey)[0].digest == hashlib.sha256(survey.encode()).hexdigest()
    changed, _ = read(de=GERMAN.replace("Wie lange?", "Seit wann?"))
    assert changed.digest != both.digest


def test_kept_version_reads_as_it_was(both):
    kept = read_stored(both.source, "x")
    assert (kept.digest, kept.languages) == (both.digest, ("en", "de"))
    assert kept.in_language("de").title == "Gehen"
    assert (
        read_stored(SURVEY.replace("[en, de]", "[en]"), "x").digest
        == hashlib.sha256(SURVEY.replace("[en, de]", "[en]").encode()).hexdigest()
    )


def test_kept_version_is_read_though_its_ids_are_reserved_by_now():
    source = "title: T\nsections: {done: {items: {count: {type: number, ask: How many?, range: [0, 9]}}}}\n"
    assert {fault.code for fault in read(source)[1]} == {"reserved-id"}
    assert read_stored(source, "account").item["count"].most == 9


def test_kept_version_goes_without_a_language_that_no_longer_reads(both):
    kept = read_stored(bundle(SURVEY, {"de": "title: {{{{"}), "x")
    assert kept.in_language("de") is kept
    assert kept.digest == hashlib.sha256(bundle(SURVEY, {"de": "title: {{{{"}).encode()).hexdigest()


def test_kept_version_that_asks_something_else_today_is_not_read():
    assert read_stored(SURVEY.replace("years > 3", "yaers > 3"), "x") is None
    assert read_stored("", "x") is None


# --- files -----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "leaving.yaml").write_text(SURVEY, "utf-8")
    (tmp_path / "leaving.de.yaml").write_text(GERMAN, "utf-8")
    return tmp_path


def test_translation_is_no_survey_of_its_own(folder):
    assert survey_files(folder) == [folder / "leaving.yaml"]
    assert survey_files(folder / "leaving.de.yaml") == [folder / "leaving.yaml"]
    assert language_files(folder / "leaving.yaml") == {"de": folder / "leaving.de.yaml"}
    instrument, faults = read_file(folder / "leaving.yaml")
    assert faults == []
    assert instrument.in_language("de").title == "Gehen"


def test_translation_without_its_survey_is_told(folder):
    (folder / "leaving.yaml").unlink()
    assert survey_files(folder) == [folder / "leaving.de.yaml"]
    assert [fault.code for fault in read_file(folder / "leaving.de.yaml")[1]] == [
        "translation-without-survey"
    ]


def test_translation_that_cannot_be_opened_is_told(folder):
    (folder / "leaving.de.yaml").unlink()
    (folder / "leaving.de.yaml").mkdir()
    instrument, faults = read_file(folder / "leaving.yaml")
    assert instrument is None
    assert "unreadable" in {fault.code for fault in faults}


def run(*words: object) -> tuple[int, str]:
    outcome = opinion(*words)
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    return outcome.exit_code, outcome.output


def test_check_shows_the_translation_s_own_line_and_lets_warnings_pass(folder):
    german = folder / "leaving.de.yaml"
    german.write_text(GERMAN.replace("Wo sind Sie jetzt?", ""), "utf-8")
    code, output = run("check", folder)
    assert code == 0
    assert "leaving.de.yaml:14:13: translation-missing" in output
    assert "   14 |         ask:" in output
    german.write_text(GERMAN.replace("  posts:", "  post:"), "utf-8")
    assert run("check", folder)[0] == 1


# --- opinion translate -----------------------------------------------------------------------------------


def update(survey: str, existing: str | None, *keep: str):
    return updated_translation(read_yaml(survey.encode(), "x.yaml"), existing, "de", keep)


def texts(source: str) -> dict[str, str]:
    return {written(path): text for path, text in texts_of(read_yaml(source.encode(), "").root)}


def test_new_translation_file_has_a_line_for_every_text():
    made = update(SURVEY, None)
    assert made.added == made.empty > 30
    assert "        ask:  # Where are you now?\n" in made.text
    assert "            hint:  # For good or for now\n" in made.text
    instrument, faults = read(de=made.text)
    assert instrument is not None
    assert all(fault.code == "translation-missing" for fault in faults)


def test_file_that_is_filled_in_line_by_line_is_whole():
    lines = update(SURVEY, None).text.splitlines()
    filled = "\n".join(line.replace("  # ", f" Wort {chr(97 + at % 26)}  # ") if "  # " in line else line for at, line in enumerate(lines))
    assert read(de=filled)[1] == []


def test_translating_again_changes_nothing():
    for existing in (None, GERMAN, GERMAN.replace("    title: Stellen\n", "")):
        once = update(SURVEY, existing).text
        assert update(SURVEY, once).text == once


def test_what_stands_in_the_file_stays_where_it_is_with_its_comments():
    existing = (
        "# My notes\ntitle: Gehen   # or: Aufhören?\n\nsections:\n  # the second one first\n"
        "  seen_by: {title: Gesehen}\n  you:\n    items:\n      years:\n        ask: 'Wie lange?'  # in years\n# end\n"
    )
    made = update(SURVEY, existing)
    rest = iter(made.text.splitlines())
    assert all(line in rest for line in existing.splitlines() if "seen_by" not in line)
    assert "  seen_by: {title: Gesehen, items: {seen: {" in made.text
    for path, text in texts(existing).items():
        assert texts(made.text)[path] == text
    assert read(de=made.text)[0] is not None


def test_texts_are_added_after_those_that_come_before_them():
    made = update(SURVEY, GERMAN.replace("          outside: Kein Arzt\n", ""))
    lines = made.text.splitlines()
    place = lines.index("          outside:  # Not a doctor")
    assert lines[place - 1].strip().startswith("left:")
    assert made.added == 1


def test_changed_original_is_marked_once_and_warned_of_until_it_is_translated_anew():
    once = update(SURVEY, GERMAN).text
    survey = SURVEY.replace("Where are you now?", "Where do you work?")
    (fault,) = read(survey, de=once)[1]
    assert (fault.code, fault.line) == ("translation-stale", 14)
    assert 'now reads "Where do you work?"' in fault.what
    made = update(survey, update(survey, once).text)
    assert made.changed == ["sections.you.items.status.ask"]
    assert made.text.count(CHANGED) == 1
    assert f"        {CHANGED}Where do you work?\n        ask: Wo sind Sie jetzt?" in made.text
    mended = made.text.replace("Wo sind Sie jetzt?", "Wo arbeiten Sie?")
    assert read(survey, de=mended)[1] == []
    assert CHANGED not in update(survey, mended).text


def test_translation_that_still_holds_is_kept_by_saying_so():
    survey = SURVEY.replace("Where are you now?", "Where are you at present?").replace(
        "How long?", "How many years?"
    )
    once = update(SURVEY, GERMAN).text
    made = update(survey, once, "sections.you.items.status.ask")
    assert made.changed == ["sections.you.items.years.ask"]
    assert update(survey, once, "all").changed == []
    assert read(survey, de=update(survey, once, "all").text)[1] == []


def test_long_and_several_lines_stand_above_their_key():
    survey = f"title: T\nlanguages: [en, de]\nconsent: |\n  One.\n\n  Two # three.\nthanks: {'long ' * 30}\nsections: {{}}\n"
    text = update(survey, None).text
    assert "# One.\n#\n# Two # three.\nconsent:\n" in text
    assert f"# {('long ' * 30).strip()}\nthanks:\n" in text


def test_file_that_cannot_be_read_is_left_alone():
    for broken in ("title: {", "- a", "title: a\ntitle: b\n"):
        with pytest.raises(NotEditable):
            update(SURVEY, broken)


def test_text_without_room_in_the_file_is_named():
    made = update(
        SURVEY, GERMAN.replace("{label: Nicht mehr im Beruf, hint: Für immer oder vorerst}", "Nicht mehr")
    )
    assert made.not_added == ["sections.you.items.status.options.left.hint"]
    assert texts(made.text)["sections.you.items.status.options.left.label"] == "Nicht mehr"


@given(st.data())
def test_whatever_is_left_out_of_a_translation_is_added_and_nothing_is_lost(data):
    lines = GERMAN.splitlines()
    gone = data.draw(st.sets(st.integers(1, len(lines) - 1), max_size=12))
    existing = "\n".join(line for number, line in enumerate(lines) if number not in gone) + "\n"
    document = read_yaml(existing.encode(), "")
    if document.faults:
        return
    made = update(SURVEY, existing)
    before = texts(existing)
    assert {path: texts(made.text).get(path) for path in before} == before
    assert update(SURVEY, made.text).text == made.text


def test_command_writes_the_file_and_says_what_is_to_be_done(folder):
    code, output = run("translate", folder / "leaving.yaml", "fr")
    assert code == 0
    assert "leaving.fr.yaml: " in output
    assert f"write `languages: [en, de, fr]` in {folder / 'leaving.yaml'}" in output
    made = (folder / "leaving.fr.yaml").read_text("utf-8")
    assert made.startswith('# Translation of leaving.yaml into "fr".')
    (folder / "leaving.de.yaml").write_text(GERMAN + "# mine\n", "utf-8")
    assert run("translate", folder / "leaving.yaml", "de")[0] == 0
    assert (folder / "leaving.de.yaml").read_text("utf-8").startswith(GERMAN + "# mine\n")


@pytest.mark.parametrize(
    ("survey", "language"), [("leaving.yaml", "german"), ("none.yaml", "de"), ("bad.yaml", "de")]
)
def test_command_refuses_what_it_cannot_do(folder, survey, language):
    (folder / "bad.yaml").write_text("title: {", "utf-8")
    before = sorted(folder.iterdir())
    code, output = run("translate", folder / survey, language)
    assert code == 1
    assert output.startswith("Error: ")
    assert sorted(folder.iterdir()) == before
