from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Varchar

ID = "2026-12-03T08:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "which migrations earlier versions can live with"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)
    manager.add_table(class_name="Compatible", tablename="compatible")
    columns = {
        "migration": {"length": 100, "primary_key": True},
        "oldest_reader": {"length": 100},
    }
    for name, params in columns.items():
        manager.add_column(
            table_class_name="Compatible", tablename="compatible", column_name=name, column_class=Varchar,
            params=params,
        )  # fmt: skip
    return manager
