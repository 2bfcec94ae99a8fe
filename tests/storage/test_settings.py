"""The environment is read once, typed, and refused in sentences."""

from pathlib import Path

import pytest

from soundflow_assets.errors import BadInput
from soundflow_assets.settings import VARIABLES, load_settings
from soundflow_assets.storage.local import LocalStore
from soundflow_assets.storage.open import open_premium_store, open_store, public_base_url
from soundflow_assets.storage.s3 import S3Store

R2 = {
    "R2_ENDPOINT": "https://account.r2.cloudflarestorage.com/",
    "R2_BUCKET": "soundflow",
    "R2_ACCESS_KEY_ID": "the-key-id",
    "R2_SECRET_ACCESS_KEY": "the-secret-key",
}


def test_without_any_variable_everything_has_its_default():
    settings = load_settings({"PATH": "/bin", "R2_ACCOUNT": "of another program"})
    assert settings.r2 is None
    assert settings.bucket == Path("data/bucket").absolute()
    assert settings.catalog_free_key == "catalog/free.json"
    assert (settings.executor, settings.free_license) == ("in_process", "CC-BY-4.0")
    assert settings.alert_webhook is settings.signing_secret is settings.configs is None


def test_empty_variables_count_as_unset():
    assert load_settings({variable.name: "" for variable in VARIABLES}) == load_settings({})


def test_every_variable_is_in_the_table_once_and_read():
    names = [variable.name for variable in VARIABLES]
    assert len(set(names)) == len(names)
    assert all(variable.meaning for variable in VARIABLES)
    for name in names:
        if not name.startswith("R2_"):
            changed = load_settings({name: "https://multiprocess.example/aaaaaaaaaaaaaaaaaaaa"}
                                    if "URL" in name or "WEBHOOK" in name
                                    else {name: {"SOUNDFLOW_EXECUTOR": "multiprocess",
                                                 "CATALOG_FREE_KEY": "a/b.json",
                                                 "SOUNDFLOW_SIGNING_SECRET": "s" * 32,
                                                 "SOUNDFLOW_PREMIUM_CHANNEL": "commercial",
                                                 "SOUNDFLOW_GPU_TIMEOUT_S": "60",
                                                 "SOUNDFLOW_CATALOG_LIMIT": "5",
                                                 "SOUNDFLOW_CORS_ORIGINS": "https://a.example",
                                                 "SOUNDFLOW_RATE_READ": "7/second",
                                                 "SOUNDFLOW_RATE_SIGN": "7/second",
                                                 "SOUNDFLOW_RATE_GENERATE": "7/second",
                                                 "SOUNDFLOW_GENERATION": "nobody",
                                                 "SOUNDFLOW_WORKER": "process",
                                                 "SOUNDFLOW_METRICS_TOKEN": "m" * 32,
                                                 }.get(name, "other")})  # fmt: skip
            assert changed != load_settings({}), name


def test_r2_is_complete_and_the_endpoint_has_no_final_slash():
    access = load_settings({**R2, "R2_PREFIX": "/music/", "R2_PREMIUM_BUCKET": "private"}).r2
    assert access.endpoint == "https://account.r2.cloudflarestorage.com"
    assert (access.bucket, access.premium_bucket) == ("soundflow", "private")
    assert (access.region, access.prefix) == ("auto", "music")
    assert access.secret_access_key.get_secret_value() == "the-secret-key"


@pytest.mark.parametrize("missing", R2)
def test_half_set_r2_names_what_is_missing(missing):
    environ = {name: value for name, value in R2.items() if name != missing}
    with pytest.raises(BadInput, match=f"half configured: .* but {missing} missing"):
        load_settings(environ)


