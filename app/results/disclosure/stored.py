"""Stored releases, also those of before figures moved by sizes alone.

An earlier release was stored with the counts of each of its views, and showed some cells of the last one. All cells of
a view are of the same people, so that the whole of it can be shown, and the sizes of all views count as shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from app.results.disclosure.published import (
    EVERYONE,
    Partition,
    PublicGroup,
    PublicItem,
    PublicPart,
    Release,
    ShownSizes,
)
from app.survey.model import Code

Stored = Mapping[str, Any]


def read_release(stored: Stored) -> Release:
    return _read_earlier(stored) if "views" in stored else msgspec.convert(stored, Release)


def _read_earlier(stored: Stored) -> Release:
    views, sizes = stored["views"], {}
    for item in stored["items"]:
        for part in item["parts"]:
            sizes.update(_sizes(item, part["name"], views.get(part["name"], ())))
    items = tuple(_item(each, views) for each in stored["items"])
    return Release(stored["responses"], items, sizes)


def _sizes(item: Stored, name: str, views: Sequence[Stored]) -> Iterator[tuple[str, tuple[ShownSizes, ...]]]:
    if not views:
        return
    base = max(view["base"] for view in views)
    yield name, _shown(base)
    for code in views[-1]["counts"]:
        if item.get("figure") == "ranks":  # of which only the first ranks were shown
            yield f"{name}.{code}", _shown(base)
        elif any(view["bases"].get(code, view["base"]) != view["base"] for view in views):
            yield f"{name}:{code}", _shown(max(view["bases"].get(code, 0) for view in views))


def _shown(size: int) -> tuple[ShownSizes, ...]:
    return (ShownSizes((Partition(EVERYONE, {EVERYONE: size}),)),)


def _item(item: Stored, views: Mapping[str, Sequence[Stored]]) -> PublicItem:
    parts = tuple(_part(part, views.get(part["name"], ())) for part in item["parts"])
    return PublicItem(
        item["id"], item["item"], item["section"], item["ask"], parts, "" if parts else "derived", item.get("unit"),
        item.get("figure", "distribution"), item.get("long_list", False),
    )  # fmt: skip


def _part(part: Stored, views: Sequence[Stored]) -> PublicPart:
    known = {str(cell["code"]): (cell["code"], cell["label"]) for cell in part["cells"]}
    codes = [known.get(code, (_code(code, part["kind"]), code)) for code in (views[-1]["counts"] if views else ())]
    poles = part.get("poles")
    return PublicPart(
        part["name"], part["label"], part["kind"], tuple(codes), tuple(_groups(part, views)),
        column=part.get("column", ""), measure=part.get("measure", "nominal"), poles=tuple(poles) if poles else None,
    )  # fmt: skip


def _code(code: str, kind: str) -> Code:
    return int(code) if kind == "choice" and code.removeprefix("-").isdigit() else code


def _groups(part: Stored, views: Sequence[Stored]) -> Iterator[PublicGroup]:
    if not part["base"] or not views:
        return
    *before, last = views
    base = last["base"]
    newcomers = min([base, *(abs(base - view["base"]) for view in before)])
    counts, bases = tuple(last["counts"].values()), tuple(last["bases"].get(code, base) for code in last["counts"])
    if part["kind"] == "sums":
        counts = tuple(None if cell["share"] is None else cell["share"] * base / 100 for cell in part["cells"])
        bases = ()
    yield PublicGroup(EVERYONE, "", base, counts, bases if any(each != base for each in bases) else (), newcomers)
