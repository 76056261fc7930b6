"""One download from a real server, with everything that goes wrong on real networks."""

from __future__ import annotations

import ssl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest
from unearth.fetchers.sync import PyPIClient

from build_hooks.errors import IntegrityError, NetworkError
from build_hooks.fetch.download import Retry, Wanted, download, is_permanent
from build_hooks.fetch.progress import Progress
from tests.build_hooks.index_server import Fault, IndexServer
from tests.build_hooks.sample_archives import locked, noise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "vllm-0.33.0.tar.gz"
DATA = noise(600_000)
DIGEST = locked(DATA).sha256
WANTED = Wanted(NAME, DIGEST, len(DATA))
QUICK = Retry(attempts=4, backoff=0.001)


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer({NAME: DATA}).running() as running:
        yield running


@contextmanager
def http() -> Iterator[httpx2.Client]:
    with PyPIClient(follow_redirects=True, timeout=5, trust_env=False) as client:
        yield client


def get(server: IndexServer, part: Path, wanted: Wanted = WANTED, *, retry: Retry = QUICK) -> str:
    url = f"http://127.0.0.1:{server.port}/files/{NAME}"
    with http() as client:
        progress = Progress(NAME, wanted.size)
        return download(client, url, part, wanted, retry=retry, progress=progress)


def test_brings_every_byte_in_one_request(server: IndexServer, tmp_path: Path) -> None:
    assert get(server, tmp_path / "part") == DIGEST
    assert (tmp_path / "part").read_bytes() == DATA
    assert server.downloads(NAME) == [None]


def test_works_where_nothing_is_known_of_the_bytes(server: IndexServer, tmp_path: Path) -> None:
    assert get(server, tmp_path / "part", Wanted(NAME)) == DIGEST


def test_works_without_a_length(server: IndexServer, tmp_path: Path) -> None:
    server.with_length = False
    assert get(server, tmp_path / "part") == DIGEST


@pytest.mark.parametrize("with_length", [True, False])
def test_resumes_a_connection_that_breaks(
    server: IndexServer, tmp_path: Path, *, with_length: bool
) -> None:
    server.with_length = with_length
    server.file_faults = [Fault("cut", 200_000), Fault("cut", 100_000)]
    assert get(server, tmp_path / "part") == DIGEST
    assert server.downloads(NAME) == [None, "bytes=200000-", "bytes=300000-"]


def test_starts_again_where_a_server_has_no_ranges(server: IndexServer, tmp_path: Path) -> None:
    server.ranges = False
    server.file_faults = [Fault("cut", 200_000)]
    assert get(server, tmp_path / "part") == DIGEST
    assert server.downloads(NAME) == [None, "bytes=200000-"]


def test_gives_up_on_a_server_that_never_gets_further(server: IndexServer, tmp_path: Path) -> None:
    """Without ranges each attempt brings bytes, but no new ones."""
    server.ranges = False
    server.file_faults = [Fault("cut", 200_000)] * 50
    with pytest.raises(NetworkError, match="could not be fetched"):
        get(server, tmp_path / "part")
    assert len(server.downloads(NAME)) == 4


def test_many_breaks_are_no_failure_while_bytes_come(server: IndexServer, tmp_path: Path) -> None:
    server.file_faults = [Fault("cut", 60_000)] * 9
    assert get(server, tmp_path / "part") == DIGEST
    assert len(server.downloads(NAME)) == 10