@pytest.mark.parametrize("only", ["R2_PREFIX", "R2_PREMIUM_BUCKET", "R2_SECRET_ACCESS_KEY"])
def test_any_r2_variable_alone_is_half_set_except_the_region(only):
    with pytest.raises(BadInput, match="half configured"):
        load_settings({only: "x-and-more"})
    assert load_settings({"R2_REGION": "auto"}).r2 is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SOUNDFLOW_BUKET", "did you mean SOUNDFLOW_BUCKET?"),
        ("SOUNDFLOW_EXECUTER", "did you mean SOUNDFLOW_EXECUTOR?"),
        ("SOUNDFLOW_XYZZY", "known: SOUNDFLOW_BUCKET"),
    ],
)
def test_an_unknown_soundflow_variable_is_refused_with_a_hint(name, said):
    with pytest.raises(BadInput, match=name) as caught:
        load_settings({name: "x"})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOUNDFLOW_EXECUTOR", "threads"),
        ("CATALOG_FREE_KEY", "../free.json"),
        ("CATALOG_FREE_KEY", "/catalog/free.json"),
        ("CATALOG_FREE_KEY", "catalog/free"),
        ("FREE_PUBLIC_BASE_URL", "r2.example.com"),
        ("FREE_PUBLIC_BASE_URL", "https://user:password@host/"),
        ("FREE_PUBLIC_BASE_URL", "https://host:port/"),
        ("SOUNDFLOW_FREE_LICENSE", "all rights reserved?"),
        ("SOUNDFLOW_SIGNING_SECRET", "short"),
    ],
)
def test_a_malformed_value_is_refused_by_name(name, value):
    with pytest.raises(BadInput, match=name):
        load_settings({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("R2_BUCKET", "No_Such"), ("R2_PREFIX", "a/../b"), ("R2_ENDPOINT", "account")],
)
def test_a_malformed_r2_value_is_refused_by_name(name, value):
    with pytest.raises(BadInput, match=name):
        load_settings({**R2, name: value})


def test_no_secret_is_ever_shown():
    environ = {
        **R2,
        "SOUNDFLOW_SIGNING_SECRET": "signing-secret-of-32-characters!",
        "SOUNDFLOW_ALERT_WEBHOOK": "https://hooks.example/secret-path",
    }
    shown = repr(load_settings(environ))
    for secret in ("the-secret-key", "the-key-id", "signing-secret", "secret-path"):
        assert secret not in shown
    for name in ("SOUNDFLOW_SIGNING_SECRET", "SOUNDFLOW_ALERT_WEBHOOK", "R2_ENDPOINT"):
        with pytest.raises(BadInput) as caught:
            load_settings({**R2, name: "https://u:hush@x" if name == "R2_ENDPOINT" else "hush"})
        assert "hush" not in str(caught.value)
    assert {variable.name for variable in VARIABLES if variable.secret} == {
        "R2_SECRET_ACCESS_KEY",
        "SOUNDFLOW_ALERT_WEBHOOK",
        "SOUNDFLOW_LLM_API_KEY",
        "SOUNDFLOW_METRICS_TOKEN",
        "SOUNDFLOW_MODAL_KEY",
        "SOUNDFLOW_MODAL_SECRET",
        "SOUNDFLOW_REPLICATE_TOKEN",
        "SOUNDFLOW_RUNPOD_API_KEY",
        "SOUNDFLOW_SIGNING_SECRET",
    }


def test_stores_are_opened_as_configured(tmp_path):
    local = load_settings({"SOUNDFLOW_BUCKET": str(tmp_path)})
    assert isinstance(open_store(local), LocalStore)
    assert open_premium_store(local).name == open_store(local).name == str(tmp_path)
    other = load_settings({"SOUNDFLOW_PREMIUM_BUCKET": str(tmp_path / "premium")})
    assert open_premium_store(other).name == str(tmp_path / "premium")
    remote = load_settings({**R2, "R2_PREMIUM_BUCKET": "private", "R2_PREFIX": "p"})
    assert isinstance(open_store(remote), S3Store)
    assert open_store(remote).name == "s3://soundflow/p"
    assert open_premium_store(remote).name == "s3://private/p"
    assert open_premium_store(load_settings(R2)).name == "s3://soundflow"
    assert isinstance(open_store(remote, "local"), LocalStore)
    with pytest.raises(BadInput, match="R2 was asked for"):
        open_store(local, "r2")


def test_free_tracks_always_have_an_address(tmp_path):
    local = load_settings({"SOUNDFLOW_BUCKET": str(tmp_path / "a b")})
    assert public_base_url(local) == (tmp_path / "a b").as_uri()
    named = load_settings({**R2, "FREE_PUBLIC_BASE_URL": "https://r2.example.com/"})
    assert public_base_url(named) == "https://r2.example.com"
    with pytest.raises(BadInput, match="FREE_PUBLIC_BASE_URL is not set"):
        public_base_url(load_settings(R2))


def test_a_configured_service_signs_for_the_local_bucket(tmp_path):
    settings = load_settings(
        {
            "SOUNDFLOW_BUCKET": str(tmp_path),
            "SOUNDFLOW_SIGNING_BASE_URL": "https://media.example/",
            "SOUNDFLOW_SIGNING_SECRET": "s" * 32,
        }
    )
    url = open_store(settings).sign_get("audio/a.mp3")
    assert url.startswith("https://media.example/audio/a.mp3?expires=")
