"""One rank gets its process group on Windows; elsewhere torch is called as upstream calls it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from tests.transforms.platforms.windows.runtime_module import runtime_module
from transforms.engine.outcome import Status
from transforms.platforms.windows.process_group import PATCH

MODULE = "vllm.distributed.parallel_state"
STORES = {
    "0.14.1": "",
    "0.28.0": "store = None",
    "0.33.0": "store = world_pg_store",
}
OF_A_FILE = {
    "0.28.0": 'if distributed_init_method.startswith("file://"):',
    "0.33.0": 'if store is None and distributed_init_method.startswith("file://"):',
}


def excerpt(release: str) -> str:
    """Cut upstream's function down to what it calls torch with."""
    lines = [
        "def init_distributed_environment(world_size, distributed_init_method, backend):",
        "    world_pg_store = None",
        "    if not torch.distributed.is_backend_available(backend):",
        '        backend = "gloo"',
    ]
    if STORES[release]:
        lines += [
            f"    {STORES[release]}",
            f"    {OF_A_FILE[release]}",
            "        store = FileStore(distributed_init_method, world_size)",
            "    torch.distributed.init_process_group(",
            "        backend=backend,",
            "        init_method=distributed_init_method if store is None else None,",
            "        store=store,",
            "        world_size=world_size,",
            "    )",
        ]
    else:
        lines += [
            "    torch.distributed.init_process_group(",
            "        backend=backend,",
            "        init_method=distributed_init_method,",
            "        world_size=world_size,",
            "    )",
        ]
    return "\n".join([*lines, ""])


def called_with(text: str, address: str, available: str) -> dict[str, object]:
    """Say what torch is given."""
    given: dict[str, object] = {}
    distributed = SimpleNamespace(
        is_backend_available=lambda backend: backend in available,
        init_process_group=lambda **words: given.update(words),
    )
    names = run(text, torch=SimpleNamespace(distributed=distributed), FileStore=lambda *_: "a file")
    names.init_distributed_environment(1, address, "nccl")
    return given


@pytest.mark.parametrize("release", STORES)
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "file:///tmp/world"])
@pytest.mark.parametrize("available", ["nccl gloo", "gloo"])
def test_elsewhere_torch_gets_what_upstream_gives_it(
    monkeypatch: pytest.MonkeyPatch, release: str, address: str, available: str
) -> None:
    runtime_module(monkeypatch, "linux")
    upstream = called_with(excerpt(release), address, available)
    ours = called_with(patched(PATCH, release, MODULE, excerpt(release)), address, available)
    # torch's own default.
    assert ours == {"store": None, **upstream}


@pytest.mark.parametrize("release", STORES)
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "file://C:/world"])
def test_windows_gets_the_fake_backend_and_a_store_without_tcp(
    monkeypatch: pytest.MonkeyPatch, release: str, address: str
) -> None:
    runtime = runtime_module(monkeypatch, "win32")
    monkeypatch.setattr(runtime.process_group, "cpu_backend", lambda: "fake")
    monkeypatch.setattr(runtime, "world_store", lambda _: "the store")
    given = called_with(patched(PATCH, release, MODULE, excerpt(release)), address, "gloo fake")
    assert given == {
        "backend": "fake",
        "init_method": None,
        "store": "the store",
        "world_size": 1,
    }


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
