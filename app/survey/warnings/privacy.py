"""Warnings about privacy: who could be singled out, and what a promise of anonymity does not allow."""

from __future__ import annotations

import re
from math import comb, perm, prod

from app.survey.faults import one_of
from app.survey.identity import who_asked
from app.survey.items.answer import Answer
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.model import Instrument

ANYTHING = 1_000_000  # as many different answers as tell everybody apart
LOW_FLOOR = 5
CONTACT = re.compile(r"\S@\S|\+?\d[\d ()/-]{6,}\d")  # an e-mail address or a telephone number
MANY = 10**9  # combinations that are not counted one by one in a message


def about_privacy(m: SurveyContext, instrument: Instrument) -> None:
    identity_risk(m, instrument)
    promised_anonymous(m, instrument)
    sensitive_quotas(m, instrument)
    low_floor(m, instrument)
    without_a_contact(m, instrument)


def identity_risk(m: SurveyContext, instrument: Instrument) -> None:
    """Warns where the answers that tell who somebody is would single people out at the expected sample size.

    The measure is the mean size of a cell when all combinations of answers are equally frequent, which is the most
    favourable case: real distributions leave more people alone. Cells below the floor count as singling out
    (L. Sweeney 2002, "k-anonymity: a model for protecting privacy", International Journal of Uncertainty,
    Fuzziness and Knowledge-Based Systems 10, 557-570).
    """
    marked = [item for item in instrument.items() if item.identifying and item.id in m.first]
    if not marked or instrument.privacy == "identified":
        return
    sample = instrument.sample
    sizes = [categories(item) for item in marked]
    cells = prod(sizes)
    many = f"{cells:,}" if cells < MANY else "more than a thousand million"
    floor = instrument.results.floor
    if sample is None:
        what = f"{len(marked)} identifying items have {many} combinations, but the survey gives no expected sample size"
        m.warn(
            m.first[marked[0].id],
            "identity-risk",
            what,
            "Write `sample:` at the top, such as `sample: 400`.",
            key=True,
        )
    elif sample / cells < floor:
        sizes_of = one_of((f"{item.id} ({size})" for item, size in zip(marked, sizes, strict=True)), 8)
        alone = sample * (1 - 1 / min(cells, 10**15)) ** (sample - 1)
        m.warn(
            m.first[marked[-1].id], "identity-risk",
            f"{sizes_of} together have {many} combinations: about {alone:,.0f} of {sample:,} respondents would be alone in theirs",
            f"Remove some of them or use broader categories, until each combination has {floor} respondents on average.", key=True,
        )  # fmt: skip


def promised_anonymous(m: SurveyContext, instrument: Instrument) -> None:
    """Warns where a survey that calls itself anonymous asks who somebody is."""
    for item in who_asked(instrument) if instrument.privacy == "anonymous" else ():
        if item.id in m.first:
            m.warn(
                m.first[item.id], "not-anonymous",
                f'"{item.id}" asks who the respondent is, but the survey promises anonymity',
                "Remove it, or write `privacy: confidential` or `privacy: identified` at the top.", key=True,
            )  # fmt: skip


def sensitive_quotas(m: SurveyContext, instrument: Instrument) -> None:
    """A quota that is full ends the survey for those who gave a certain answer, which says what they answered."""
    sensitive = {name: item.id for item in instrument.items() if item.sensitive for name in item.names}
    for quota in instrument.quotas:
        item = next((sensitive[name] for name in sorted(quota.when.names) if name in sensitive), None)
        if item:
            m.warn(
                ("quotas", quota.id, "when"), "sensitive-quota",
                f'the quota depends on "{item}", which is sensitive: the survey would end because of such an answer',
                "Use an item that is not sensitive, or remove the quota.",
            )  # fmt: skip


def low_floor(m: SurveyContext, instrument: Instrument) -> None:
    """Warns where everyone sees results about so few people that those who know most of them can tell the others."""
    results = instrument.results
    if results.show_to == "everyone" and results.floor < LOW_FLOOR:
        m.warn(
            ("results", "floor"), "low-floor", f"everyone sees results of {results.floor} people: friends may recognise each other",
            f"Write `floor: {LOW_FLOOR}` or more; 10 is usual.",
        )  # fmt: skip


def without_a_contact(m: SurveyContext, instrument: Instrument) -> None:
    """Respondents agree to a study only if they know whose it is (G. Eysenbach 2004, CHERRIES, J Med Internet Res 6, e34). A
    poll is asked by someone who is in the room; and the consent may say it itself."""
    is_poll = sum(item.is_asked for item in instrument.items()) == 1
    absent = [key for key in ("institution", "contact") if key not in instrument.about]
    if instrument.consent is None or is_poll or not absent or CONTACT.search(instrument.consent.plain):
        return
    keys = " and ".join(f"`{key}`" for key in absent)
    m.warn(
        ("about",) if instrument.about else ("consent",), "no-contact",
        f"the survey asks for consent without saying who is responsible and whom to ask: `about` has no {keys}",
        "Add them at the top: `about: {institution: ..., contact: ...}`; `support`, `ethics` and `data` are shown too.", key=True,
    )  # fmt: skip


def categories(item: Item) -> int:
    """How many different answers an item can tell people apart by; of more than a million, a million."""
    asked = [answer for answer in item.answers() if not answer.beside]
    if item.adds_up_to is not None:
        found = comb(item.adds_up_to + len(asked) - 1, len(asked) - 1)
    elif asked and asked[0].group:  # no two of them are alike
        found = perm(len(asked[0].options), len(asked))
    else:
        found = prod(map(_values, asked))
    return min(found, ANYTHING) if asked else ANYTHING


def _values(answer: Answer) -> int:
    match answer.kind:
        case "choice":
            return len(answer.options)
        case "multiple":
            return 2 ** len([option for option in answer.options if not option.exclusive])
        case "ranks":
            return perm(len(answer.options), answer.most)
        case "number" if answer.step:
            return round((answer.most - answer.least) / answer.step) + 1
        case "number":
            return round((answer.most - answer.least) * 10**answer.decimals) + 1
        case "date":
            return {"day": 36_500, "month": 1_200, "year": 100}[answer.precision]
    return ANYTHING  # a text
