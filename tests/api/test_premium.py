"""Premium audio: only for tokens in force whose user is entitled, and only for an hour."""

import dataclasses
import datetime as dt
import time
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from api.conftest import publish, running

from soundflow_assets.accounts.database import open_for_writing
from soundflow_assets.accounts.ledger import Ledger
from soundflow_assets.accounts.tokens import checksum, new_token
from soundflow_assets.api.limiter import Limiter
from soundflow_assets.catalog.commit import commit_catalogs
from soundflow_assets.catalog.library import open_library

AURORA = "premium-2025-01-17-aurora"
KEY = f"audio/premium/2025-01-17/{AURORA}.mp3"


@pytest.fixture(scope="module")
def tokens(shared_settings) -> dict[str, str]:
    """A token of each kind, by what becomes of it."""
    now = int(time.time())
    with closing(open_for_writing(shared_settings.service.accounts)) as connection:
        past, present = Ledger(connection, now - 1000), Ledger(connection, now)
        past.add_user("ada")
        past.grant("ada", "premium")
        past.add_user("bob")
        past.add_user("eve")
        past.grant("eve", "premium", ends_ts=now - 500)
        made = {
            "good": past.mint("ada").token,
            "expired": past.mint("ada", expires_ts=now - 1).token,
            "revoked": past.mint("ada").token,
            "unentitled": past.mint("bob").token,
            "formerly entitled": past.mint("eve").token,
        }
        present.revoke(made["revoked"].id, "lost")
    good = made["good"].text
    forged = good[:18] + new_token().text[18:-6]
    return {
        **{name: token.text for name, token in made.items()},
        "unknown": new_token().text,
        "forged": forged + checksum(forged),
        "cut": good[:-1],
        "nonsense": "no-token",
    }


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def signed(api, tokens, track: str = AURORA) -> httpx.Response:
    return api.client.get(f"/tracks/premium/{track}/signed", headers=bearer(tokens["good"]))


