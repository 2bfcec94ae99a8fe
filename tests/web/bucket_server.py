"""A public bucket on loopback: files with ranges, ETags and 304, as object storage serves them."""

import hashlib
import mimetypes
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
CHUNK = 16_384


@dataclass
class Request:
    """One request, and how many bytes of body were sent for it."""

    path: str
    range: str | None
    status: int
    sent: int = 0


@dataclass
class BucketServer:
    """A folder on loopback. `bytes_per_s` slows audio down, 0 does not."""

    folder: Path
    mounts: dict[str, Path] = field(default_factory=dict)  # first folder of a path → where it lies
    bytes_per_s: int = 0
    requests: list[Request] = field(default_factory=list)
    address: str = ""
    gone: bool = False  # kept connections end too, as without network

    def file(self, path: str) -> Path | None:
        """Return the file under a path of the address."""
        first, _, rest = path.lstrip("/").partition("/")
        found = self.mounts[first] / rest if first in self.mounts else self.folder / path[1:]
        return found if found.is_file() and ".." not in path else None


@contextmanager
def serving(server: BucketServer, port: int = 0) -> Iterator[BucketServer]:
    """Serve until the end of the block."""
    handler = type("Handler", (_Handler,), {"bucket": server})
    http = ThreadingHTTPServer(("127.0.0.1", port), handler)
    http.daemon_threads = True
    server.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.gone = True
        http.shutdown()
        http.server_close()


class _Handler(BaseHTTPRequestHandler):
    bucket: BucketServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.bucket.gone:
            self.close_connection = True
            return
        path = unquote(urlsplit(self.path).path)
        asked = self.headers.get("Range")
        record = Request(path, asked, 404)
        self.bucket.requests.append(record)
        file = self.bucket.file(path)
        if file is None:
            self._head(404, {"Content-Length": "0"})
            return
        body = file.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
        headers = {"Content-Type": kind or "application/octet-stream", "ETag": etag}
        headers |= {"Accept-Ranges": "bytes", "Cache-Control": "no-cache"}
        status, start, stop = 200, 0, len(body)
        if self.headers.get("If-None-Match") == etag:
            status, stop = 304, 0
        elif asked and (match := re.fullmatch(r"bytes=(\d+)-(\d*)", asked)):
            start = int(match[1])
            stop = min(int(match[2]) + 1 if match[2] else len(body), len(body))
            status = 206 if start < stop else 416
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
        record.status = status
        headers["Content-Length"] = str(max(stop - start, 0) if status != 416 else 0)
        self._head(status, headers)
        if status != 416:
            self._send(body[start:stop], record, slow=file.suffix == ".mp3")

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, body: bytes, record: Request, *, slow: bool) -> None:
        pace = self.bucket.bytes_per_s if slow else 0
        try:
            for at in range(0, len(body), CHUNK):
                self.wfile.write(body[at : at + CHUNK])
                record.sent += len(body[at : at + CHUNK])
                if pace:
                    time.sleep(CHUNK / pace)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the browser has heard enough

    def log_message(self, *_: object) -> None:
        pass
