"""When which plan of a survey was first seen, and what changed from one to the next."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.languages.catalogues import ENGLISH
from app.languages.formats import write_date

Row = Mapping[str, Any]
"""A stored plan: `digest`, `plan` (canonical JSON), `day`, `begun`, `complete`."""
PARTS = {
    "question": "question", "hypothesis": "hypothesis", "item": "item", "share": "codes that count", "contrast": "contrast",
    "vignettes": "vignettes", "base": "base", "where": "condition", "careful": "careless answering", "weighted": "weighting",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeenPlan:
    """A plan when it was first seen."""

    digest: str  # empty where the plan was removed
    day: datetime.date
    begun: int
    complete: int
    changes: tuple[str, ...] = ()  # since the plan before it

    @property
    def after(self) -> str:
        """In words, how many responses there were."""
        if not self.begun:
            return "before any response had begun"
        responses = "1 response" if self.begun == 1 else f"{self.begun:,} responses"
        return f"after {responses} had begun, {self.complete:,} of them complete"

    @property
    def written_day(self) -> str:
        return write_date(self.day.isoformat(), ENGLISH)


@dataclass(frozen=True, slots=True)
class PlanHistory:
    plans: tuple[SeenPlan, ...]  # the first one first

    @property
    def later(self) -> tuple[SeenPlan, ...]:
        """What came after the first plan."""
        return self.plans[1:]

    def sentence(self) -> str:
        """When the plan was first seen and last changed."""
        if not self.plans:
            return "Not yet served."
        first, last = self.plans[0], self.plans[-1]
        said = f"First seen on {first.written_day}, {first.after}."
        if len(self.plans) > 1:
            many = "once" if len(self.plans) == 2 else f"{len(self.plans) - 1} times, last"
            said += f" Changed {many} on {last.written_day}{'' if last.digest else ' (removed)'}, {last.after}."
        return said


def plan_history(rows: Sequence[Row]) -> PlanHistory:
    found: list[SeenPlan] = []
    before, was_removed = "", False
    for row in rows:
        changes = tuple(changes_between(before, row["plan"], was_removed)) if found else ()
        found.append(SeenPlan(row["digest"], row["day"], row["begun"], row["complete"], changes))
        before, was_removed = row["plan"] or before, not row["plan"]
    return PlanHistory(tuple(found))


# --- changes ------------------------------------------------------------------------------------------------


def changes_between(old: str, new: str, was_removed: bool = False) -> Iterator[str]:
    """In words, what differs between two plans as they are stored; "" is none. A plan that follows a removed one is compared with
    it, so that nothing is changed unseen by removing it in between."""
    if not new:
        yield "The plan was removed."
        return
    if was_removed:
        yield "The same plan was added again." if old == new else "A plan was added again, which differs from the removed one:"
    before, after = json.loads(old), json.loads(new)
    yield from _of_estimates(before["analysis"]["primary"], after["analysis"]["primary"])
    texts = [name for name in (*before["analysis"], *after["analysis"]) if name != "primary"]
    for name in dict.fromkeys(texts):
        if before["analysis"].get(name) != after["analysis"].get(name):
            yield _reworded(f"“{name}”", before["analysis"].get(name), after["analysis"].get(name))
    if before.get("sample") != after.get("sample"):
        yield _changed("The expected number of respondents", before.get("sample"), after.get("sample"))
    if before.get("weights") != after.get("weights"):
        yield _changed("The weights", before.get("weights"), after.get("weights"))


def _of_estimates(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in before:
        if name not in after:
            yield f"The primary estimate “{name}” was removed."
    for name, estimate in after.items():
        if name not in before:
            yield f"The primary estimate “{name}” was added."
            continue
        for key, label in PARTS.items():
            if before[name].get(key) != estimate.get(key):
                say = _reworded if key in ("question", "hypothesis") else _changed
                yield say(f"The {label} of “{name}”", before[name].get(key), estimate.get(key))


def _changed(what: str, old: Any, new: Any) -> str:
    if old is None:
        return f"{what} was added: {_written(new)}."
    return f"{what} was removed; it was {_written(old)}." if new is None else f"{what} changed from {_written(old)} to {_written(new)}."


def _reworded(what: str, old: str | None, new: str | None) -> str:
    """The new text is in the plan; the old one is nowhere else."""
    if old is None:
        return f"{what} was added."
    return f"{what} {'was removed' if new is None else 'changed'}; it was: “{old}”"


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_written(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(_written, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value).lower() if isinstance(value, bool) else str(value)
