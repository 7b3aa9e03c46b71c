"""For developers: `PICCOLO_CONF=app.responses.migrations.piccolo_conf piccolo migrations new responses --auto`."""

import os

from piccolo.conf.apps import AppRegistry

from app.responses.backends.engines import engine_for

DB = engine_for(os.environ.get("OPINION_DATABASE_URL", "sqlite:///opinion.db"))
APP_REGISTRY = AppRegistry(apps=["app.responses.migrations.piccolo_app"])
