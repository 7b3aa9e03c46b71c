from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import BigInt, Text, Varchar

ID = "2026-11-29T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "counters of what is limited, and the quotas that a response holds a place of"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)
    manager.add_table(class_name="Counter", tablename="counter")
    columns = {
        ("Counter", "counter", "name"): (Varchar, {"length": 300, "primary_key": True}),
        ("Counter", "counter", "taken"): (BigInt, {"default": 0}),
        ("Response", "response", "holds"): (Text, {"null": True, "default": None}),
    }
    for (class_name, tablename, name), (column_class, params) in columns.items():
        manager.add_column(
            table_class_name=class_name, tablename=tablename, column_name=name, column_class=column_class,
            params=params,
        )  # fmt: skip
    return manager
