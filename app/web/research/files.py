"""What the files of a survey are called, whom they hold, and the links that download them."""

from __future__ import annotations

from collections.abc import Iterator

from app.results.layout import Layout
from app.results.view import View, written_condition, written_view

Pairs = list[tuple[str, str]]
"""The parameters of an address, or some of them."""

#: What an address names to choose responses; without any of these a file holds all that are stored.
CHOOSES = ("base", "only", "where", "quality")
WEIGHTED = ", weighted"
WITHOUT_CARELESS = ", without those that have a sign of careless answering"


def query_of_files(view: View | None) -> Pairs:
    """The parameters with which files hold the responses of a view; None for all that are stored."""
    if view is None:
        return []
    base = [("base", view.among)]
    return base + [(name, value) for name, value in written_view(view) if name in CHOOSES[1:]]


def heading_of_files(view: View | None, n: int) -> str:
    """Whom the files of a view hold: the heading of their links. Without a view, `n` are all that are stored."""
    if view is None:
        return f"Download all {n:,} stored, with their disposition"
    return f"Download {'these ' if view.is_filtered and n != 1 else ''}{whom(view, n)}"


def name_of_file(survey: str, what: str, view: View | None, n: int = 0) -> str:
    """Without its ending, such as `leaving-codes-complete-filtered-62`."""
    if view is None:
        return f"{survey}-{what}"
    base = "" if view.chooses_dispositions else "-" + {"complete": "complete", "partial": "with-partial", "all": "begun"}[view.among]
    return f"{survey}-{what}{base}{'-filtered' if view.is_filtered else ''}-{n}"


def weighted_name(is_weighted: bool) -> str:
    """What the name of a file of figures ends with."""
    return "-weighted" if is_weighted else ""


def about_files(view: View | None, n: int, layout: Layout) -> str:
    """Whom the files of a view hold, for a codebook; "" for all that are stored."""
    if view is None:
        return ""
    condition = written_condition(view, layout)
    careful = WITHOUT_CARELESS if view.careful else ""
    return f"{whom(view, n)}{f', for which {condition}' if condition else ''}{careful}"


def whom(view: View, n: int) -> str:
    """62 complete responses."""
    kind = "" if view.chooses_dispositions else {"complete": "complete ", "partial": "complete and partial ", "all": "begun "}[view.among]
    return f"{n:,} {kind}response{'s' * (n != 1)}"


def files_of(has_vignettes: bool) -> Iterator[tuple[str, str, Pairs]]:
    """Each file of a survey: what it is, its name in the address, and the parameters besides those of a view."""
    labels = [("values", "labels")]
    yield "Responses, codes", "export.csv", []
    yield "Responses, labels", "export.csv", labels
    if has_vignettes:
        yield "Judgements of vignettes, codes", "vignettes.csv", []
        yield "Judgements of vignettes, labels", "vignettes.csv", labels
    yield "Codebook", "codebook.csv", []
    yield "Codebook, to read", "codebook.md", []
