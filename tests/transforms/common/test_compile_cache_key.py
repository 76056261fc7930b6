"""A stock and a patched build never share compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.musa.conftest import guards  # noqa: F401 - a fixture
from tests.transforms.platforms.musa.guards import RELEASES
from tests.transforms.trees import MemoryTree
from transforms.common.compile_cache_key import PATCH
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from tests.transforms.platforms.musa.guards import Guards

_BEFORE = """
    class VllmConfig:
        def compute_hash(self):
            vllm_factors = []
            vllm_factors.append(__version__)
            return vllm_factors
"""


@pytest.mark.parametrize(
    ("release", "path"),
    [
        ("0.9.2", "vllm/config.py"),
        ("0.11.0", "vllm/config/__init__.py"),
        ("0.11.1", "vllm/config/vllm.py"),
        ("0.33.0", "vllm/config/vllm.py"),
    ],
)
def test_the_digest_comes_behind_the_version(release: str, path: str) -> None:
    tree = MemoryTree.of({path: _BEFORE})
    (outcome,) = match_patches({"wheelwright/compile_cache_key": PATCH}, tree, release)
    assert outcome.status is Status.APPLIED
    (file,) = apply_sites([outcome], tree)
    assert [line.strip() for line in file.after.decode().splitlines()[3:]] == [
        "vllm_factors.append(__version__)",
        "from vllm.wheelwright import DIGEST as wheelwright_digest",
        "",
        "vllm_factors.append(wheelwright_digest)",
        "return vllm_factors",
    ]


@pytest.mark.guards
@pytest.mark.parametrize("release", RELEASES)
def test_the_real_key_is_not_that_of_upstream(guards: Guards, release: str) -> None:  # noqa: F811
    patched = guards.on_musa("compile_cache_key", release)
    assert patched != guards.on_musa("compile_cache_key", release, stock=True)