def test_the_entitled_get_an_address_that_plays_for_an_hour(api, tokens) -> None:
    response = signed(api, tokens)
    assert response.headers["cache-control"] == "private, no-store"
    told = response.json()
    left = dt.datetime.fromisoformat(told["expiresAt"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(minutes=59) < left <= dt.timedelta(hours=1)
    whole = api.client.get(told["signedUrl"])
    assert (whole.content, whole.headers["content-type"]) == (b"premium" * 99, "audio/mpeg")
    assert whole.headers["cache-control"] == "private, no-store"
    part = api.client.get(told["signedUrl"], headers={"Range": "bytes=7-13"})
    assert (part.status_code, part.content) == (206, b"premium")
    assert api.client.get(told["peaksUrl"]).json() == {"data": []}


@pytest.mark.parametrize("track", [AURORA, "premium-2025-01-17-none", "x", "%00"])
@pytest.mark.parametrize(
    "kind", ["expired", "revoked", "unknown", "forged", "cut", "nonsense", None]
)
def test_without_a_token_in_force_all_tracks_are_401(api, tokens, track: str, kind) -> None:
    headers = bearer(tokens[kind]) if kind else {}
    response = api.client.get(f"/tracks/premium/{track}/signed", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert "signedUrl" not in response.text
    if kind:
        assert tokens[kind] not in response.text
        assert response.json()["detail"] == "this token is not valid"


@pytest.mark.parametrize("header", ["", "Bearer", "Basic eDp5", "bearer\tx", "Token x"])
def test_another_kind_of_credentials_is_401(api, header: str) -> None:
    response = api.client.get(f"/tracks/premium/{AURORA}/signed", headers={"Authorization": header})
    assert response.status_code == 401


@pytest.mark.parametrize("track", [AURORA, "premium-2025-01-17-none"])
@pytest.mark.parametrize("kind", ["unentitled", "formerly entitled"])
def test_without_entitlement_all_tracks_are_403(api, tokens, track: str, kind: str) -> None:
    response = api.client.get(f"/tracks/premium/{track}/signed", headers=bearer(tokens[kind]))
    assert response.status_code == 403


@pytest.mark.parametrize("track", ["premium-2025-01-17-none", "free-2025-01-15-deep_work_daily"])
def test_only_the_entitled_learn_that_there_is_no_such_track(api, tokens, track: str) -> None:
    assert signed(api, tokens, track).status_code == 404


def test_a_revocation_holds_from_the_next_request_on(api, tokens, shared_settings) -> None:
    with closing(open_for_writing(shared_settings.service.accounts)) as connection:
        ledger = Ledger(connection, int(time.time()))
        token = ledger.mint("ada").token
        path = f"/tracks/premium/{AURORA}/signed"
        assert api.client.get(path, headers=bearer(token.text)).status_code == 200
        ledger.revoke(token.id, "lost")
        assert api.client.get(path, headers=bearer(token.text)).status_code == 401


def test_the_use_of_a_token_is_written_down(api, tokens, shared_settings) -> None:
    assert signed(api, tokens).status_code == 200
    deadline = time.monotonic() + 10
    with closing(open_for_writing(shared_settings.service.accounts)) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(
                "SELECT last_used_ts FROM tokens WHERE id = ?", (tokens["good"][8:18],)
            ).fetchone()
            if row[0] is not None:
                return
            time.sleep(0.02)
    pytest.fail("no use was written")


def test_a_signed_address_opens_nothing_but_its_object_until_it_ends(api, tokens) -> None:
    address = signed(api, tokens).json()["signedUrl"]
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    later = str(int(query["expires"]) + 1)
    flipped = ("0" if query["signature"][0] != "0" else "1") + query["signature"][1:]
    sidecar = parts.path.replace(".mp3", ".json")
    for path, changes in (
        (parts.path, {"expires": later}),
        (parts.path, {"signature": flipped}),
        (parts.path, {"signature": "ä"}),
        (sidecar, {}),
        (parts.path.replace("premium-", "premium-x"), {}),
        ("/signed/" + "../" * 3 + "etc/passwd", {}),
    ):
        response = api.client.get(path, params={**query, **changes})
        assert response.status_code in (403, 404), path
        assert b"premium" * 9 not in response.content
    for missing in ({"expires": query["expires"]}, {"signature": query["signature"]}):
        assert api.client.get(parts.path, params=missing).status_code == 422


def test_an_address_ends_with_its_hour(api, tokens) -> None:
    signer = dataclasses.replace(api.service.signer, now=lambda: time.time() - 3601)
    assert api.client.get(signer.sign(KEY, 3600)).status_code == 403


def test_an_address_of_another_secret_opens_nothing(api, shared_settings, tokens) -> None:
    with running(shared_settings) as other:
        address = signed(other, tokens).json()["signedUrl"].replace(other.url, api.url)
    assert api.client.get(address).status_code == 403


def test_on_r2_the_address_is_presigned(make_access, shared_settings, serve, tokens) -> None:
    remote = dataclasses.replace(
        shared_settings, r2=make_access(), free_public_base_url="https://media.example"
    )
    library = open_library(remote)
    publish(library, date="2025-01-17", tier="premium", track_id="aurora", audio=b"far" * 9)
    commit_catalogs(library)
    api = serve(remote)
    told = signed(api, tokens).json()
    assert "X-Amz-Expires=3600" in told["signedUrl"]
    assert httpx.get(told["signedUrl"], headers={"Range": "bytes=3-5"}).content == b"far"
    assert api.client.get(f"/bucket/{KEY}").status_code == 404


def test_too_many_signatures_are_429_for_one_token_and_not_for_another(
    shared_settings, shared_library, serve, tokens
) -> None:
    api = serve(
        shared_settings,
        prepare=lambda one: dataclasses.replace(one, sign_limiter=Limiter("3/minute")),
    )
    answers = [signed(api, tokens) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    other = api.client.get(f"/tracks/premium/{AURORA}/signed", headers=bearer(tokens["unentitled"]))
    assert other.status_code == 403


def test_nothing_public_leads_to_premium_audio(api) -> None:
    for path in ("/catalog/all", "/catalog/premium", "/bucket/catalog/premium.json",
                 f"/tracks/{AURORA}"):  # fmt: skip
        text = api.client.get(path).text
        assert AURORA in text
        assert "signature" not in text
        for entry in ([api.client.get(path).json()] if path.startswith("/tracks") else
                      api.client.get(path).json()):  # fmt: skip
            assert entry["tier"] == "free" or "url" not in entry


def test_damaged_accounts_are_503_and_let_nobody_in(shared_settings, serve, tmp_path) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"x" * 5000)
    service = dataclasses.replace(shared_settings.service, accounts=broken)
    api = serve(dataclasses.replace(shared_settings, service=service))
    response = api.client.get(f"/tracks/premium/{AURORA}/signed", headers=bearer(new_token().text))
    assert response.status_code == 503
    assert str(broken) not in response.text
