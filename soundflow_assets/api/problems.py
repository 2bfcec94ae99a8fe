"""Errors as RFC 9457 problem details: one shape for everything that is not an answer.

`type` is a path below `/problems/`, `title` is always the same for a type, `detail` is the
sentence about this request. Further members (`errors`, `known`, `request_id`) are extensions, as
section 3.2 of the RFC allows. Nothing of an unexpected exception is told but its request id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from soundflow_assets.errors import BadInput, SoundFlowError
from soundflow_assets.storage.store import NotFound

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not entitled",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    413: "Content too large",
    414: "Address too long",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    422: "Invalid values",
    429: "Too many requests",
    431: "Header fields too large",
    500: "Internal error",
    503: "Unavailable",
}


class FieldProblem(BaseModel):
    """One wrong value: where it stands and what is wrong with it."""

    field: Annotated[str, Field(examples=["query.limit"])]
    message: Annotated[str, Field(examples=["Input should be less than or equal to 500"])]


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: Annotated[str, Field(examples=["/problems/404"])]
    title: Annotated[str, Field(examples=["Not found"])]
    status: Annotated[int, Field(ge=400, le=599, examples=[404])]
    detail: Annotated[str, Field(examples=["category 'jazz': there is no such category"])]
    instance: Annotated[str, Field(examples=["/catalog/by-category/jazz"])]
    request_id: Annotated[str | None, Field(examples=["0d8b2f6c4c1b4ce0"])] = None
    errors: list[FieldProblem] | None = None
    known: Annotated[list[str] | None, Field(examples=[["deep-work", "study"]])] = None


class Problem(Exception):
    """An error with its status; raised anywhere, answered as problem details."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        known: Sequence[str] | None = None,
        errors: Sequence[FieldProblem] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.known = known
        self.errors = errors


def problem_body(
    problem: Problem, instance: str = "", request_id: str | None = None
) -> dict[str, Any]:
    """Return the members of a problem's document."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.status}",
        "title": TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
    }
    if request_id:
        body["request_id"] = request_id
    if problem.known is not None:
        body["known"] = list(problem.known)
    if problem.errors is not None:
        body["errors"] = [one.model_dump() for one in problem.errors]
    return body


def problem_response(problem: Problem, scope: Mapping[str, Any]) -> Response:
    """Return the answer to the request in `scope`."""
    request_id = scope.get("state", {}).get("request_id")
    body = problem_body(problem, scope.get("path", ""), request_id)
    return Response(
        # A path may hold what UTF-8 cannot write; escaped, it always can.
        json.dumps(body).encode(),
        problem.status,
        {"Cache-Control": "no-store", **problem.headers},
        MEDIA_TYPE,
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of a route's errors."""
    return {
        status: {
            "description": TITLES[status],
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}},
            },
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Let every error of `app` be answered as a problem."""

    async def on_problem(request: Request, error: Exception) -> Response:
        return problem_response(as_problem(error), request.scope)

    for kind in (Problem, HTTPException, RequestValidationError, SoundFlowError, Exception):
        app.add_exception_handler(kind, on_problem)


def as_problem(error: Exception) -> Problem:
    """Return how an exception is told to the one who asked."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return Problem(error.status_code, str(error.detail), headers=error.headers)
    if isinstance(error, NotFound):
        return Problem(404, "there is no such object")
    if isinstance(error, BadInput):
        return Problem(422, str(error))
    if isinstance(error, SoundFlowError):
        # Storage names hosts and folders in its sentences: the log has them, the client does not.
        return Problem(503, "storage does not answer; try again", headers={"Retry-After": "5"})
    return Problem(500, "this is a defect; the log has it under the request id")


def _invalid(error: RequestValidationError) -> Problem:
    found = [
        FieldProblem(
            field=".".join(str(part) for part in one["loc"]) or "request", message=one["msg"]
        )
        for one in error.errors()
    ]
    sentence = "; ".join(f"{one.field}: {one.message}" for one in found)
    return Problem(422, sentence, errors=found)
