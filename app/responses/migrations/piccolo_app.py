"""The tables and the migrations, for the `piccolo` command."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from app.responses.tables import TABLES

APP_CONFIG = AppConfig(
    app_name="responses",
    migrations_folder_path=str(Path(__file__).parent),
    table_classes=list(TABLES),
)
