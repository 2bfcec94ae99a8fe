"""Prompt enhancement by a language model: a local service with OpenAI's interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

pytest.importorskip("openai", reason="the extra llm is not installed")
pytestmark = pytest.mark.premium

from soundflow_assets.premium.prompts.enhance import VERSION, enhance  # noqa: E402
from soundflow_assets.premium.prompts.llm import enhance_with_llm  # noqa: E402
from soundflow_assets.settings import Settings, load_settings  # noqa: E402

GOOD = {
    "genre": "deep house",
    "moods": ["warm", "focused"],
    "energy": 140,
    "bpm": 121,
    "key": "Am",
    "instruments": ["electric piano", "sub bass", "shaker"],
    "production": ["tape saturation"],
    "something_else": 3,
}


class Model:
    """What the service answers, and what it was asked."""

    def __init__(self) -> None:
        self.content = json.dumps(GOOD)
        self.status = 200
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.address = ""


@pytest.fixture
def model() -> Iterator[Model]:
    found = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            found.asked.append({"path": self.path, **json.loads(raw)})
            found.keys.append(str(self.headers["Authorization"]))
            body = json.dumps(
                {
                    "id": "x", "object": "chat.completion", "created": 1, "model": "m",
                    "choices": [
                        {
                            "index": 0, "finish_reason": "stop",
                            "message": {"role": "assistant", "content": found.content},
                        }
                    ],
                }
            ).encode()  # fmt: skip
            self.send_response(found.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def settings(model: Model, **more: str) -> Settings:
    return load_settings(
        {
            "SOUNDFLOW_LLM_BASE_URL": model.address,
            "SOUNDFLOW_LLM_MODEL": "m",
            "SOUNDFLOW_LLM_API_KEY": "sk-hush",
            **more,
        }
    )


def test_a_good_answer_is_validated_clamped_and_recorded(model: Model) -> None:
    made = enhance_with_llm("deep house for coding", "Deep Work", 3, settings(model), bpm=120)
    assert made.version == "llm:m"
    assert made.spec.instruments == ("electric piano", "sub bass", "shaker")
    assert (made.spec.energy, made.spec.bpm, made.spec.key) == (100, 120, "Am")
    assert model.asked[0]["path"] == "/v1/chat/completions"
    assert model.asked[0]["response_format"] == {"type": "json_object"}
    assert model.keys == ["Bearer sk-hush"]


@pytest.mark.parametrize("content", ["no json", "[]", '{"genre": 3}', '{"key": "H"}', ""])
def test_a_useless_answer_falls_back_offline(model: Model, content: str) -> None:
    model.content = content
    made = enhance_with_llm("deep house", "Deep Work", 3, settings(model))
    assert made.version == VERSION
    assert made.spec == enhance("deep house", "Deep Work", 3).spec
    assert "enhanced offline" in made.note


def test_a_service_that_is_down_or_refuses_falls_back_without_its_secrets(
    model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    model.status = 401
    made = enhance_with_llm("deep house", "Deep Work", 3, settings(model))
    assert made.version == VERSION
    nowhere = settings(model, SOUNDFLOW_LLM_BASE_URL="http://127.0.0.1:9/v1")
    assert enhance_with_llm("deep house", "Deep Work", 3, nowhere).version == VERSION
    assert "sk-hush" not in caplog.text + made.note
