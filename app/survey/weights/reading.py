"""From the key `weights` to the weights of an instrument: what they are raked to must be asked, and its shares whole."""

from __future__ import annotations

import math
from collections.abc import Mapping

from app.survey.analysis.names import of_one_entry
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.answer import Answer
from app.survey.items.context import SurveyContext
from app.survey.model import Code, Weights
from app.survey.weights.shape import EXAMPLE

MOST_CELLS = 500  # combinations of categories
MANY = 10**9  # combinations that are not counted one by one in a message
OFF_BY = 0.005  # by which shares may differ from 1 in all, or percentages from 100 by as much of it: they are rounded


def read_weights(m: SurveyContext) -> Weights | None:
    shape = m.survey.weights
    if shape is None:
        return None
    known = raked(m)
    targets = {}
    if not m.document.root["weights"].get("rake"):
        m.fault(("weights", "rake"), "bad-weights", "`rake` names no variable", f"Write the population's shares: {EXAMPLE}.", key=True)
    for name, shares in shape.rake.items():
        path: Path = ("weights", "rake", name)
        if name in known:
            found = read_targets(m, path, known[name], shares)
            if found is not None:
                targets[name] = found
        elif str(name).split(".")[0] not in m.broken:
            report_unknown(m, path, str(name), known)
    cells = math.prod(len(shares) for shares in targets.values())
    if cells > MOST_CELLS:
        many = f"{cells:,}" if cells < MANY else "more than a thousand million"
        m.fault(
            ("weights", "rake"), "bad-weights", f"{many} combinations of categories are too many to rake: at most {MOST_CELLS} are possible",
            "Leave out a variable, or rake to one with fewer categories.", key=True,
        )  # fmt: skip
    trim, is_whole = read_trim(m), len(targets) == len(shape.rake)  # weights to some of the variables would be others
    return Weights(targets, trim) if targets and is_whole and cells <= MOST_CELLS else None


def raked(m: SurveyContext) -> dict[str, Answer]:
    """What weights can be raked to: every answer that is one of several codes, also an arm or the bands of a score."""
    others = {"language"} | {drawn.name for drawn in m.drawn if drawn.of} | of_one_entry(m)
    return {
        name: answer for name, answer in m.known().items()
        if answer.kind == "choice" and len(answer.options) > 1 and name not in others
    }  # fmt: skip


def report_unknown(m: SurveyContext, path: Path, name: str, known: Mapping[str, Answer]) -> None:
    answer = m.known().get(name)
    what = f'there is nothing called "{name}" whose shares are known'
    if answer is not None:
        what = f'weights cannot be raked to "{name}", which does not have one of several codes as its value'
    remedy = did_you_mean(name, known) if answer is None else ""
    m.fault(path, "bad-weights", what, remedy or (f"These can be used: {one_of(known)}." if known else "Remove `weights`."), key=True)


def read_targets(m: SurveyContext, path: Path, answer: Answer, shares: Mapping[Code, float]) -> dict[Code, float] | None:
    """The share of each code, of 1; None after reporting a fault."""
    unknown = [code for code in shares if code not in answer.codes]
    for code in unknown:
        remedy = did_you_mean(str(code), map(str, answer.codes)) or f"Its codes: {one_of(answer.codes)}."
        m.fault((*path, code), "bad-weights", f'"{answer.name}" has no code "{code}"', remedy, key=True)
    missing = [code for code in answer.codes if (*path, code) not in m.document.keys]
    if missing:
        m.fault(
            path, "bad-weights", f'"{answer.name}" has no share for {one_of(missing)}',
            "Give every code a share: a respondent whose answer has none could have no weight.", key=True,
        )  # fmt: skip
    none = [code for code, share in shares.items() if share <= 0]
    for code in none:
        m.fault(
            (*path, code), "bad-weights", f'the share of "{code}" is {shares[code]:g}, but raking needs shares above 0',
            "Where the population has nobody with this answer, end the survey for them (`screen_out`), or combine it with another code.",
        )  # fmt: skip
    if unknown or none or set(shares) != set(answer.codes):
        return None
    whole = math.fsum(shares.values())
    if all(abs(whole - unit) > unit * OFF_BY for unit in (1, 100)):
        m.fault(
            path, "bad-weights", f'the shares of "{answer.name}" add up to {whole:.6g}, not to 1 (or as percentages to 100)',
            "Write each as a share of the whole, such as 0.34, or as a percentage, such as 34. Only rounding (0.5 %) may be missing.",
            key=True,
        )  # fmt: skip
        return None
    return {code: shares[code] / whole for code in answer.codes}


def read_trim(m: SurveyContext) -> tuple[float, float] | None:
    bounds = m.survey.weights.trim
    if bounds is None:
        return None
    least, most = map(float, bounds)
    if 0 <= least < 1 < most:
        return least, most
    m.fault(
        ("weights", "trim"), "bad-weights", f"weights cannot lie between {least:g} and {most:g}: their mean is 1",
        "Write the greatest weight, more than 1, such as 5; or both ends, the least between 0 and 1, such as [0.3, 3].",
    )  # fmt: skip
    return None
