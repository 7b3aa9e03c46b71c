"""The tables. What is not a column here is not kept: no address, no agent, no time finer than a day."""

from __future__ import annotations

from piccolo.columns import JSON, BigInt, Boolean, Bytea, Date, Integer, Serial, Text, Varchar
from piccolo.table import Table


class InstrumentVersion(Table, tablename="instrument"):
    """One version of a survey's definition, kept for as long as a response may refer to it.

    Two surveys may have the same content: a version is known by its survey and its digest together.
    """

    id = Serial(primary_key=True)
    survey = Varchar(length=200)
    digest = Varchar(length=64)
    version = Integer(default=1)  # 1, 2, ... within the survey
    source = Text()  # the YAML it was read from
    first_served = Date()
    recency = Integer(default=1)  # the higher, the later it was last taken up: the highest is the newest version
    seed = Varchar(length=300)  # what its draws follow from, together with the server's key


class Response(Table):
    """One respondent's whole record. `id` and `receipt` are hashes of what only the respondent holds."""

    id = Varchar(length=40, primary_key=True)
    survey = Varchar(length=200)
    instrument = Varchar(length=64)
    seq = BigInt()  # counts the changes of its survey; once finished, a random one of a batch
    disposition = Varchar(length=20, default="open")  # open | complete | screened_out | withdrawn
    answers = JSON(default="{}")
    began = Date()
    completed = Date(null=True, default=None)  # also when it was screened out
    minutes = Integer(null=True, default=None)
    receipt = Varchar(length=64, null=True, default=None)
    holds = Text(null=True, default=None)  # ids of the quotas that count it, separated by spaces

    renumbered = BigInt(default=0)  # the seq that it was given at random; another one is still in order of arrival


class Encoded(Table):
    """A response as a row of a frame, derived from its answers. It holds for the response that has its seq.

    A trigger deletes it in the transaction that changes or withdraws the response.
    """

    id = Varchar(length=40, primary_key=True)
    survey = Varchar(length=200)
    seq = BigInt()
    layout = Varchar(length=60)  # names what the row was encoded with
    body = Bytea()  # with its checksum
    words = Bytea(null=True, default=None)


class Sequence(Table):
    """The last number given out in a survey. Its row stays locked until the change that took one commits."""

    survey = Varchar(length=200, primary_key=True)
    last = BigInt(default=0)


class Counter(Table):
    """How many responses of an instrument were begun, and how many a quota counts."""

    name = Varchar(length=300, primary_key=True)
    taken = BigInt(default=0)


class PublicRelease(Table, tablename="release"):
    """Public figures as they were released: they move in batches, never by one person."""

    id = Serial(primary_key=True)
    survey = Varchar(length=200)
    number = Integer()  # 1, 2, ... within the survey
    day = Date()
    responses = Integer()
    figures = JSON(default="{}")


class StoredPlan(Table, tablename="analysis_plan"):
    """An analysis plan as it was first seen when its survey was served. A changed plan is a further row; none is changed."""

    id = Serial(primary_key=True)
    survey = Varchar(length=200)
    number = Integer()  # 1, 2, ... within the survey
    digest = Varchar(length=64)  # empty where the plan was removed from the file
    plan = Text()  # canonical JSON, from which the digest follows; empty where the plan was removed
    instrument = Varchar(length=64)  # the digest of the version that was served with it
    day = Date()
    begun = BigInt()  # responses begun until then, those withdrawn since included
    complete = BigInt()  # complete responses stored then


class Presentation(Table):
    """A poll as it is presented in a room. All its projectors and all processes agree on it."""

    survey = Varchar(length=200, primary_key=True)
    is_open = Boolean(default=True)  # whether it accepts answers
    is_revealed = Boolean(default=False)  # whether the projector shows the answers
    current = Varchar(length=200, default="")  # of a series: the poll that is shown
    changes = BigInt(default=0)  # how often the presenter has changed it
    day = Date()  # of the last change


class Secret(Table):
    """A key of the server, made once and shared by all its processes."""

    name = Varchar(length=40, primary_key=True)
    value = Varchar(length=200)


class Researcher(Table):
    """Who asks. A researcher without a password signs in by link."""

    id = Serial(primary_key=True)
    email = Varchar(length=254)  # lower-cased; unique
    password = Varchar(length=255, null=True, default=None)  # an argon2 hash
    added = Date()


class Session(Table):
    """A researcher who is signed in. Times are seconds since 1970."""

    token_hash = Varchar(length=64, primary_key=True)
    researcher = Integer(index=True)
    began = BigInt()
    last_seen = BigInt()
    expires = BigInt()


class SignInLink(Table):
    """A link that signs one researcher in, once."""

    token_hash = Varchar(length=64, primary_key=True)
    researcher = Integer(index=True)
    expires = BigInt()


class Attempt(Table):
    """Failed sign-ins under one key (a hash of what was tried), so that guessing can be slowed down."""

    key = Varchar(length=64, primary_key=True)
    failures = Integer(default=0)
    since = BigInt()  # seconds since 1970


class Compatible(Table):
    """A migration that says which earlier versions can go on with the database after it."""

    migration = Varchar(length=100, primary_key=True)
    oldest_reader = Varchar(length=100)  # the migration that such a version must know


TABLES: tuple[type[Table], ...] = (
    InstrumentVersion, Response, Encoded, Sequence, Counter, PublicRelease, StoredPlan, Presentation, Secret, Researcher, Session,
    SignInLink, Attempt, Compatible,
)  # fmt: skip
