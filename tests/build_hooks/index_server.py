"""A real package index on a local port, that can misbehave in every way that a real one does."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


@dataclass(slots=True)
class Fault:
    """What goes wrong with one request; used up in order.

    `status` answers with it; `cut` ends the connection after so many bytes of the body; `lie` sends
    other bytes of the same length.
    """

    kind: Literal["status", "cut", "lie"]
    value: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class IndexServer:
    """The index: files by name, and how it serves them."""

    files: dict[str, bytes] = field(default_factory=dict)
    publish_hashes: bool = True
    false_hash: str | None = None
    use_json: bool = False
    ranges: bool = True
    with_length: bool = True
    with_head: bool = True
    delay: float = 0.0
    credentials: tuple[str, str] | None = None
    yanked: dict[str, str] = field(default_factory=dict)
    page_faults: list[Fault] = field(default_factory=list)
    file_faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """The address of the simple repository."""
        return f"http://127.0.0.1:{self.port}/simple"

    def downloads(self, filename: str) -> list[str | None]:
        """The `Range` of every GET of a file."""
        path = f"/files/{filename}"
        return [one for method, seen, one in self.requests if (method, seen) == ("GET", path)]

    def page(self, name: str) -> tuple[str, bytes]:
        """The page of one project."""
        names = [one for one in self.files if one.replace("_", "-").startswith(f"{name}-")]
        names = [
            one for one in names if one.replace("_", "-").removeprefix(f"{name}-")[0].isdigit()
        ]
        digests = {
            one: self.false_hash or hashlib.sha256(self.files[one]).hexdigest() for one in names
        }
        if self.use_json:
            entries = [
                {
                    "filename": one,
                    "url": f"../../files/{one}",
                    "hashes": {"sha256": digests[one]} if self.publish_hashes else {},
                    "yanked": self.yanked.get(one, False),
                }
                for one in names
            ]
            data = {"meta": {"api-version": "1.0"}, "name": name, "files": entries}
            return JSON_TYPE, json.dumps(data).encode()
        lines = []
        for one in names:
            fragment = f"#sha256={digests[one]}" if self.publish_hashes else ""
            reason = html.escape(self.yanked[one]) if one in self.yanked else None
            yanked = f' data-yanked="{reason}"' if reason is not None else ""
            lines.append(f'<a href="../../files/{one}{fragment}"{yanked}>{one}</a>')
        return "text/html", "\n".join(["<!DOCTYPE html><body>", *lines, "</body>"]).encode()

    @contextmanager
    def running(self) -> Iterator[IndexServer]:
        """Serve until the block ends."""
        index = self

        class Handler(_Handler):
            server_index = index

        server = _Server(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    server_index: IndexServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(head=True)

    def do_GET(self) -> None:
        self._answer(head=False)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, *, head: bool) -> None:
        index = self.server_index
        path = self.path.partition("?")[0]
        index.requests.append((self.command, path, self.headers.get("Range")))
        if index.credentials is not None:
            token = base64.b64encode(":".join(index.credentials).encode()).decode()
            if self.headers.get("Authorization") != f"Basic {token}":
                return self._say(401, {"WWW-Authenticate": 'Basic realm="index"'})
        if head and not index.with_head:
            return self._say(405)
        _, _, folder, *rest = f"/{path}".split("/")
        faults = index.file_faults if folder == "files" else index.page_faults
        fault = faults.pop(0) if faults and not head else None
        if fault is not None and fault.kind == "status":
            return self._say(fault.value, fault.headers)
        if folder == "files" and rest[0] in index.files:
            return self._file(index.files[rest[0]], fault, head=head)
        if folder == "simple" and rest and rest[0]:
            kind, body = index.page(rest[0])
            return self._say(200, {"Content-Type": kind}, body)
        return self._say(404)

    def _say(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _file(self, data: bytes, fault: Fault | None, *, head: bool) -> None:
        index = self.server_index
        if fault is not None and fault.kind == "lie":
            data = bytes(byte ^ 1 for byte in data)
        wanted, start = self.headers.get("Range"), 0
        if wanted and index.ranges:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            if start >= len(data):
                return self._say(416, {"Content-Range": f"bytes */{len(data)}"})
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        body = data[start:]
        if index.with_length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        if head:
            return None
        if fault is not None and fault.kind == "cut":
            body = body[: fault.value]
            self.close_connection = True
        self._send(body)
        if not index.with_length:
            self.close_connection = True
        return None

    def _send(self, body: bytes) -> None:
        step = 1 << 16
        try:
            for begin in range(0, len(body), step):
                self.wfile.write(body[begin : begin + step])
                self.wfile.flush()
                if self.server_index.delay:
                    time.sleep(self.server_index.delay)
        except OSError:
            self.close_connection = True


def without_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own pip and uv configuration, proxies and credentials out.

    Args:
        tmp_path: where a test may put a `netrc`.
        monkeypatch: undoes it.
    """
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def files_in(folder: Path) -> set[str]:
    """Give the names of a cache's files, without the empty ones that are held locked.

    Args:
        folder: the cache.
    """
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.name for path in found if path.suffix != ".lock"}
