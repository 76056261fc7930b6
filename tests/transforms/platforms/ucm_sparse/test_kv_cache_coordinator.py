"""UCM may call the coordinator with a request, its tokens and its computed blocks."""

from __future__ import annotations

import pytest

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ucm_sparse.kv_cache_coordinator import PATCH

MODULE = "vllm.v1.core.kv_cache_coordinator"
# The parameters behind those that UCM gives, and what their values must be without them.
PARAMETERS = {
    "0.10.2": (["num_encoder_tokens: int"], (0,)),
    "0.11.0": (["num_encoder_tokens: int"], (0,)),
    "0.14.0": (["num_encoder_tokens: int", "total_computed_tokens: int"], (0, 0)),
    "0.16.0": (
        ["num_encoder_tokens: int", "total_computed_tokens: int", "num_tokens_main_model: int"],
        (0, 0, 9),
    ),
    "0.25.1": (
        [
            "num_encoder_tokens: int",
            "total_computed_tokens: int",
            "num_tokens_main_model: int",
            "apply_admission_cap: bool = False",
        ],
        (0, 0, 9, False),
    ),
    "0.33.0": (
        [
            "num_encoder_tokens: int",
            "total_computed_tokens: int",
            "num_local_computed_tokens: int",
            "num_tokens_main_model: int",
            "apply_admission_cap: bool = False",
            "prefill_end: int = 0",
        ],
        (0, 0, 0, 9, False, 0),
    ),
}
BEFORE = """
class KVCacheCoordinator:
    def get_num_blocks_to_allocate(
        self, request_id: str, num_tokens: int, new_computed_blocks: tuple, {parameters}
    ) -> int:
        num_blocks_to_allocate = 0
        return ({names},)

    def allocate_new_blocks(
        self, request_id: str, num_tokens, num_tokens_main_model: int, num_encoder_tokens: int = 0
    ) -> tuple:
        return tuple([num_tokens, num_tokens_main_model, num_encoder_tokens])
"""


def _before(release: str) -> str:
    parameters, _ = PARAMETERS[release]
    names = ", ".join(item.split(":")[0] for item in parameters)
    return BEFORE.format(parameters=", ".join(parameters), names=names)


@pytest.mark.parametrize("release", PARAMETERS)
def test_what_ucm_leaves_out_has_a_default(release: str) -> None:
    coordinator = run(patched(PATCH, release, MODULE, _before(release))).KVCacheCoordinator()
    _, expected = PARAMETERS[release]
    assert coordinator.get_num_blocks_to_allocate("r", 9, ()) == expected


@pytest.mark.parametrize("release", PARAMETERS)
def test_what_vllm_gives_is_kept(release: str) -> None:
    coordinator = run(patched(PATCH, release, MODULE, _before(release))).KVCacheCoordinator()
    values = tuple(range(1, 1 + len(PARAMETERS[release][0])))
    assert coordinator.get_num_blocks_to_allocate("r", 9, (), *values) == values


@pytest.mark.parametrize("release", ["0.16.0", "0.33.0"])
def test_new_blocks_are_those_of_the_tokens(release: str) -> None:
    coordinator = run(patched(PATCH, release, MODULE, _before(release))).KVCacheCoordinator()
    assert coordinator.allocate_new_blocks("r", 9) == (9, 9, 0)
    assert coordinator.allocate_new_blocks("r", 9, 4, 2) == (9, 4, 2)


def test_before_encoders_nothing_was_required() -> None:
    assert status_on(PATCH, "0.10.1.1") is Status.EXCLUDED
