"""Plain data to validated model: every fault becomes a sentence saying where and what is allowed.

Nothing here knows what a plan or a genre is; `load` says which file holds which model.
"""

from __future__ import annotations

import difflib
import json
import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from soundflow_assets.errors import BadInput
from soundflow_assets.plans.yaml_file import Loc, place

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], data: object, where: str) -> Model:
    """Return `data` as `model`, strictly: text is never a number, a number never text.

    Raises
    ------
    BadInput
        One line per problem, each `where: path: what is wrong; what is allowed`.
    """
    try:
        return model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        lines = _sentences(error, model, data)
        raise BadInput("\n".join(f"{where}: {line}" for line in lines)) from None


def nearest(name: str, known: Sequence[str]) -> str:
    """Return `; did you mean 'x'?` or nothing."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _sentences(error: ValidationError, model: type[BaseModel], data: object) -> list[str]:
    problems: dict[str, list[tuple[bool, str]]] = {}
    for item in error.errors(include_url=False):
        loc, is_branch = _real_location(item["loc"], data, item["type"] == "missing")
        wrong_kind = is_branch and item["type"].endswith("_type")
        # A rule over the whole file says itself which of its parts it is about.
        where = f"{place(loc)}: " if loc or item["type"] != "value_error" else ""
        line = where + _sentence(item, loc, model)
        problems.setdefault(_root_of_union(item["loc"], data), []).append((wrong_kind, line))
    lines: list[str] = []
    for found in problems.values():
        # A union reports each branch: those that failed for the kind of value say nothing useful
        # where another branch got further.
        useful = [line for wrong_kind, line in found if not wrong_kind]
        lines.extend(dict.fromkeys(useful or [found[0][1]]))
    return lines


_NOTHING = object()


def _step_into(data: object, step: str | int) -> object:
    """Return what lies under `step`, or `_NOTHING`."""
    if isinstance(data, dict):
        return data.get(step, _NOTHING)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return _NOTHING


def _real_location(loc: Loc, data: object, missing: bool) -> tuple[Loc, bool]:
    """Drop the union labels pydantic puts into a location; say whether it ends in one."""
    real: list[str | int] = []
    ends_in_label = False
    for index, step in enumerate(loc):
        below = _step_into(data, step)
        ends_in_label = below is _NOTHING and not (missing and index == len(loc) - 1)
        if not ends_in_label:
            real.append(step)
            data = below
    return tuple(real), ends_in_label


def _root_of_union(loc: Loc, data: object) -> str:
    """Return the place before the first union label, or the whole place where there is none."""
    for index, step in enumerate(loc):
        below = _step_into(data, step)
        if below is _NOTHING and (index < len(loc) - 1 or not isinstance(data, dict)):
            return place(loc[:index])
        data = below
    return place(loc) + "|"


_KINDS = {
    "string_type": "text", "int_type": "a whole number", "float_type": "a number",
    "bool_type": "true or false", "tuple_type": "a list", "list_type": "a list",
    "dict_type": "a mapping", "model_type": "a mapping", "int_from_float": "a whole number",
    "model_attributes_type": "a mapping",
}  # fmt: skip


def _sentence(item: Any, loc: Loc, model: type[BaseModel]) -> str:
    kind, value = item["type"], item["input"]
    if kind == "extra_forbidden":
        return _unknown_key(str(loc[-1]), _model_at(model, loc[:-1]), model)
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        allowed = item["ctx"]["expected"].replace("' or '", "', '").replace("'", "")
        return f"{value!r} is not allowed; allowed: {allowed}"
    if kind in _KINDS:
        return f"expected {_KINDS[kind]}, found {_found(value)}"
    if kind in ("value_error", "assertion_error"):
        return str(item["ctx"]["error"])
    if kind == "string_pattern_mismatch":
        return f"{value!r} does not match the allowed form {item['ctx']['pattern']}"
    message = item["msg"].removeprefix("Input should be ")
    return f"{_found(value)} is not allowed; it must be {message}"


def _found(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return repr(value)


def _unknown_key(key: str, at: type[BaseModel] | None, root: type[BaseModel]) -> str:
    allowed = sorted(at.model_fields) if at else []
    homes = sorted({home for home in _homes(root, key, "") if home})
    if key not in allowed and homes and not difflib.get_close_matches(key, allowed, 1, 0.75):
        hint = f"; it belongs under {' or '.join(homes)}"
    else:
        hint = nearest(key, allowed)
    end = "" if hint.endswith("?") else ";"
    return f"unknown key {key!r}{hint}{end} allowed: {', '.join(allowed)}"


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models an annotation can hold directly (through unions and Annotated)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from _models_in(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from _models_in(option)


def _inner(annotation: object) -> object:
    """Return what a list or mapping annotation holds, or the annotation itself."""
    if get_origin(annotation) is Annotated:
        return _inner(get_args(annotation)[0])
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0]
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [_inner(option) for option in get_args(annotation)]
        return next((kind for kind in inner if list(_models_in(kind))), annotation)
    return annotation


def _model_at(root: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    annotation: object = root
    for step in loc:
        models = list(_models_in(annotation))
        if models and isinstance(step, str):
            field = models[0].model_fields.get(step)
            if field is None:
                return None
            annotation = field.annotation
        else:
            annotation = _inner(annotation)
    return next(_models_in(annotation), None)


def _homes(model: type[BaseModel], key: str, path: str) -> Iterator[str]:
    """Yield the places under `model` where `key` is a known field."""
    for name, field in model.model_fields.items():
        if name == key:
            yield path
        kind: object = field.annotation
        step = f"{path}.{name}" if path else name
        while not list(_models_in(kind)) and _inner(kind) is not kind:
            kind = _inner(kind)
            step += "[]"
        for inside in _models_in(kind):
            yield from _homes(inside, key, step)
