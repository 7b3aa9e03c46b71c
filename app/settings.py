"""Settings: each is a name, a default and a sentence. The environment, the command line and the README use these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

PREFIX = "OPINION_"


def _setting(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True)
class Settings:
    """What an operator can choose. Set by option (`--port 80`) or environment (`OPINION_PORT=80`)."""

    database_url: str = _setting("sqlite:///opinion.db", "Where responses are kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
    surveys: str = _setting("surveys", "The folder whose .yaml files are served, or one such file.")
    host: str = _setting("127.0.0.1", "The address to listen on; 0.0.0.0 for all.")
    port: int = _setting(8000, "The port to listen on; 0 takes a free one.")
    base_url: str = _setting("", "The address respondents use, such as https://opinion.example.org, when a proxy stands in front.")
    workers: int = _setting(1, "How many processes answer; more than one needs PostgreSQL.")
    proxies: str = _setting("127.0.0.1", "Addresses of proxies whose X-Forwarded-For is believed, separated by commas.")

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
    return Settings(**values)


def _number(name: str, written: str) -> int:
    try:
        return int(written)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {written!r}") from None
