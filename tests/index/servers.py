"""Servers on this machine: of files by Python and by nginx, of packages, of objects."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.build_hooks.command_line import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "packages"


@contextlib.contextmanager
def python_server(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder by Python's own server.

    Args:
        folder: what is served.

    Yields:
        The address, and the paths that are asked for.
    """
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        """Says nothing, and keeps what was asked for."""

        def log_request(self, code: object = "-", size: object = "-") -> None:
            del code, size
            asked.append(self.path)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's
            del format, args

    handler = functools.partial(Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def nginx_server(folder: Path, place: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder by nginx, with the lines that docs/index.md gives.

    Args:
        folder: what is served.
        place: where nginx keeps its own files.

    Yields:
        The address, and a list that stays empty.
    """
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert program, "no nginx: `apt-get install nginx-light`"
    port = free_port()
    page = (REPOSITORY / "docs" / "index.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    lines = lines.replace("8080", str(port)).replace("/srv/public", str(folder))
    place.mkdir()
    kept = "".join(
        f"{kind}_temp_path {place / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # A worker that is not root must be able to read what a test wrote.
    text = (
        f"pid {place / 'pid'};\nerror_log stderr warn;\ndaemon off;\nmaster_process off;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{kept}{lines}}}\n"
    )
    (place / "nginx.conf").write_text(text)
    with running(program, "-p", str(place), "-c", str(place / "nginx.conf"), port=port):
        yield f"http://127.0.0.1:{port}", []


@contextlib.contextmanager
def package_server(folder: Path) -> Iterator[str]:
    """Run pypiserver, which takes uploads from anybody.

    Args:
        folder: where it keeps packages.

    Yields:
        Its address.
    """
    folder.mkdir()
    port = free_port()
    words = ("-m", "pypiserver", "run", "-i", "127.0.0.1", "-p", str(port), "-P", ".", "-a", ".")
    with running(sys.executable, *words, "--disable-fallback", str(folder), port=port):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def object_server() -> Iterator[tuple[str, dict[str, str]]]:
    """Run moto's S3, with a bucket that everybody may read.

    Yields:
        Its address, and the variables with which others write to it.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = {
        "AWS_ACCESS_KEY_ID": "anybody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
    }
    public = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{BUCKET}/*",
            }
        ],
    }
    code = (
        "import sys, fsspec\n"
        "s3 = fsspec.filesystem('s3')\n"
        "s3.call_s3('create_bucket', Bucket=sys.argv[1])\n"
        "s3.call_s3('put_bucket_policy', Bucket=sys.argv[1], Policy=sys.argv[2])\n"
    )
    with running(
        sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port), port=port
    ):
        subprocess.run(
            [sys.executable, "-c", code, BUCKET, json.dumps(public)],
            env={**variables, "PATH": "/usr/bin:/bin"},
            check=True,
            timeout=60,
        )
        yield url, variables


@contextlib.contextmanager
def running(*words: str, port: int) -> Iterator[None]:
    """Run a server until the block ends, which begins when it answers.

    Args:
        words: the program and its arguments.
        port: where it listens.
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said)
        try:
            end = time.monotonic() + 60
            while not answers(port):
                said.seek(0)
                assert process.poll() is None, said.read()
                assert time.monotonic() < end, f"{words} does not answer"
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(30)


def answers(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(url: str, accept: str = "*/*") -> tuple[str, bytes]:
    """Give the type and the bytes of what a server has."""
    request = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310 - of a test
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        return answer.headers["Content-Type"], answer.read()
