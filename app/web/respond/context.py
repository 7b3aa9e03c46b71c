"""What handlers need: the parts of the running service, put together once by `server`."""

from __future__ import annotations

import datetime
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from litestar import Request

from app.catalogue.served import ServedSurveys
from app.interview.path import Path
from app.responses.storage import Storage
from app.survey.items.fields import Today
from app.survey.model import Instrument
from app.web.http.replies import Reply, html
from app.web.respond.cookies import Cookies
from app.web.respond.days import day_in, today_in


@dataclass(frozen=True)
class AppContext:
    """`paths` caches the paths of recent respondents, by id and number of the response's last change."""

    storage: Storage
    surveys: ServedSurveys
    environment: Environment
    key: bytes
    cookies: Cookies
    now: Callable[[], datetime.datetime]
    new_secret: Callable[[], bytes]
    has_results: bool = True  # a preview has none
    public_url: str = ""  # the address under which visitors know the site, where it is set
    paths: dict[tuple[str, int], Path] = field(default_factory=dict)

    def today(self, instrument: Instrument | None = None) -> datetime.date:
        """The date in a survey's time zone; without a survey, in the server's."""
        return day_in(self.now(), instrument.time_zone if instrument else None)

    def answering_today(self, instrument: Instrument) -> Today | None:
        """The date for a survey whose conditions or limits depend on it."""
        return today_in(self.now(), instrument.time_zone) if instrument.uses_today else None

    def seconds(self) -> int:
        """Now, in whole seconds since 1970."""
        return int(self.now().timestamp())

    def draw_seed(self, instrument: Instrument) -> bytes:
        """What draws follow from. Without the server's key nobody can work out what a respondent is given."""
        version = instrument.survey, instrument.digest
        return hmac.digest(self.key, f"draws:{self.surveys.seeds.get(version, '')}".encode(), "sha256")

    def address(self, request: Request, path: str) -> str:
        """The complete address of a page, as respondents can open it."""
        return (self.public_url or str(request.base_url)).rstrip("/") + path

    def page(self, template: str, status: int = 200, **shown: Any) -> Reply:
        return html(self.environment.get_template(template).render(**shown).encode(), status)