def test_resumes_what_an_earlier_process_left(server: IndexServer, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(DATA[:123_456])
    assert get(server, tmp_path / "part") == DIGEST
    assert server.downloads(NAME) == ["bytes=123456-"]


def test_a_part_that_is_whole_needs_no_request(server: IndexServer, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(DATA)
    assert get(server, tmp_path / "part") == DIGEST
    assert server.downloads(NAME) == []


def test_a_whole_part_of_unknown_size_is_found_out(server: IndexServer, tmp_path: Path) -> None:
    """The server answers 416: there is nothing after the end."""
    (tmp_path / "part").write_bytes(DATA)
    assert get(server, tmp_path / "part", Wanted(NAME, DIGEST)) == DIGEST


@pytest.mark.parametrize("left", [noise(123_456, "other"), noise(600_000, "other"), noise(700_000)])
def test_a_part_of_other_bytes_is_thrown_away(
    server: IndexServer, tmp_path: Path, left: bytes
) -> None:
    (tmp_path / "part").write_bytes(left)
    assert get(server, tmp_path / "part") == DIGEST
    assert server.downloads(NAME)[-1] is None
    if len(left) > len(DATA):
        assert len(server.downloads(NAME)) == 1


def test_wrong_bytes_are_refused_and_not_kept(server: IndexServer, tmp_path: Path) -> None:
    server.file_faults = [Fault("lie")]
    with pytest.raises(IntegrityError, match=f"expected {DIGEST}; nothing was kept"):
        get(server, tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("with_length", [True, False])
@pytest.mark.parametrize("served", [DATA + b"more", DATA * 2])
def test_a_longer_file_is_refused_before_it_is_all_here(
    server: IndexServer, tmp_path: Path, served: bytes, *, with_length: bool
) -> None:
    server.files[NAME] = served
    server.with_length = with_length
    with pytest.raises(IntegrityError, match=r"600000"):
        get(server, tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_shorter_on_the_server_is_refused(
    server: IndexServer, tmp_path: Path
) -> None:
    server.files[NAME] = DATA[:-1]
    with pytest.raises(IntegrityError, match="599999 bytes, expected 600000"):
        get(server, tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_asks_again_after_a_passing_failure(
    server: IndexServer, tmp_path: Path, status: int
) -> None:
    server.file_faults = [Fault("status", status)] * 2
    assert get(server, tmp_path / "part") == DIGEST
    assert len(server.downloads(NAME)) == 3


def test_waits_as_long_as_the_server_asks(server: IndexServer, tmp_path: Path) -> None:
    server.file_faults = [Fault("status", 429, {"Retry-After": "1"})]
    started = time.monotonic()
    assert get(server, tmp_path / "part") == DIGEST
    assert time.monotonic() - started >= 1


def test_gives_up_after_a_while_and_keeps_the_part(server: IndexServer, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(DATA[:1000])
    server.file_faults = [Fault("status", 503)] * 9
    with pytest.raises(NetworkError, match="503") as caught:
        get(server, tmp_path / "part")
    assert len(server.downloads(NAME)) == 4
    assert (tmp_path / "part").read_bytes() == DATA[:1000]
    assert "resumed" in caught.value.next_step


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_does_not_ask_again_when_the_answer_is_final(
    server: IndexServer, tmp_path: Path, status: int
) -> None:
    server.file_faults = [Fault("status", status)]
    with pytest.raises(NetworkError, match=str(status)):
        get(server, tmp_path / "part")
    assert len(server.downloads(NAME)) == 1


def test_no_network_is_a_network_error_that_shows_no_password(tmp_path: Path) -> None:
    with IndexServer().running() as closed:
        port = closed.port
    url, progress = f"http://user:secret@127.0.0.1:{port}/x?token=secret", Progress(NAME, None)
    with http() as client, pytest.raises(NetworkError) as caught:
        download(client, url, tmp_path / "part", WANTED, retry=QUICK, progress=progress)
    assert "ConnectError" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_reads_a_file_address(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(DATA)
    (tmp_path / "part").write_bytes(DATA[:1000])
    with http() as client:
        url, progress = (tmp_path / NAME).as_uri(), Progress(NAME, None)
        digest = download(client, url, tmp_path / "part", WANTED, retry=QUICK, progress=progress)
    assert digest == DIGEST


def test_a_bad_certificate_is_not_tried_again() -> None:
    error = httpx2.ConnectError("no")
    error.__cause__ = ssl.SSLCertVerificationError("expired")
    assert is_permanent(error)
    assert is_permanent(httpx2.UnsupportedProtocol("gopher"))
    assert not is_permanent(httpx2.ReadError("reset"))
