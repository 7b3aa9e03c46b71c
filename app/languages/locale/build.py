"""Brings the catalogues up to date: `python -m app.languages.locale.build`, in a checkout.

Collects what templates and modules say (`_`, `ngettext`, `N_`) into opinion.pot, merges it into each <language>.po
without losing a translation, and compiles each <language>.mo. Names what is not translated.
"""

from __future__ import annotations

import datetime
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

FOLDER = Path(__file__).parent
CHECKOUT = FOLDER.parent.parent.parent
LANGUAGES = ("de", "fr", "es", "ar")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
THE_SAME_DAY = datetime.datetime(
    2026, 1, 1, tzinfo=datetime.UTC
)  # so that building twice gives the same file
TEMPLATE_OPTIONS = {
    "extensions": "jinja2.ext.i18n",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}


def sources() -> Iterator[tuple[Path, str]]:
    """Every file that may hold sentences, with the extractor that reads it."""
    yield from (
        (path, "jinja2.ext.babel_extract") for path in sorted((CHECKOUT / "templates").rglob("*.html"))
    )
    yield from ((path, "python") for path in sorted((CHECKOUT / "app").rglob("*.py")))


def extracted() -> Catalog:
    """Every sentence that is marked for translation, with the files it stands in."""
    catalog = _catalog(None)
    for path, method in sources():
        name = path.relative_to(CHECKOUT).as_posix()
        options = TEMPLATE_OPTIONS if method != "python" else {}
        with path.open("rb") as file:
            for _, message, _, _ in extract(method, file, KEYWORDS, options=options):
                catalog.add(message, locations=[(name, 0)])
    return catalog


def _catalog(language: str | None) -> Catalog:
    return Catalog(locale=language, project="Second Opinion", version="1", fuzzy=False, header_comment="")


def read(language: str) -> Catalog:
    file = FOLDER / f"{language}.po"
    with io.BytesIO(file.read_bytes() if file.exists() else b"") as opened:
        return read_po(opened, locale=language)


def updated(language: str, template: Catalog) -> Catalog:
    """A language's catalogue with every sentence of the template, in its order, and nothing else."""
    old, new = read(language), _catalog(language)
    for message in template:
        if message.id:
            known = old.get(message.id)
            new.add(message.id, known.string if known is not None else None, message.locations)
    return new


def untranslated(catalog: Catalog) -> list[str]:
    return [
        str(message.id)
        for message in catalog
        if message.id and not all(message.string if message.pluralizable else [message.string])
    ]


def as_po(catalog: Catalog) -> bytes:
    """A catalogue as a file, with a head that is the same whenever it is built."""
    written = io.BytesIO()
    write_po(written, catalog, width=110, include_lineno=False, omit_header=True)
    head = {"Language": catalog.locale_identifier or "", "Content-Type": "text/plain; charset=utf-8"}
    if catalog.locale is not None:
        head["Plural-Forms"] = catalog.plural_forms
    lines = "".join(f'"{name}: {text}\\n"\n' for name, text in head.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode() + written.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    written = io.BytesIO()
    catalog.creation_date = catalog.revision_date = THE_SAME_DAY
    write_mo(written, catalog)
    return written.getvalue()


def main() -> int:
    template = extracted()
    (FOLDER / "opinion.pot").write_bytes(as_po(template))
    missing: dict[str, list[str]] = {}
    for language in LANGUAGES:
        catalog = updated(language, template)
        (FOLDER / f"{language}.po").write_bytes(as_po(catalog))
        (FOLDER / f"{language}.mo").write_bytes(as_mo(read(language)))
        for sentence in untranslated(catalog):
            missing.setdefault(sentence, []).append(language)
    for sentence, languages in missing.items():
        print(f"not translated ({', '.join(languages)}): {sentence}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
