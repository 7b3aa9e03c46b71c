"""The words of other survey tools (XLSForm and ODK, REDCap, Qualtrics, LimeSurvey, SurveyJS), and what to write for them
here: item types, keys, functions and operators of conditions, and ways of piping.

Sources: https://docs.getodk.org/form-reference/ and form-operators-functions/, https://xlsform.org; the column and field
types of REDCap's data dictionary; https://www.qualtrics.com/support/survey-platform/survey-module/editing-questions/;
https://www.limesurvey.org/manual/Question_types and ExpressionScript; https://surveyjs.io/form-library/documentation.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

CALCULATION = "A calculated value is not an item: write `compute: {name: expression}` at the top of the file."
PAGE = "Each section is a page: begin a new section under `sections:`."
REPEAT = "To repeat a section, give it `for_each: <item>` or `roster: {most: 8, entry: <item>, add: Is there another?}`."
NO_FILES = "Files, pictures, places and signatures cannot be collected; ask in words, with `type: text`."


def _words(written: str, meaning: str) -> dict[str, str]:
    return dict.fromkeys(written.split(), meaning)


#: Item types, in lower case with underscores.
TYPES: Mapping[str, str] = {
    **_words(
        "radio radiogroup radio_button radio_buttons select_one select1 list_radio yesno yes_no truefalse true_false boolean "
        "bool gender single select_one_from_file choice",
        "Write `type: single_choice` with `options:`.",
    ),
    **_words(
        "checkbox checkboxes select_multiple select_many select_all select_all_that_apply multiselect multi_select multiple "
        "multiple_select tagbox select_multiple_from_file",
        "Write `type: multiple_choice` with `options:`.",
    ),
    **_words(
        "multiplechoice multiple_choice_single mc multichoice choices",
        "Write `type: single_choice` (one answer) or `type: multiple_choice` (several), with `options:`.",
    ),
    **_words(
        "select list_dropdown drop_down combobox autocomplete", "Write `type: dropdown` with `options:`."
    ),
    **_words(
        "likert likert_scale likert_matrix",
        "Write `type: matrix` with `statements:` and a `scale:`; for one statement alone `type: rating` with a `scale:`.",
    ),
    **_words(
        "array grid table matrix_table matrixdropdown matrixdynamic side_by_side dual_scale_array table_list",
        "Write `type: matrix` with `statements:` (the rows) and a `scale:` (the columns).",
    ),
    **_words(
        "scale stars star star_rating rating_scale likert_item opinion_scale csat smileys 5_point_choice five_point_choice",
        "Write `type: rating` with `scale: {1: Not at all, 2: A little, 3: Very much}`.",
    ),
    **_words(
        "integer int decimal float numeric numerical numerical_input numeric_entry number_entry age",
        "Write `type: number` with `range: [0, 70]`.",
    ),
    **_words(
        "range vas visual_analog_scale visual_analogue_scale sliding_scale gauge",
        "Write `type: slider` with `range: [0, 100]`, `low:` and `high:`.",
    ),
    **_words(
        "string short_text shorttext long_text longtext huge_free_text free_text freetext comment comments textarea text_area "
        "notes essay open open_ended open_end openended text_entry textbox text_box paragraph multipletext multiple_short_text "
        "email phone input",
        "Write `type: text`; for several lines add `lines: 4`.",
    ),
    **_words("datetime date_time time date_mdy date_dmy date_ymd month year day", "Write `type: date`, with `precision: day`, `month` or `year`."),
    **_words(
        "heading header title html info information statement text_display display descriptive descriptive_text descriptive_block "
        "boilerplate message description section_header sectionheader text_graphic markdown acknowledge instruction",
        "Write `type: note` with `text:`.",
    ),
    **_words("maxdiff max_diff max_difference bws best_worst_scaling", "Write `type: best_worst` with `options:`."),
    **_words(
        "conjoint cbc acbc dce choice_experiment discrete_choice factorial factorial_survey experiment",
        "Write `type: vignette` with `text:`, `attributes:` and `ratings:`.",
    ),
    **_words("rank rank_order ranking_matrix order sort drag_and_drop pick_group_rank", "Write `type: ranking` with `options:`."),
    **_words(
        "constantsum allocation sum multiple_numerical_input multiplenumeric points",
        "Write `type: constant_sum` with `options:` and `total: 100`.",
    ),
    **_words(
        "bipolar bipolar_matrix matrix_bipolar differential", "Write `type: semantic_differential` with `pairs: {id: [left, right]}`."
    ),
    **_words("net_promoter net_promoter_score recommend", "Write `type: nps` with `low:` and `high:`."),
    **_words("calc calculate calculated calculation calculated_field equation expression formula compute computed hidden", CALCULATION),
    **_words("group begin_group end_group panel page section block page_break pagebreak matrix_group", PAGE),
    **_words("repeat begin_repeat end_repeat paneldynamic panel_dynamic loop loop_merge loop_and_merge roster", REPEAT),
    **_words(
        "file upload file_upload image imagepicker audio video barcode signature signaturepad geopoint geotrace geoshape map "
        "heatmap heat_map hotspot hot_spot",
        NO_FILES,
    ),
}  # fmt: skip

SKIP = "There are no jumps: give what is to be skipped a `show_if:` with the opposite condition."
NO_DEFAULT = "Answers cannot be filled in beforehand: remove it."
NO_LOOKS = "The look of an item cannot be set: remove it."

#: Keys, in lower case without underscores: what to write for each, by the key that it becomes here. The first that the mapping
#: can have is taken; "" stands for advice that goes anywhere.
KEYS: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(
        ("label", "question", "questiontext", "title", "fieldlabel", "prompt", "stem", "wording", "name", "description", "text"),
        {"ask": "Write `ask:` with the question.", "text": "Write `text:`.", "label": "Write `label:`.", "title": "Write `title:`."},
    ),
    **dict.fromkeys(
        ("choices", "answers", "answer", "selectchoices", "choiceslist", "answeroptions", "responses", "codes", "categories"),
        {"options": "Write `options:` with `code: label` lines under it.", "scale": "Write `scale:` with `1: label` lines under it."},
    ),
    **dict.fromkeys(
        ("rows", "subquestions", "questions", "items", "elements", "fields", "lines"),
        {
            "statements": "Write `statements:` with `id: text` lines under it.", "pairs": "Write `pairs:` with `id: [left, right]` lines.",
            "items": "Write `items:` with the items under it.", "lines": "Write `lines: 4`.",
            "": "Write `type: matrix` with `statements:` for several rows on one scale.",
        },
    ),
    **dict.fromkeys(
        (
            "relevant", "relevance", "relevanceequation", "visibleif", "visible", "branching", "branchinglogic", "displaylogic", "logic",
            "condition", "conditions", "showwhen", "show", "if", "when", "only", "onlyif", "enableif", "hidden", "filter", "dependson",
        ),
        {"show_if": 'Write `show_if:` with a condition, such as status == "left".', "when": "Write `when:` with a condition."},
    ),
    **dict.fromkeys(("hideif", "skipif", "skip", "skiplogic", "goto", "jump", "jumpto", "next", "branch", "branchto", "terminate"), {"": SKIP}),
    **dict.fromkeys(
        ("constraint", "validation", "validators", "validator", "validif", "validate", "emvalidationq", "customvalidation", "rule", "assert"),
        {"check": "Write `check:` with the condition that the answer must meet."},
    ),
    **dict.fromkeys(
        ("constraintmessage", "validationmessage", "errormessage", "emvalidationqtip", "message", "error"),
        {"say": "Write `say:`.", "check": "Write `check: {that: condition, say: message}`."},
    ),
    **dict.fromkeys(
        ("mandatory", "isrequired", "forceresponse", "forcedresponse", "force", "requiredfield", "obligatory"),
        {"required": "Write `required: true`."},
    ),
    **dict.fromkeys(("optional", "requestresponse"), {"required": "Remove it: only an item with `required: true` must be answered."}),
    **dict.fromkeys(
        ("help", "helptext", "fieldnote", "guidancehint", "instruction", "instructions", "subtitle", "tooltip", "explanation", "guidance"),
        {"hint": "Write `hint:`."},
    ),
    **dict.fromkeys(
        ("randomize", "randomise", "random", "randomorder", "randomizeoptions", "choicesorder", "randomization", "rotate", "choiceorder"),
        {
            "shuffle": "Write `shuffle: true`.", "arms": "Write `arms: {name: [one, other]}`.",
            "": "A scale keeps its order; `shuffle: true` goes beside `options:`, `statements:`, `pairs:` or `items:`.",
        },
    ),
    **dict.fromkeys(
        ("other", "hasother", "showother", "showotheritem", "allowother", "otheroption", "othertext", "orother", "specify", "textentry"),
        {
            "please_say": "Write `please_say: true`.",
            "options": "Add the option `other: {label: Other, please_say: true}` under `options:`.",
        },
    ),
    **dict.fromkeys(
        ("exclusiveoption", "excludeallothers", "noneoftheabove", "hasnone", "shownone", "shownoneitem", "none"),
        {"exclusive": "Write `exclusive: true`.", "options": "Add the option `none: {label: None of these, exclusive: true}` under `options:`."},
    ),
    **dict.fromkeys(
        ("noanswer", "prefernotto", "prefernottosay", "prefernottoanswer", "showrefuseitem", "refuse", "refused", "allowskip"),
        {"decline": "Write `decline: true`."},
    ),
    **dict.fromkeys(("showdontknowitem", "unknown", "allowdontknow"), {"dont_know": "Write `dont_know: true`."}),
    **dict.fromkeys(("na", "n/a", "allowna"), {"not_applicable": "Write `not_applicable: true`."}),
    **dict.fromkeys(
        ("min", "max", "minimum", "maximum", "minvalue", "maxvalue", "textvalidationmin", "textvalidationmax", "start", "end", "between"),
        {
            "range": "Write `range: [0, 70]`, the minimum and the maximum.", "earliest": "Write `earliest:` and `latest:`.",
            "most": "Write `most:`.", "max_length": "Write `max_length: 200`.",
        },
    ),
    **dict.fromkeys(
        ("minanswers", "maxanswers", "minchoices", "maxchoices", "maxselectedchoices", "minselectedchoices", "maxchecked", "choose"),
        {"check": "Write `check: count(item) <= 3`, with the item's own id."},
    ),
    **dict.fromkeys(
        ("points", "ratemax", "ratemin", "ratevalues", "ratecount", "levels", "stars", "steps", "columns", "labels", "anchors", "scalepoints"),
        {"scale": "Write `scale:` with `1: label` lines under it, or the name of one of the `scales:`.", "options": "Write `options:`."},
    ),
    **dict.fromkeys(("minlabel", "leftlabel", "minratedescription", "startlabel", "left", "from"), {"low": "Write `low:`."}),
    **dict.fromkeys(("maxlabel", "rightlabel", "maxratedescription", "endlabel", "right"), {"high": "Write `high:`."}),
    **dict.fromkeys(("suffix", "prefix", "units"), {"unit": "Write `unit:`."}),
    **dict.fromkeys(("regex", "regexp", "inputmask", "mask", "pregvalidation", "preg"), {"pattern": "Write `pattern:`."}),
    **dict.fromkeys(("length", "maxlength", "maxchars", "maximumchars", "size"), {"max_length": "Write `max_length: 200`."}),
    **dict.fromkeys(("multiline", "textarea"), {"lines": "Write `lines: 4`."}),
    **dict.fromkeys(("placeholder",), {"example": "Write `example:`.", "hint": "Write `hint:`."}),
    **dict.fromkeys(("identifier", "pii", "phi"), {"identifying": "Write `identifying: true`."}),
    **dict.fromkeys(("calculation", "calculate", "calc", "expression", "formula", "equation", "calculatedvalues", "variables"), {"value": "Write `value:`.", "": CALCULATION}),
    **dict.fromkeys(("default", "defaultvalue", "initialvalue", "setvalue", "trigger"), {"": NO_DEFAULT}),
    **dict.fromkeys(("appearance", "style", "css", "class", "width", "layout", "orientation", "colcount", "alignment", "matrixgroupname"), {"": NO_LOOKS}),
    **dict.fromkeys(("pagebreak", "page", "group", "block"), {"": PAGE}),
    **dict.fromkeys(("pages", "groups", "blocks", "panels", "forms"), {"sections": "Write `sections:` with one page under each id."}),
    **dict.fromkeys(("repeat", "repeatcount", "loop"), {"for_each": REPEAT, "": REPEAT}),
    **dict.fromkeys(("multiple", "multi", "multiselect"), {"": "Write `type: multiple_choice`."}),
    **dict.fromkeys(("welcome", "welcometext", "intro", "introduction", "informedconsent"), {"consent": "Write `consent:` with the text of the first page."}),
    **dict.fromkeys(("endtext", "completedhtml", "thankyou", "endofsurvey", "endmessage", "closing"), {"thanks": "Write `thanks:`."}),
    **dict.fromkeys(("language", "locale", "defaultlanguage", "lang"), {"languages": "Write `languages: [en]`."}),
    **dict.fromkeys(("startdate", "begins", "opendate"), {"opens": "Write `opens: 2026-12-01`."}),
    **dict.fromkeys(("enddate", "expires", "ends", "expirydate", "deadline"), {"closes": "Write `closes: 2027-02-28`."}),
    **dict.fromkeys(("anonymous", "anonymized", "anonymised"), {"privacy": "Write `privacy: anonymous`."}),
    **dict.fromkeys(("id",), {"": "An id is the key that the item or section stands under: remove it here."}),
}  # fmt: skip

EMPTY = "Write missing(item), or answered(item) for the opposite."
CHOSEN = 'Write has(item, "option"); for an item with one answer item == "option".'
NO_STRINGS = "Texts can only be compared with == and !=; limit what can be written with the item's `pattern` or `max_length`."
CONDITIONAL = "Write `a if condition else b`."
NOW = "Write today, without brackets: the day on which the response began."
#: Functions that conditions do not have.
FUNCTIONS: Mapping[str, str] = {
    **_words("selected checked is_selected contains includes anyof multiple_selected that_is", CHOSEN),
    **_words("is_empty empty isempty notempty not_empty isblank isblankormissingcode blank is_null isnull is_missing is_answered", EMPTY),
    **_words("ifelse iff iif ifs", CONDITIONAL),
    **_words("now today TODAY NOW", NOW),
    **_words("datediff date_diff difference_in_days days_between diffdays datedif", "Write days(from, to), the days from one date to the other."),
    **_words("age", "Write days(born, today) >= 18 * 365, or year(today) - year(born)."),
    **_words("len length strlen string_length regex matches regexmatch starts_with startswith substr concat lower upper trim str", NO_STRINGS),
    **_words("int floor ceil ceiling integer trunc", "Write round(a)."),
    **_words("avg average stdev median", "Write mean(a, b, ...)."),
    **_words("coalesce_ nvl ifnull ifna", "Write coalesce(a, b, ...)."),
    **_words("count_selected countif countifs", 'Write count(item), or count(seen >= 4) for a matrix.'),
    **_words("once random rand uuid", "For random assignment write `arms: {name: [one, other]}` at the top, and test name == \"one\"."),
    **_words("jr position indexed_repeat", "Name an entry of a repeated item, or test all of them: any(item == ...)."),
}  # fmt: skip

#: Slips in conditions that cannot be read, outside quotes, and what to write; the first that matches is reported.
SLIPS: tuple[tuple[str, str], ...] = (
    (r"\$\{\s*(?:q|e|m|rand|date|loc|gr)://", 'Write the item\'s own id and the code of its option: status == "left".'),
    (r"\$\{\s*\w+\s*\}", "Write the item's id as it is, without ${ }."),
    (r"&&", "Write `and` instead of &&."),
    (r"\|\|", "Write `or` instead of ||."),
    (r"(?<!&)&(?!&)", "Write `and` instead of &."),
    (r"(?<!\|)\|(?!\|)", "Write `or` instead of |."),
    (r"\b(AND|OR|NOT)\b", "Write and, or, not in lower case."),
    (r"\[\s*[a-z]\w*\s*\(\s*\w+\s*\)\s*\]", 'Write has(item, "option") instead of [item(option)].'),
    (r"\[\s*[a-z]\w*\s*\](?!\s*\[)", "Write the item's id as it is, without [ ]."),
    (r"\{\s*[a-z]\w*(?:\.\w+)?\s*\}", "Write the item's id as it is, without { }."),
    (r"<>|≠|~=|=!", "Write != for unequal."),
    (r"=>|≥", "Write >= for at least."),
    (r"=<|≤", "Write <= for at most."),
    (r"===", "Write == to compare."),
    (r"![^=]", "Write `not` instead of !."),
    (r"\bis\s+(?:not\s+)?(?:null|none|empty|missing|answered)\b|\bnot\s*empty\b|\bnotempty\b|\bempty\s*$", EMPTY),
    (r"\b(?:not\s*)?contains\b|\banyof\b|\ballof\b", 'Write has(item, "option"), any_of(item, ["one", "other"]) or all_of(...).'),
    (r"(?<![=!<>])=(?!=)", "Write == to compare."),
    (r"[\u2018\u2019\u201c\u201d\u00ab\u00bb]", "Write straight quotes."),
    (r"\b\d+ (?:day|week|month|year)s?\b", "Count the days between two dates, as in days(left, today) <= 30."),
    (r"\b\d{4}-0\d\b", 'Write a date as date("2027-02-28").'),
    (r"^\s*if\b|\bthen\b|\?", "Write only the condition; a value with two cases is `a if condition else b`."),
    (r"\$\w", "Write the item's id as it is, without $."),
    (r"\bbetween\b", "Write years >= 3 and years <= 5."),
    (r"\bmod\b|\bdiv\b", "Conditions have + - * / and no other arithmetic."),
    (r";", "Remove the ; and put commas between arguments."),
)  # fmt: skip

#: What LimeSurvey and SurveyJS put behind a name.
SUFFIXES = ("NAOK", "shown", "value", "valueNAOK", "code", "displayValue")
#: Ways of piping: those that cannot be read here, and those that read on as plain text.
UNREADABLE_PIPES = (
    re.compile(r"\{\s*(?:q|e|m|lm|rand|date|loc|gr)://[^}]*\}"),  # Qualtrics
    re.compile(r"\{\s*([A-Za-z]\w*)\.(?:NAOK|shown|value|valueNAOK|code)\s*\}"),  # LimeSurvey
)
PLAIN_PIPES = (
    re.compile(r"\$\{\s*[a-z]\w*\s*\}"),  # XLSForm
    re.compile(r"\{\{\s*[a-z]\w*\s*\}\}"),  # formr, and templates
    re.compile(r"(?<![\w\]!\\])\[\s*[a-z][a-z0-9_]*(?::\w+)?\s*\](?![(\[:])"),  # REDCap
)


def _plain(word: str) -> str:
    return re.sub(r"[\s-]+", "_", word.strip().lower())


def type_of(word: object) -> str:
    """What to write for an item type of another tool; empty for a word that none of them uses."""
    written = _plain(str(word))
    return TYPES.get(written) or TYPES.get(str(word).strip().lower().partition(" ")[0]) or ""


def key_of(word: object, known: Collection[str]) -> tuple[str, str]:
    """The key that stands for another tool's where these keys are known, and what to write; ("", "") for a word that none
    of them uses. The key is empty where advice goes without one."""
    meanings = KEYS.get(re.sub(r"[\s_:-]", "", str(word).lower()), {})
    return next(((key, remedy) for key, remedy in meanings.items() if not key or key in known), ("", ""))


def function_of(word: str) -> str:
    """What to write for a function of another tool; empty for a word that none of them uses."""
    return FUNCTIONS.get(word) or FUNCTIONS.get(_plain(word)) or ""


def slip_of(condition: str) -> str:
    """What to write in a condition that cannot be read as it is written for another tool; empty where nothing is known."""
    outside = re.sub(r"\"[^\"]*\"|'[^']*'", '""', condition)
    return next((remedy for pattern, remedy in SLIPS if re.search(pattern, outside)), "")


def suffix_of(name: str) -> str:
    """What to write for a name with a part that another tool puts behind it; empty where it has none."""
    item, _, part = name.partition(".")
    return f"Write {item} alone." if part in SUFFIXES else ""


def pipe_of(text: str, offset: int) -> str:
    """What to write for another tool's pipe at a place in a text; empty where there is none."""
    found = next((found for pattern in UNREADABLE_PIPES if (found := pattern.match(text, offset))), None)
    name = found[1] if found and found.re.groups else "status"
    return f"Write {{{name}}}: the item's id in braces." if found else ""


def foreign_pipes(text: str, names: Collection[str]) -> Iterator[tuple[str, int, str]]:
    """What a text pipes in another tool's way and would be read on as plain text: as written, its offset, and what to write.
    Words in square brackets are only meant so where they are the name of an item."""
    for pattern in PLAIN_PIPES:
        for found in pattern.finditer(text):
            name = next(iter(re.findall(r"[a-z]\w*", found[0])), "")
            if name in names:
                yield found[0], found.start(), f"Write {{{name}}}: the item's id in braces."
