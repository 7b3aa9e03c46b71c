"""The codebook: every variable of the data, its name and codes, over all versions of a survey."""

from __future__ import annotations

import pytest

from app.survey.codebook import Codebook, codebook, merged, ordinal
from app.survey.columns import collisions, names_of, reasons_of
from app.survey.source.reading import read_survey
from tests.support.answers import instrument

SURVEY = """
title: Leaving
scales:
  amount: {1: A little, 2: ~, 3: A *lot*}
sections:
  you:
    title: You
    items:
      hello: {type: note, text: Hello.}
      status:
        type: single_choice
        ask: Where **are** you?
        required: true
        options: {practising: In practice, left: Left, other: {label: Elsewhere, please_say: true}}
      reasons:
        type: multiple_choice
        ask: Why?
        decline: true
        show_if: status == "left"
        options: {pay: Pay, other: {label: Other, please_say: true}}
  then:
    show_if: status != "practising"
    items:
      how: {type: rating, ask: How much?, scale: amount}
      seen:
        type: matrix
        ask: How seen?
        scale: amount
        statements: {failed: As one who failed, grew: As one who grew}
        show_if: how > 1
      years: {type: number, ask: How long?, range: [0, 70]}
      word: {type: text, ask: In a word?}
"""


def book(source: str = SURVEY) -> Codebook:
    return codebook(instrument(source))


def union_of(*sources: str) -> Codebook:
    """Of versions, newest first."""
    return merged([instrument(source) for source in sources]).codebook


def test_every_variable_has_its_name_kind_and_key_in_the_order_of_the_survey():
    assert [(each.name, each.kind, each.key) for each in book().variables] == [
        ("status", "choice", "status"),
        ("status.other.text", "text", "status.other"),
        ("reasons.pay", "flag", "reasons"),
        ("reasons.other", "flag", "reasons"),
        ("reasons.other.text", "text", "reasons.other"),
        ("how", "choice", "how"),
        ("seen.failed", "choice", "seen.failed"),
        ("seen.grew", "choice", "seen.grew"),
        ("years", "number", "years"),
        ("word", "text", "word"),
    ]


def test_variable_says_what_it_holds_in_one_line_without_markup():
    labels = {each.name: each.label for each in book().variables}
    assert labels["status"] == "Where are you?"
    assert labels["status.other.text"] == "Where are you? – Elsewhere (in their words)"
    assert labels["reasons.pay"] == "Why? – Pay"
    assert labels["seen.failed"] == "How seen? – As one who failed"


def test_codes_have_labels_and_a_point_without_one_has_its_number():
    assert book().variable["how"].codes == ((1, "A little"), (2, "2"), (3, "A lot"))
    assert book().variable["status"].codes == (
        ("practising", "In practice"),
        ("left", "Left"),
        ("other", "Elsewhere"),
    )
    assert book().variable["reasons.pay"].codes == ()


def test_variable_knows_under_which_conditions_it_is_asked():
    bases = {each.name: each.base for each in book().variables}
    assert bases["status"] is None
    assert bases["reasons.pay"] == bases["reasons.other.text"] == 'status == "left"'
    assert bases["how"] == 'status != "practising"'
    assert bases["seen.grew"] == '(status != "practising") and (how > 1)'


def test_variable_knows_its_limits_and_whether_it_may_be_declined():
    variable = book().variable
    assert (variable["years"].least, variable["years"].most) == (0, 70)
    assert (variable["status"].required, variable["reasons.pay"].decline, variable["word"].decline) == (
        True,
        True,
        False,
    )


# --- the further types, and what is not asked ------------------------------------------------------------

FURTHER = """
title: Leaving
arms: {cause: {burnout: Burnout, family: Family}}
compute: {gap: {label: Gap, value: risk - 1}, late: {label: Late, value: risk > 5}, last: {label: Last, value: month}}
scores: {view: {label: View, mean: [tone.warm, support.peers_now], reverse: [tone.warm], at_least: 2, to: [0, 100]}}
screen_out: {outsiders: {when: country == "fr"}}
quotas: {careful: {when: risk < 2, most: 50}}
sections:
  one:
    items:
      tone: {type: semantic_differential, ask: Tone?, points: 3, flip: true, pairs: {warm: [Cold, Warm]}}
      support: {type: matrix, ask: Support?, statements: {peers: Peers}, columns: {now: {label: Now, scale: {1: No, 2: Yes}}}}
      country: {type: dropdown, ask: Country?, options: {de: Germany, fr: France}}
      risk: {type: slider, ask: Risk?, range: [0, 10], decimals: 1, unit: percent}
      month: {type: date, ask: When?, precision: month}
  two:
    show_if: risk > 1
    items:
      best: {type: ranking, ask: Rank, top: 2, shuffle: true, options: {pay: Pay, time: {label: Time, show_if: country == "de"}, rank: Rank}}
      whole: {type: ranking, ask: All, options: {a: A, b: B}}
      week: {type: constant_sum, ask: Week, total: 40, unit: hours, options: {clinic: Clinic, desk: Desk}}
      values: {type: best_worst, ask: Which?, best: Most, worst: Least, options: {a: A, b: B, c: C}, decline: Rather not}
"""


