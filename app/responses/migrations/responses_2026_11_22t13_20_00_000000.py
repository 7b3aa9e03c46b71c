from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import JSON, BigInt, Date, Integer, Serial, Text, Varchar

ID = "2026-11-22T13:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the first tables"

NULL = {"null": True, "default": None}


def key(length):
    return Varchar, {"length": length, "primary_key": True}


def words(length, **params):
    return Varchar, {"length": length, **params}


SERIAL = Serial, {"primary_key": True}
WHOLE = Integer, {}
BIG = BigInt, {}
DAY = Date, {}
OBJECT = JSON, {"default": "{}"}

TABLES = {
    ("Instrument", "instrument"): {
        "digest": key(64), "survey": words(200), "version": (Integer, {"default": 1}), "source": (Text, {}),
        "first_served": DAY,
    },
    ("Response", "response"): {
        "id": key(40), "survey": words(200), "instrument": words(64), "seq": BIG,
        "disposition": words(20, default="open"), "answers": OBJECT, "began": DAY, "submitted": (Date, NULL),
        "minutes": (Integer, NULL), "receipt": words(64, **NULL),
    },
    ("Sequence", "sequence"): {"survey": key(200), "last": BIG},
    ("Release", "release"): {
        "id": SERIAL, "survey": words(200), "number": WHOLE, "day": DAY, "responses": WHOLE, "figures": OBJECT,
    },
    ("Secret", "secret"): {"name": key(40), "value": words(200)},
    ("Researcher", "researcher"): {
        "id": SERIAL, "email": words(254), "password": words(255, **NULL), "added": DAY,
    },
    ("Session", "session"): {
        "token_hash": key(64), "researcher": (Integer, {"index": True}), "began": BIG, "last_seen": BIG,
        "expires": BIG,
    },
    ("SignInLink", "sign_in_link"): {
        "token_hash": key(64), "researcher": (Integer, {"index": True}), "expires": BIG,
    },
    ("Attempt", "attempt"): {"key": key(64), "failures": WHOLE, "since": BIG},
}  # fmt: skip


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)
    for (class_name, tablename), columns in TABLES.items():
        manager.add_table(class_name=class_name, tablename=tablename)
        for name, (column_class, params) in columns.items():
            manager.add_column(
                table_class_name=class_name,
                tablename=tablename,
                column_name=name,
                column_class=column_class,
                params=dict(params),
            )
    return manager
