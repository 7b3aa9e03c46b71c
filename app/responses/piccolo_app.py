"""How Piccolo's own command finds the tables and the migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from app.responses.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="responses",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=list(TABLES),
)
