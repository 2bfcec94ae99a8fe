"""The OpenAPI document, completed: the shape of errors, and what every answer carries."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from soundflow_assets.api.problems import MEDIA_TYPE, ProblemDetails

_REF = "#/components/schemas/{model}"
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_ANSWERED_TO_ALL = {
    "413": "Content too large",
    "414": "Address too long",
    "429": "Too many requests",
    "500": "Internal error",
}
# Here a token says who asks, and is asked for where the operator wants it.
_TOKEN_OPTIONAL = ("/metrics", "/api/v1/music/generate/full-song")


def complete(app: FastAPI) -> None:
    """Let `app` describe its errors; called when all its routes are there."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemDetails.model_json_schema(ref_template=_REF)
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemDetails"] = problem
    for name in _FASTAPIS_OWN:
        schemas.pop(name, None)
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="ProblemDetails")}}}
    for path, item in document["paths"].items():
        for operation in item.values():
            if path in _TOKEN_OPTIONAL:
                operation["security"] = [{}, *operation["security"]]
            for status, what in _ANSWERED_TO_ALL.items():
                operation["responses"].setdefault(status, {"description": what, "content": content})
    return document