def test_every_further_type_and_all_that_is_drawn_and_worked_out_is_a_variable():
    assert [(each.name, each.kind, each.type) for each in book(FURTHER).variables] == [
        ("cause", "choice", "arm"),
        ("tone.warm", "choice", "semantic_differential"),
        ("support.peers_now", "choice", "matrix"),
        ("country", "choice", "dropdown"),
        ("risk", "number", "slider"),
        ("month", "date", "date"),
        ("best.pay", "rank", "ranking"),
        ("best.time", "rank", "ranking"),
        ("best.rank", "rank", "ranking"),
        ("whole.a", "rank", "ranking"),
        ("whole.b", "rank", "ranking"),
        ("week.clinic", "number", "constant_sum"),
        ("week.desk", "number", "constant_sum"),
        ("values.best", "choice", "best_worst"),
        ("values.worst", "choice", "best_worst"),
        ("tone~poles", "order", "order"),
        ("best~order", "order", "order"),
        ("gap", "number", "computed"),
        ("late", "choice", "computed"),
        ("last", "date", "computed"),
        ("view", "number", "score"),
        ("~ended", "choice", "ended"),
    ]


def test_further_types_say_what_their_codes_mean():
    variable = book(FURTHER).variable
    assert variable["tone.warm"].codes == ((1, "Cold"), (2, "2"), (3, "Warm"))
    assert variable["best.pay"].codes == ((1, "1st"), (2, "2nd"), (0, "not among the first 2"))
    assert variable["whole.a"].codes == ((1, "1st"), (2, "2nd"))
    assert variable["late"].codes == ((0, "No"), (1, "Yes"))
    assert variable["values.worst"].codes == (("a", "A"), ("b", "B"), ("c", "C"))
    assert [label for _, label in variable["~ended"].codes] == [
        'screened out: country == "fr"', "quota of 50 was full: risk < 2",
    ]  # fmt: skip
    assert (variable["risk"].decimals, variable["risk"].unit, variable["week.desk"].most) == (
        1,
        "percent",
        40,
    )
    assert (variable["month"].precision, variable["last"].precision) == ("month", "month")
    assert variable["values.best"].offers == (("declined", "Rather not"),)
    labels = [variable[name].label for name in ("tone.warm", "support.peers_now", "values.best", "week.desk")]
    assert labels == ["Tone? – Cold … Warm", "Support? – Peers – Now", "Which? – Most", "Week – Desk"]


def test_variable_knows_what_may_keep_one_from_it():
    variable = book(FURTHER).variable
    assert variable["best.time"].base == '(risk > 1) and (country == "de")'
    assert (variable["best.time"].apart, variable["best.pay"].apart) == (True, False)
    assert variable["risk"].unless == () and variable["week.desk"].unless == ("outsiders", "careful")


def test_places_in_a_ranking_are_counted_as_english_counts():
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "103rd", "111th",
    ]  # fmt: skip


def test_columns_of_further_types_share_a_reason_where_they_are_missing_together():
    variables = book(FURTHER).variables
    names = names_of(variables)
    assert collisions(variables) == []
    assert {"tone_warm", "support_peers_now", "best_pay", "tone_poles", "best_order", "ended"} < set(
        names.values()
    )
    reasons = [
        name for name in reasons_of(variables, names) if name.startswith(("best", "whole", "cause", "view"))
    ]
    assert reasons == [
        "best_missing", "best_pay_missing", "best_time_missing", "best_rank_missing",
        "whole_missing", "whole_a_missing", "whole_b_missing", "view_missing",
    ]  # fmt: skip


# --- versions of a survey --------------------------------------------------------------------------------


def test_version_that_says_same_as_has_the_same_variables_with_the_newest_labels():
    newer = "same_as: 1\n" + SURVEY.replace("In practice", "Practising").replace("How long?", "How **long**")
    assert union_of(newer, SURVEY) == book(newer)


