"""The OpenAPI document is what the service does, also for values nobody would send."""

import contextlib
import dataclasses
import time

import pytest
import schemathesis
from api.conftest import running
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from soundflow_assets.accounts.database import open_for_writing
from soundflow_assets.accounts.ledger import Ledger
from soundflow_assets.api.studio import Studio

ALL_ROUTES = {
    "/catalog/all", "/catalog/free", "/catalog/premium", "/catalog/by-category/{slug}",
    "/tracks/{id}", "/tracks/{id}/peaks", "/tracks/{id}/cover", "/tracks/premium/{id}/signed",
    "/playlists/{slug}.m3u8", "/playlists/{slug}.xspf", "/feed.json", "/feed.xml",
    "/bucket/{key}", "/signed/{key}", "/config.json",
    "/api/v1/music/generate/full-song", "/api/v1/music/project/{project_id}/status",
    "/api/v1/music/project/{project_id}/aggregate", "/api/v1/music/project/{project_id}/events",
    "/health", "/health/ready", "/version", "/metrics",
}  # fmt: skip


@pytest.fixture(scope="module")
def contract(shared_settings, shared_library, tmp_path_factory):
    """The service's own document, of a service that takes any number of wishes and makes none."""
    home = tmp_path_factory.mktemp("contract") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("soundflow_assets.api.studio.MOST_WAITING", 10**9)
        service = dataclasses.replace(shared_settings.service, rate_generate=None)
        unlimited = dataclasses.replace(shared_settings, service=service)
        with running(
            unlimited,
            prepare=lambda one: dataclasses.replace(one, studio=Studio(unlimited, home, workers=0)),
        ) as found:
            yield schemathesis.openapi.from_url(f"{found.url}/openapi.json")


@pytest.fixture(scope="module")
def token(shared_settings) -> str:
    with contextlib.closing(open_for_writing(shared_settings.service.accounts)) as connection:
        ledger = Ledger(connection, int(time.time()))
        ledger.add_user("contract")
        ledger.grant("contract", "premium")
        made = ledger.mint("contract").token
    assert made is not None
    return made.text


FEW = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=200, derandomize=False)
MODES = list(GenerationMode)
# A token is optional where it only says who asks, and which categories and genres there are is
# data: the document cannot say it, the answer does.
NOT_MEANT = [ignored_auth, positive_data_acceptance]


def hold(operation, how: settings, headers: dict[str, str] | None = None) -> None:
    """Send what the document allows, and what it does not, and hold the answers against it."""
    for mode in MODES:
        try:
            cases = operation.as_strategy(generation_mode=mode)
            cases.validate()
        except Unsatisfiable:
            continue  # there is nothing that this operation forbids

        @how
        @given(case=cases)
        def answers(case) -> None:
            response = case.call(headers=headers)
            if response.status_code == 414:
                # The bounds of an address come before its meaning, and are not in the document.
                assert response.json()["title"] == "Address too long"
            else:
                case.validate_response(response, excluded_checks=NOT_MEANT)

        with contextlib.suppress(Unsatisfiable):
            answers()


def operation_of(contract, path: str):
    return contract[path]["post" if path.endswith("full-song") else "get"]


@pytest.mark.parametrize("path", sorted(ALL_ROUTES))
def test_a_route_answers_as_the_document_says(contract, path: str) -> None:
    hold(operation_of(contract, path), FEW)


@pytest.mark.parametrize(
    "path", ["/tracks/premium/{id}/signed", "/api/v1/music/generate/full-song"]
)
def test_so_does_it_for_a_good_token(contract, token: str, path: str) -> None:
    hold(operation_of(contract, path), FEW, {"Authorization": f"Bearer {token}"})


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(ALL_ROUTES))
def test_a_route_answers_as_the_document_says_to_hundreds_of_requests(contract, path) -> None:
    hold(operation_of(contract, path), MANY)


def test_the_document_has_every_route_with_an_example_or_a_description(api) -> None:
    document = api.client.get("/openapi.json").json()
    assert document["paths"].keys() == ALL_ROUTES
    for path, item in document["paths"].items():
        for operation in item.values():
            assert operation["summary"], path
            assert operation["responses"], path
            for status, response in operation["responses"].items():
                if int(status) >= 400 and path != "/health/ready":
                    assert list(response["content"]) == ["application/problem+json"], (path, status)
    problem = document["components"]["schemas"]["ProblemDetails"]
    assert {"type", "title", "status", "detail", "instance"} <= problem["properties"].keys()
