"""One YAML file to plain data, refusing what YAML would lose in silence.

A key that stands twice, a key that is not text, a number that is not finite: all are errors with
file and place. What the data means is `validate`'s business.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from soundflow_assets.errors import BadInput

Loc = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _RefusedError(Exception):
    """A fault of the YAML text that the parser itself lets pass."""

    def __init__(self, mark: yaml.Mark, what: str) -> None:
        super().__init__(f"line {mark.line + 1}, column {mark.column + 1}: {what}")


class _StrictLoader(_Loader):  # type: ignore[misc]
    """Safe loading without the silent losses: a key twice, a key that is not text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _RefusedError(
                    key_node.start_mark, f"key {key!r} is not text; put it in quotes"
                )
            if key in seen:
                raise _RefusedError(key_node.start_mark, f"key {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


def read_yaml(path: Path, where: str) -> object:
    """Return the data of one YAML file; `where` names it in errors.

    Raises
    ------
    BadInput
        Missing or unreadable file, text that is not UTF-8 or not YAML, a key twice, a number that
        is not finite, a structure that contains itself.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"{where}: file not found (looked at {path})") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{where}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise BadInput(f"{where}: cannot be read: {error.strerror}") from None
    try:
        data = yaml.load(text, Loader=_StrictLoader)  # noqa: S506  a subclass of the safe loader
        return _plain(data, (), ())
    except _RefusedError as error:
        raise BadInput(f"{where}: {error}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise BadInput(f"{where}: {place}not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise BadInput(f"{where}: not valid YAML: {error}".replace("\n", " ")) from None
    except RecursionError:
        raise BadInput(f"{where}: nested too deeply") from None
    except ValueError as error:
        raise BadInput(f"{where}: {error}") from None


def _plain(data: object, loc: Loc, above: tuple[int, ...]) -> object:
    """Return `data` as JSON would hold it; dates become text, oddities a `ValueError`."""
    if isinstance(data, dict | list):
        if id(data) in above:
            raise ValueError(f"{place(loc)}: contains itself")
        above = (*above, id(data))
    if isinstance(data, dict):
        return {key: _plain(value, (*loc, key), above) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value, (*loc, index), above) for index, value in enumerate(data)]
    if isinstance(data, dt.date | dt.datetime):
        return data.isoformat()
    if isinstance(data, float) and not math.isfinite(data):
        raise ValueError(f"{place(loc)}: {data} is not a finite number")
    if data is None or isinstance(data, str | int | float):
        return data
    raise ValueError(f"{place(loc)}: {type(data).__name__} values are not allowed")


def place(loc: Sequence[str | int]) -> str:
    """Return a location the way a reader writes it: `harmony.progressions[2].mode`."""
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "top level"
