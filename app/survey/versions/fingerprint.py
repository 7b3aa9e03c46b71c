"""What makes a file another version of a survey, and what does not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from app.survey.codes import POLES, SAME_AS, TRANSLATED

#: Keys of a survey that change nothing that a respondent reads or agrees to, and nothing that is asked.
NO_VERSION = ("results", "sample", "followed_by", "analysis", "weights")


def fingerprint(root: Any, translations: Mapping[str, Any]) -> str:
    """Equal for two files (with their translations by language) whose values are equal but for NO_VERSION.

    Comments, quotes and the way in which a value is broken into lines count for nothing; order does.
    """
    parts = [_canonical(_without(root, NO_VERSION))]
    parts += [
        [language, _canonical(_without(translations[language], (*NO_VERSION, TRANSLATED)))]
        for language in sorted(translations)
    ]
    written = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _without(root: Any, keys: tuple[str, ...]) -> Any:
    return {key: value for key, value in root.items() if key not in keys} if isinstance(root, dict) else root


def _canonical(value: Any) -> Any:
    """As lists and texts: a number as it was written, a key with its kind, and the order of keys kept."""
    if isinstance(value, dict):
        pairs = ((key, part) for key, part in value.items() if not _only_for_results(key, part))
        return {"": [[type(key).__name__ == "str", str(key), _canonical(part)] for key, part in pairs]}
    if isinstance(value, list):
        return [_canonical(part) for part in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"n": str(value)}
    return value


def _only_for_results(key: Any, value: Any) -> bool:
    """Whether a key at any level says something about the data alone."""
    return key == SAME_AS or (key == POLES and isinstance(value, bool))
