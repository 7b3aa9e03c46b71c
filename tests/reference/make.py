"""Makes `responses.csv`, `vignettes.csv` and `entries.csv`: run as `python -m tests.reference.make`. The seed is fixed.

A cell is a code, a number, several codes with spaces between, or "~" and the reason why there is no answer.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
SEED, RESPONSES = 20261127, 620
SECTIONS = {
    "you": ("status", "specialty", "stage", "licensed", "part_time", "country", "years"),
    "views": ("m.failed", "m.grew", "m.respect", "m.trust", "m.regret", "strain.tired", "strain.alone", "strain.late", "recommend"),
    "beside": ("own", "seen", "hours", "reasons"),
    "cases": (),
}  # fmt: skip
COLUMNS = ("id", "disposition", "cause", *(name for names in SECTIONS.values() for name in names))
RATED = ("id", "position", "who", "why", "right")
EACH_SEES = 3
ENTERED = ("id", "status", "specialty", "entry", "weight", "hours", "advise")
ENTRIES = ("pay", "rota", "kids")

Chance = np.random.Generator


def pick(chance: Chance, **shares: float) -> str:
    return str(chance.choice(list(shares), p=np.array(list(shares.values())) / sum(shares.values())))


def points(value: float, most: int) -> int:
    return int(np.clip(round(value), 1, most))


def unless(chance: Chance, value: Any, **reasons: float) -> Any:
    """The value, or with these probabilities a reason for not answering."""
    drawn = chance.random()
    for reason, share in reasons.items():
        drawn -= share
        if drawn < 0:
            return f"~{reason}"
    return value


def about(chance: Chance, cause: str) -> dict[str, Any]:
    """One respondent's answers to everything."""
    status = pick(chance, practising=6, left=3, outside=0.9)
    left, heavy = status == "left", chance.random() < 0.3
    view = chance.normal() + 0.5 * left - 0.3 * (cause == "family")
    tired = chance.normal() + 0.8 * left
    own = 4 + 0.8 * left + chance.normal() * 1.6
    answers: dict[str, Any] = {
        "status": status,
        "specialty": pick(chance, primary=5, surgical=2, other=4),
        "stage": pick(chance, training=2, specialist=5, senior=3),
        "licensed": "yes",
        "part_time": unless(chance, pick(chance, yes=0.015 + 0.02 * left, no=1), declined=0.03),
        "country": pick(chance, a=40, b=30, c=20, d=9, e=1),
        "years": unless(chance, int(np.clip(chance.gamma(3, 6), 0, 60)), declined=0.05, dont_know=0.02, skipped=0.03),
    }
    for name, loading in (("failed", 0.9), ("grew", -0.7), ("respect", -0.5), ("trust", 0.6), ("regret", 0.4)):
        answer = points(3 + loading * view + chance.normal() * 0.8, 5)
        answers[f"m.{name}"] = unless(chance, answer, skipped=0.04, dont_know=0.03, not_applicable=0.02)
    for name, loading in (("tired", 1.0), ("alone", 0.7), ("late", 0.8)):
        answers[f"strain.{name}"] = unless(chance, points(3 + loading * tired + chance.normal() * 0.7, 5), skipped=0.03)
    answers["recommend"] = unless(chance, int(np.clip(round(7.5 + chance.normal() * 2.5), 0, 10)), declined=0.06)
    answers["own"] = unless(chance, points(own, 7), skipped=0.05)
    answers["seen"] = unless(chance, points(own - 1.1 + chance.normal() * 1.2, 7), skipped=0.05)
    answers["hours"] = unless(chance, round(float(np.clip(chance.normal(48, 11) + 6 * heavy, 0, 100)), 1), skipped=0.04)
    answers["reasons"] = reasons(chance, left)
    return answers


def reasons(chance: Chance, left: bool) -> str:
    chosen = [name for name, share in (("workload", 0.6), ("family", 0.3), ("visa", 0.25 * left)) if chance.random() < share]
    return " ".join(chosen) or "~skipped"


def ended(answers: dict[str, Any], disposition: str, chance: Chance) -> dict[str, Any]:
    """The answers of a response that ended with this disposition."""
    reached = {"partial": 3, "break_off": int(chance.integers(1, 3)), "screened_out": 1}.get(disposition, len(SECTIONS))
    why = "~not_shown" if disposition == "screened_out" else "~not_reached"
    later = {name for names in list(SECTIONS.values())[reached:] for name in names}
    return {name: why if name in later else value for name, value in answers.items()}


def responses(chance: Chance) -> list[dict[str, Any]]:
    found = []
    for number in range(RESPONSES):
        cause = ("burnout", "family")[number % 2]
        answers = about(chance, cause)
        disposition = pick(chance, complete=70, partial=15, break_off=12, withdrawn=3)
        if answers["status"] == "outside":
            disposition = "screened_out"
        found.append({"id": number, "disposition": disposition, "cause": cause, **ended(answers, disposition, chance)})
    return found


def vignettes(chance: Chance, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each respondent saw, and the ratings of those who reached the last section."""
    found = []
    for row in rows:
        own = chance.normal() * 0.9
        for position in range(1, EACH_SEES + 1):
            who, why = pick(chance, doctor=1, nurse=1), pick(chance, pay=1, rest=1, visa=1)
            right = points(4 + own + 0.5 * (who == "nurse") - 0.7 * (why == "pay") + chance.normal() * 1.2, 7)
            rated = unless(chance, right, skipped=0.04) if row["disposition"] in ("complete", "withdrawn") else "~not_reached"
            found.append({"id": row["id"], "position": position, "who": who, "why": why, "right": rated})
    return found


def entries(chance: Chance, respondents: int = 240) -> list[dict[str, Any]]:
    """Of each respondent three entries of a loop, of which some were not chosen, and others not answered. The answers of one
    respondent resemble each other."""
    found = []
    for number in range(respondents):
        status, own = pick(chance, practising=5, left=3, back=2), chance.normal()
        about = {"id": number, "status": status, "specialty": pick(chance, primary=5, surgical=2, other=4)}
        for entry in ENTRIES:
            level = own + 0.5 * (status == "left") + chance.normal() * 0.8
            given = {"weight": points(2 + level, 3), "hours": round(float(np.clip(20 + 8 * level, 0, 60)), 1), "advise": points(6.5 + 2 * level, 10)}
            is_chosen = chance.random() < 0.55
            found.append({**about, "entry": entry, **{name: unless(chance, value, skipped=0.06) if is_chosen else "~not_shown" for name, value in given.items()}})
    return found


def write(name: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    with (HERE / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    drawn = np.random.default_rng(SEED)
    made = responses(drawn)
    write("responses.csv", COLUMNS, made)
    write("vignettes.csv", RATED, vignettes(drawn, made))
    write("entries.csv", ENTERED, entries(np.random.default_rng(SEED + 1)))


if __name__ == "__main__":
    main()