def test_codes_of_older_versions_follow_the_newer_ones():
    newer = SURVEY.replace("practising: In practice, left: Left", "left: Left, retired: Retired")
    union = union_of(newer.replace('!= "practising"', '== "left"'), SURVEY)
    assert union.variable["status"].codes == (
        ("left", "Left"), ("retired", "Retired"), ("other", "Elsewhere"), ("practising", "In practice"),
    )  # fmt: skip


def test_variable_that_only_an_older_version_asked_comes_last():
    newer = SURVEY.replace("      word: {type: text, ask: In a word?}\n", "").replace(
        "pay: Pay,", "time: Time,"
    )
    names = [each.name for each in union_of(newer, SURVEY).variables]
    assert names == [each.name for each in book(newer).variables] + ["reasons.pay", "word"]


def test_variable_whose_kind_changed_is_kept_apart_by_version():
    """The oldest version is number 1."""
    asked = "{type: number, ask: How long?, range: [0, 70]}"
    text = SURVEY.replace(asked, "{type: text, ask: How long?}")
    rating = SURVEY.replace(asked, "{type: rating, ask: How long?, scale: amount}")
    union = union_of(rating, text, SURVEY)
    kinds = {name: each.kind for name, each in union.variable.items() if name.startswith("years")}
    assert kinds == {"years": "choice", "years_v2": "text", "years_v1": "number"}
    assert {union.variable[name].key for name in kinds} == {"years"}
    assert union_of(SURVEY, text, SURVEY).variable["years_v2"].kind == "text"
    again = union_of(rating, text, SURVEY, text)
    assert [name for name in again.variable if name.startswith("years")] == ["years", "years_v3", "years_v2"]


def test_name_of_an_older_kind_takes_no_other_items_name():
    older = "title: A\nsections: {a: {items: {x: {type: text, ask: X?}}}}"
    newer = "title: A\nsections: {a: {items: {x: {type: number, ask: X?, range: [0, 9]}, x_v1: {type: text, ask: Y?}}}}"
    assert [(each.name, each.key) for each in union_of(newer, older).variables] == [
        ("x", "x"),
        ("x_v1", "x_v1"),
        ("x_v1_v1", "x"),
    ]


def test_columns_of_all_versions_have_different_names():
    """An item that is gone had the column that a new statement has."""
    older = "title: A\nsections: {a: {items: {x: {type: text, ask: X?}, x_y: {type: text, ask: Y?}}}}"
    newer = "title: A\nsections: {a: {items: {x: {type: matrix, ask: X?, scale: {1: A, 2: B}, statements: {y: Y}}}}}"
    names = names_of(union_of(newer, older).variables)
    assert names == {"x.y": "x_y", "x_v1": "x_v1", "x_y": "x_y_2"}


# --- columns ---------------------------------------------------------------------------------------------


def test_columns_are_named_for_statistics_programs():
    names = names_of(book().variables)
    assert [names[each.name] for each in book().variables] == [
        "status", "status_other", "reasons_pay", "reasons_other", "reasons_other_text", "how", "seen_failed", "seen_grew",
        "years", "word",
    ]  # fmt: skip
    assert collisions(book().variables) == []


def test_fault_about_a_column_is_told_of_what_is_asked():
    source = "title: A\nscreen_out: {out: {when: n > 1}}\nsections: {a: {items: {n: {type: number, ask: N?, range: [0, 9]}, ended: {type: text, ask: X?}}}}"
    _, (fault,) = read_survey(source.encode(), "leaving")
    assert (fault.code, fault.line) == ("duplicate-column", 3) and fault.what.startswith('"ended" would have')


@pytest.mark.parametrize(
    ("item", "column"),
    [
        ("seen_grew: {type: text, ask: A?}", "seen_grew"),
        ("years_missing: {type: text, ask: A?}", "years_missing"),
        ("reasons_missing: {type: text, ask: A?}", "reasons_missing"),
        ("reasons_pay: {type: text, ask: A?}", "reasons_pay"),
        ("response_id: {type: text, ask: A?}", "response_id"),
        ("disposition: {type: text, ask: A?}", "disposition"),
        ("began: {type: text, ask: A?}", "began"),
        ("minutes: {type: text, ask: A?}", "minutes"),
    ],
)
def test_survey_with_two_columns_of_one_name_is_refused(item, column):
    _, faults = read_survey(f"{SURVEY}      {item}\n".encode(), "leaving")
    assert {fault.code for fault in faults} == {"duplicate-column"}
    assert any(f"column {column} " in fault.what for fault in faults)
