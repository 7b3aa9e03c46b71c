"""The lock files hold every package that pip would install, on every system the project promises."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILD = [*PROJECT["build-system"]["requires"], *PROJECT["dependency-groups"]["build"]]
RUN = [*PROJECT["project"]["dependencies"], *BUILD]
WANTED = {
    "requirements.txt": RUN,
    "requirements-test.txt": [*RUN, *PROJECT["project"]["optional-dependencies"]["test"]],
}
SYSTEMS = {
    "linux-x86-64": ("linux", "Linux", "posix", "x86_64"),
    "linux-aarch64": ("linux", "Linux", "posix", "aarch64"),
    "macos-arm64": ("darwin", "Darwin", "posix", "arm64"),
    "macos-x86-64": ("darwin", "Darwin", "posix", "x86_64"),
    "windows": ("win32", "Windows", "nt", "AMD64"),
}


def environment(system: str, python: str) -> dict[str, str]:
    """The marker variables of one system and one Python."""
    platform, name, os_name, machine = SYSTEMS[system]
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "sys_platform": platform,
        "platform_system": name,
        "os_name": os_name,
        "platform_machine": machine,
        "platform_release": "",
        "platform_version": "",
    }


def locked_lines(text: str) -> list[Requirement]:
    """The requirements of a lock file; each must carry at least one hash."""
    entries = re.sub(r"\\\n", " ", text).strip().splitlines()
    assert all("--hash=sha256:" in entry for entry in entries)
    return [Requirement(entry.split("--hash")[0]) for entry in entries]


def requirements_of(name: str) -> list[Requirement]:
    """What an installed package requires, its extras included."""
    return [Requirement(text) for text in metadata.requires(name) or []]


def applies(requirement: Requirement, where: dict[str, str], extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**where, "extra": extra}) for extra in extras or {""})


def open_requirements(lock: list[Requirement], wanted: list[str], where: dict[str, str]) -> list[str]:
    """What pip would have to resolve by itself, because the lock does not pin it in this environment."""
    pins = {canonicalize_name(pin.name): pin for pin in lock if applies(pin, where, set())}
    needed = [("the project", need) for need in map(Requirement, wanted) if applies(need, where, set())]
    for name, pin in pins.items():
        needed += [(name, other) for other in requirements_of(name) if applies(other, where, {"", *pin.extras})]
    return [f"{by}: {need}" for by, need in needed if not is_pinned(need, pins)]


def is_pinned(need: Requirement, pins: dict[str, Requirement]) -> bool:
    pin = pins.get(canonicalize_name(need.name))
    if pin is None or not need.extras <= pin.extras:
        return False
    version = str(pin.specifier).removeprefix("==")
    return need.specifier.contains(version, prereleases=True)


@pytest.mark.parametrize("file", WANTED)
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_the_lock_leaves_nothing_for_pip_to_choose(file: str, system: str, python: str) -> None:
    lock = locked_lines((ROOT / file).read_text())
    assert open_requirements(lock, WANTED[file], environment(system, python)) == []


def test_a_lock_without_the_extras_that_a_package_asks_for_is_refused() -> None:
    text = re.sub(r"^pydantic\[email\]", "pydantic", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    left = open_requirements(locked_lines(text), RUN, environment("linux-x86-64", "3.11"))
    assert left == ["piccolo: pydantic[email]==2.*"]


def test_a_package_that_some_systems_need_is_missed_only_there() -> None:
    text = re.sub(r"^uvloop==.*?(?=^[a-z]|\Z)", "", (ROOT / "requirements.txt").read_text(), flags=re.M | re.S)
    lock = locked_lines(text)
    assert open_requirements(lock, RUN, environment("windows", "3.12")) == []
    assert any("uvloop" in line for line in open_requirements(lock, RUN, environment("macos-arm64", "3.12")))


def test_no_lock_names_a_host() -> None:
    for file in WANTED:
        assert "://" not in (ROOT / file).read_text()
