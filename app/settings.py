"""Settings: each has a name, a default and a help sentence, used by the environment, the command line and the README."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

PREFIX = "OPINION_"


def _setting(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True)
class Settings:
    """What an operator can choose. Set by option (`--port 80`) or environment (`OPINION_PORT=80`)."""

    database_url: str = _setting("sqlite:///opinion.db", "Database for the responses: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
    surveys: str = _setting("surveys", "Folder of survey files (.yaml) to serve, or a single survey file.")
    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 for all interfaces.")
    port: int = _setting(8000, "Port to listen on; 0 chooses a free port.")
    base_url: str = _setting("", "Public address of the service when it is behind a proxy, such as https://opinion.example.org.")
    workers: int = _setting(1, "Number of server processes; more than one requires PostgreSQL.")
    proxies: str = _setting("127.0.0.1", "Addresses of trusted proxies, separated by commas; only their X-Forwarded-For headers are used.")

    @property
    def address(self) -> str:
        """Where the service is found, without a slash at its end."""
        shown = "localhost" if self.host in ("0.0.0.0", "127.0.0.1", "::") else self.host
        return self.base_url.rstrip("/") or f"http://{shown}:{self.port}"

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")



def sentences() -> list[tuple[str, Any, str]]:
    """Every setting as (name, default, sentence)."""
    return [(setting.name, setting.default, setting.metadata["sentence"]) for setting in fields(Settings)]


def from_environment(environment: Mapping[str, str], **chosen: Any) -> Settings:
    """Settings from OPINION_* variables; what is `chosen` and not None goes before them. Raises ValueError."""
    values: dict[str, Any] = {}
    for name, default, _ in sentences():
        written = environment.get(PREFIX + name.upper())
        if chosen.get(name) is not None:
            values[name] = chosen[name]
        elif written:
            values[name] = _number(PREFIX + name.upper(), written) if isinstance(default, int) else written
    if values.get("base_url"):
        values["base_url"] = _origin(values["base_url"])
    return Settings(**values)


def _origin(written: str) -> str:
    """The scheme and the host of an address. Cookies depend on them, so that anything else must not pass unnoticed."""
    try:
        parts = urlsplit(written.strip())
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not (parts.path.strip("/") or parts.query or parts.fragment):
            return f"{parts.scheme}://{parts.netloc}"
    except ValueError:  # a port that is not a number
        pass
    raise ValueError(f"The base URL must be like https://opinion.example.org, without a path, not {written!r}.")


def _number(name: str, written: str) -> int:
    try:
        return int(written)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {written!r}") from None
