"""Questions that ask for a name, an address or a number that belongs to one person, in the languages of the interface."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: What can be asked for in a label alone ("Name", "Ihre Telefonnummer"). Without accents, as `_plain` writes them.
ASKED_FOR = frozenset(
    ["name", "names", "surname", "forename", "initials", "signature", "email", "mail", "phone", "telephone", "mobile", "address", "npi", "gmc", "orcid", "passport", "linkedin", "namen", "vorname", "nachname", "familienname", "geburtsname", "mailadresse", "emailadresse", "telefon", "handy", "anschrift", "adresse", "kontaktdaten", "unterschrift", "lanr", "efn", "geburtsdatum", "nom", "noms", "prenom", "prenoms", "courriel", "mel", "portable", "coordonnees", "rpps", "adeli", "nombre", "nombres", "apellido", "apellidos", "correo", "telefono", "movil", "celular", "dni", "nie", "direccion", "colegiado", "firma", "اسم", "الاسم", "اسمك", "اسمكم", "هاتف", "الهاتف", "هاتفك", "هاتفكم", "الجوال", "جوالك", "موبايل", "الموبايل", "الايميل", "ايميلك", "ايميلكم", "بريدك", "بريدكم"]
)
#: What may stand beside it there.
BESIDE = frozenset(
    ["your", "full", "first", "last", "middle", "maiden", "family", "given", "please", "enter", "give", "write", "type", "state", "provide", "leave", "tell", "what", "is", "are", "the", "us", "a", "an", "and", "or", "with", "optional", "no", "number", "id", "details", "contact", "private", "work", "office", "personal", "professional", "current", "preferred", "postal", "home", "street", "ihr", "ihre", "ihren", "ihrem", "bitte", "geben", "sie", "an", "ein", "nennen", "schreiben", "wie", "lautet", "lauten", "ist", "war", "der", "die", "das", "und", "oder", "voller", "vollstandiger", "ganzer", "dienstliche", "nummer", "vor", "nach", "zu", "votre", "vos", "quel", "quelle", "quels", "sont", "le", "la", "les", "l", "et", "ou", "de", "d", "du", "famille", "complet", "complete", "merci", "indiquez", "indiquer", "ecrivez", "saisissez", "numero", "n", "electronique", "postale", "veuillez", "su", "sus", "tu", "tus", "cual", "es", "son", "el", "los", "y", "o", "por", "favor", "indique", "escriba", "introduzca", "completo", "completa", "electronico", "postal", "nº", "n.º", "n°", "no.", "nr", "nr.", "ما", "هو", "هي", "الكامل", "الاول", "الاخير", "العايلة", "الرجاء", "ادخال", "كتابة", "يرجى", "من", "فضلك", "الالكتروني", "رقم", "عنوان", "البريد"]
)
#: A line of an address asks for all of it, also beside a town or a number.
STREET = frozenset(["street", "strasse", "rue", "calle", "شارع", "الشارع"])
TOWN = frozenset(
    ["town", "city", "postcode", "zip", "code", "house", "place", "village", "country", "ort", "wohnort", "stadt", "plz", "postleitzahl", "hausnummer", "land", "ville", "commune", "code", "pays", "ciudad", "localidad", "municipio", "codigo", "pais", "piso", "المدينة", "والمدينة", "المنزل", "البيت", "الرمز", "والرمز", "البريدي", "ورقم"]
)
#: Phrases that ask for it wherever they stand.
PHRASES = re.compile(
    r"""
    \byour\s+(?:\w+\s+){0,2}(?:(?:sur|fore)?names?|initials|email|(?:tele)?phone|mobile|npi|gmc|orcid|contact\s+details)\b
    | \b(?:full|first|last|family|given|maiden)\s+names?\b | \bsurname\b | \b(?:which|what)\s+name\s+(?:are\s+you|do\s+you\s+(?:go|use))\b
    | \bwhat\s+(?:are\s+you\s+called|(?:do\s+\w+|should\s+we)\s+call\s+you)\b | ^who\s+are\s+you$
    | \b(?:email|postal|home|street)\s+address\b | \bcontact\s+details\b | \bdate\s+of\s+birth\b | \bhouse\s+number\b
    | \b(?:(?:tele|mobile\s+|cell\s+)?phone|mobile|cell|contact)\s+number\b | \borcid\b
    | \b(?:registration|licen[cs]e|passport|staff|employee|personnel|membership|medical\s+council|social\s+security
      |national\s+(?:id|insurance|provider)|provider|identity(?:\s+card)?|gmc|npi|nhs|hospital)
      \s+(?:(?:reference|card|staff|registration)\s+)?(?:number|no|id)\b
    | \b(?:linkedin|twitter|facebook|instagram|whatsapp)\s+(?:profile|handle|account|name|number)\b
    | ^\W*where\s+(?:exactly\s+)?(?:do\s+you\s+live|is\s+your\s+home)\W*$
    | \bwe\s+(?:(?:can|could|may)\s+)?(?:reach|contact|email|phone|call|write\s+to)\s+you\b
    | \b(?:can|could|may|should)\s+we\s+(?:reach|contact|email|phone|call|write\s+to|send)\s+(?:you\b|the\s+results\b)

    | \bihr(?:e[mnrs]?)?\s+(?:\w+\s+){0,2}(?:namen?|(?:vor|nach)name|e?mail\w*|telefon\w*|handy\w*|mobil\w*|anschrift
      |adresse|kontaktdaten|unterschrift)\b
    | \b(?:vor|nach|familien|geburts)namen?\b | \bwie\s+heissen\s+sie\b | \bunter\s+welchem\s+namen\b
    | \b(?:telefon|handy|mobil|mobilfunk|ruf|arzt|arztausweis|ausweis|approbations|registrierungs|personal|mitglieds
      |sozialversicherungs|matrikel|fortbildungs|steuer|versicherten)nummer\b | \b(?:lanr|efn)\b
    | \b(?:post)?anschrift\b | \be?mail-?\s?adresse\b | \bkontaktdaten\b | \bgeburtsdatum\b
    | ^\W*wo\s+(?:genau\s+)?(?:(?:wohnen|leben)\s+sie|wohnst\s+du|lebst\s+du)\W*$
    | \bwir\s+sie\s+(?:\w+\s+)?(?:erreichen|kontaktieren|anrufen)\b

    | \b(?:votre|vos)\s+(?:\w+\s+){0,2}(?:noms?|prenoms?|courriel|e?mail|mel|telephone|portable|adresse|coordonnees)\b
    | ^\W*ou\s+(?:(?:habitez|vivez|residez|demeurez)[\s-]vous|est-ce\s+que\s+vous\s+(?:habitez|vivez|residez))\W*$
    | \bvous\s+appelez\b | \badresse\s+(?:e?mail|electronique|postale)\b | \bdate\s+de\s+naissance\b
    | \bnumero\s+(?:de\s+telephone|rpps|adeli|de\s+portable|d['\s](?:inscription|ordre)|de\s+securite\s+sociale)\b
    | \b(?:rpps|adeli)\b | \bvous\s+(?:joindre|contacter|recontacter)\b

    | \b(?:sus?|tus?)\s+(?:\w+\s+){0,2}(?:nombres?|apellidos?|correo|email|telefono|movil|celular|dni|firma)\b
    | \bcomo\s+(?:se\s+llama|te\s+llamas)\b | \bcorreo\s+electronico\b | \bcedula\s+profesional\b | \bdireccion\s+postal\b
    | \b(?:numero|n\.?[oº°]\.?|n\.?)\s+(?:de\s+)?(?:telefono|colegiad[oa]|registro|dni|movil|celular|licencia)\b
    | ^\W*(?:en\s+)?donde\s+(?:vives?|resides?)(?:\s+usted)?\W*$
    | \bdatos\s+de\s+contacto\b | \bfecha\s+de\s+nacimiento\b

    | \bاسمكم?\b | \bاسم\s+العايلة\b | \b(?:البريد|بريدكم?)\s+الالكتروني\b | \bالايميل\b | \bايميلكم?\b
    | \bرقم\s+(?:ال)?(?:هاتف|جوال|تسجيل|ترخيص|هوية|قيد|موبايل|عضوية)(?:كم?)?\b | \bتاريخ\s+(?:ال)?ميلادكم?\b
    | ^\W*اين\s+(?:تسكن|تعيش|تقيم|تقطن)(?:ون|ين)?\W*$
    | \b(?:التواصل|الاتصال)\s+(?:معكم?|بكم?)\b
    """,
    re.VERBOSE,
)
#: Before such a phrase: it asks not to write it, or counts something.
DENIED = re.compile(
    r"\b(?:do\s+not|don't|without|not|never|no|nicht|keine?n?|ohne|sans|ne|n'|sin|لا|بدون|دون"
    r"|how\s+(?:many|much|often)|wie\s+(?:viele?|oft)|combien|cuant[oa]s?|كم)(?:\b|\s)"
)
SENTENCE = re.compile(r"[?!:;؟؛\n]|\.(?=\s|$)(?<!\bn\.)(?<!\bno\.)(?<!\bnr\.)|\([^)]*\)|\[[^\]]*\]")
WORD = re.compile(r"[^\s,/'&+-]+")


@lru_cache(4096)
def asks_for_a_name(text: str) -> bool:
    """Whether a text asks for a name, an e-mail address or the like, and does not ask to leave it out."""
    return any(map(_asks, SENTENCE.split(_plain(text))))


def _asks(sentence: str) -> bool:
    words = set(WORD.findall(sentence))
    if words & ASKED_FOR and words <= ASKED_FOR | BESIDE | STREET | TOWN:
        return True
    if words & STREET and words <= STREET | TOWN | BESIDE:
        return True
    found = PHRASES.search(sentence)
    return found is not None and not DENIED.search(sentence[: found.start()])


def _plain(text: str) -> str:
    """In small letters without accents, e-mail as one word."""
    parts = unicodedata.normalize("NFKD", text.replace("º", "°").replace("’", "'").casefold())
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign)).strip()
    return re.sub(r"\be[-\u2010\u2011 ]mail", "email", plain)
