"""A proxy that misbehaves between a client and an S3 server, as told by a script.

Each request takes the next word of `script`; when it is used up, requests pass unharmed:
`pass`, `drop` (the server does the work, the reply is lost), `503`, `429` (the server never sees
the request), `cut` (half of the reply's body arrives), `alter` (one byte of it is changed).
`misbehave` lets chance write the script, the same one for the same seed.
"""

import http.client
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class FaultProxy:
    def __init__(self, upstream: str) -> None:
        self.script: list[str] = []
        self.seen: list[tuple[str, str]] = []  # method and word of every request
        self.headers: list[dict[str, str]] = []
        self._rates: dict[str, float] = {}
        self._chance = random.Random(0)
        self._lock = threading.Lock()
        target = urlsplit(upstream).netloc
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                proxy._answer(self, target)

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def misbehave(self, seed: int, **rates: float) -> None:
        """From now on let requests meet these words at these rates; `busy` is 503, `fast` 429."""
        names = {"busy": "503", "fast": "429"}
        self._chance = random.Random(seed)
        self._rates = {names.get(word, word): rate for word, rate in rates.items()}

    def _word(self) -> str:
        if self.script:
            return self.script.pop(0)
        if not self._rates:
            return "pass"
        (word,) = self._chance.choices(
            [*self._rates, "pass"], [*self._rates.values(), 1 - sum(self._rates.values())]
        )
        return word

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, target: str) -> None:
        with self._lock:
            word = self._word()
            self.seen.append((handler.command, word))
            self.headers.append(dict(handler.headers))
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if word in ("503", "429"):
            self._reply(handler, int(word), {}, b"")
            return
        upstream = http.client.HTTPConnection(target, timeout=30)
        upstream.request(handler.command, handler.path, body, dict(handler.headers))
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if word == "drop":
            handler.close_connection = True
            return
        if word == "alter" and content:
            content = bytes([content[0] ^ 1]) + content[1:]
        self._reply(handler, answer.status, dict(answer.getheaders()), content, word == "cut")

    @staticmethod
    def _reply(handler, status, headers, content, cut=False) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date"):
                handler.send_header(name, value)
        length = headers.get("Content-Length") if handler.command == "HEAD" else None
        handler.send_header("Content-Length", length or str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            handler.close_connection = True
