"""Which items ask who somebody is: what respondents are promised must not say otherwise."""

from __future__ import annotations

import re

from app.survey.model import Date, Instrument, Item, Number, Slider, TextItem

#: Words with which a question asks for a name, an address or a number that belongs to one person, in the languages
#: that the service speaks.
NAMING = re.compile(
    r"""
    ^\W*(?:(?:full|first|last|family|given|your)\s+)*(?:sur|fore)?name\W*$
    | \b(?:your|full|first|last|family|given)\s+(?:\w+\s+)?(?:sur|fore)?names?\b | \bsurname\b
    | \b(?:e-?mail|postal|home)\s+address\b | ^\W*e-?mails?\W*$ | \byour\s+(?:\w+\s+)?e-?mail\b
    | \b(?:tele)?phone\s+number\b | \b(?:mobile|cell)\s+number\b | ^\W*(?:tele)?phone\W*$
    | \b(?:registration|licen[cs]e|passport|staff|employee|personnel|membership|social\s+security|national\s+id|gmc|npi)
      \s+(?:number|no\b|id\b) | \borcid\b | ^\W*(?:(?:your|what\s+is\s+your)\s+)?(?:npi|gmc|(?:mobile\s+)?(?:tele)?phone|mobile)\W*$
    | \b(?:medical\s+council|mobile\s+phone|cell\s+phone)\s+number\b
    | \b(?:vor|nach|familien)name\b | ^\W*name\W*$ | \bihr(?:en)?\s+(?:\w+\s+)?namen?\b | \bwie\s+hei(?:ß|ss)en\s+sie\b
    | \be-?mail-?adresse\b | \bmail-?adresse\b | ^\W*(?:ihre\s+)?e-?mail\W*$ | \b(?:telefon|handy|mobil|mobilfunk|ruf)nummer\b | \bpostanschrift\b
    | \b(?:arzt|approbations|registrierungs|personal|mitglieds|ausweis|sozialversicherungs)nummer\b | \blanr\b | \befn\b
    | \b(?:votre|vos)\s+(?:nom|pr[ée]noms?|courriel|e-?mail)\b | ^\W*(?:nom|pr[ée]nom)s?\W*$ | \badresse\s+(?:e-?mail|[ée]lectronique|postale)\b
    | \bnum[ée]ro\s+(?:de\s+t[ée]l[ée]phone|rpps|de\s+portable|d['’](?:inscription|ordre)|de\s+s[ée]curit[ée]\s+sociale)\b | \brpps\b | ^\W*(?:quel\s+est\s+)?votre\s+t[ée]l[ée]phone\W*$
    | \b(?:su|tu)\s+(?:nombre|apellido)s?\b | ^\W*(?:nombre|apellido)s?(?:\s+y\s+apellidos?)?\W*$ | \bc[óo]mo\s+se\s+llama\b
    | \bcorreo\s+electr[óo]nico\b | \bn[úu]mero\s+(?:de\s+)?(?:tel[ée]fono|colegiado|registro|dni|m[óo]vil)\b | ^\W*(?:cu[áa]l\s+es\s+)?(?:su|tu)\s+(?:correo|tel[ée]fono|m[óo]vil|celular)\W*$ | \bc[ée]dula\s+profesional\b
    | (?:^|\s)(?:ما\s+)?(?:اسمكم?|الاسم(?:\s+الكامل)?|اسم\s+العائلة)(?:\W|$) | (?:البريد|بريدكم?)\s+ال[إا]لكتروني
    | رقم\s+(?:ال)?(?:هاتف|جوال|تسجيل|ترخيص|هوية|قيد|موبايل)(?:كم?)?(?:\W|$)
    """,
    re.IGNORECASE | re.VERBOSE,
)
DENIED = re.compile(r"\b(?:do\s+not|don['’]t|without|not|never|nicht|keine?n?|ohne|sans|sin)\b", re.IGNORECASE)
MANY = 1000  # values from which on a number can tell people apart by itself
ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)  # as an example of an e-mail address has it
NUMBER = re.compile(r"\+[\d\s()./-]{7,}|\d{7,}|(?:\d[\s()./-]*){9,}")  # a telephone or registration number


def asks_who(item: Item) -> bool:
    """Whether an answer says who somebody is: what is written, not chosen, and marked `identifying`, or plainly a
    name, an e-mail address or the like."""
    match item:
        case TextItem():
            return item.identifying or _names(item)
        case Slider():
            return False
        case Number():  # an age is a group of people, a number of eight digits is a person
            many = (item.most - item.least) * 10**item.decimals >= MANY
            return many and (item.identifying or _names(item))
        case Date():
            return item.identifying and item.precision == "day"
    return False


def _names(item: Item) -> bool:
    asked = item.ask.plain
    if NAMING.search(asked) and not DENIED.search(asked):
        return True
    example = (getattr(item, "example", None) or "").strip()
    return bool(ADDRESS.search(example) or NUMBER.fullmatch(example) or "@" in (getattr(item, "pattern", None) or ""))


def who_asked(instrument: Instrument) -> list[Item]:
    """The items of an instrument, in any of its languages, that ask who somebody is."""
    versions = (instrument, *instrument.translations.values())
    found = {item.id for version in versions for item in version.items() if asks_who(item)}
    return [item for item in instrument.items() if item.id in found]


def is_private(item: Item) -> bool:
    """Whether an answer must not stay in a browser before it is sent."""
    return item.identifying or item.sensitive or asks_who(item)


def private_names(instrument: Instrument) -> frozenset[str]:
    """The names of answers that must not stay in a browser, and of what is computed from them."""
    asked = {name for item in instrument.items() if is_private(item) for name in item.keys}
    return frozenset(asked.union(value.name for value in instrument.computed if not asked.isdisjoint(value.names)))
