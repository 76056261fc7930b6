"""Upstream's own vllm/envs.py, patched: it knows the variables, and keys no cache by them."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.pipeline import Plan, make_plan
from build_hooks.settings import read_settings
from tests.transforms.platforms.profile.test_environment import VALUES
from tests.transforms.trees import MemoryTree
from tests.wheels.real import real_environment
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.platforms.profile.environment import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.upstream

RELEASES = ("0.14.1", "0.17.0", "0.23.0", "0.28.0", "0.33.0")
ENVS = "vllm/envs.py"
RAY = "vllm/ray/ray_env.py"


@pytest.fixture(scope="module", params=RELEASES)
def plan(request: pytest.FixtureRequest) -> Plan:
    settings = {"platform": "musa", "vllm": request.param}
    return make_plan(read_settings(settings, real_environment()))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Any]:
    """Import a module's text under its name, with stand-ins for what it needs of the rest."""
    logger = ModuleType("vllm.logger")
    utils = ModuleType("vllm.config.utils")
    logger.init_logger = __import__("logging").getLogger  # type: ignore[attr-defined]
    utils.normalize_value = repr  # type: ignore[attr-defined]
    for name, there in {"vllm.logger": logger, "vllm.config.utils": utils}.items():
        monkeypatch.setitem(sys.modules, name, there)
    for name in ("vllm", "vllm.config"):
        package = ModuleType(name)
        package.__path__ = []
        monkeypatch.setitem(sys.modules, name, package)

    def make(name: str, text: str) -> Any:  # noqa: ANN401
        made = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, made)
        exec(compile(text, name, "exec"), vars(made))  # noqa: S102 - it is upstream's own text
        if name == "vllm.envs":
            sys.modules["vllm"].envs = made  # type: ignore[attr-defined]
        return made

    return make


def _envs(plan: Plan) -> tuple[str, str]:
    stock = plan.artifact.read(ENVS)
    tree = MemoryTree.of({ENVS: stock})
    (outcome,) = match_patches({"profile/environment": PATCH}, tree, str(plan.settings.vllm))
    assert outcome.status is Status.APPLIED, outcome.problems
    (file,) = apply_sites([outcome], tree)
    return stock.decode(), file.after.decode()


def test_nothing_but_the_six_variables_is_new_and_no_cache_key_is(
    plan: Plan, module: Callable[[str, str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = _envs(plan)
    stock = module("vllm.envs", before)
    known, factors = dict(stock.environment_variables), stock.compile_factors()
    envs = module("vllm.envs", after)
    assert set(envs.environment_variables) - set(known) == set(VALUES)
    assert set(known) <= set(envs.environment_variables)
    assert envs.compile_factors() == factors
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    assert envs.compile_factors() == factors
    if hasattr(envs, "validate_environ"):
        envs.validate_environ(hard_fail=True)
        with pytest.raises(ValueError, match="Unknown vLLM environment variable"):
            module("vllm.envs", before).validate_environ(hard_fail=True)
    assert [envs.environment_variables[name]() for name in VALUES] == [
        True,
        "/there",
        7,
        True,
        True,
        VALUES["VLLM_PROFILING_SESSION"],
    ]


def test_ray_copies_them_to_its_workers(
    plan: Plan, module: Callable[[str, str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VLLM_CONFIG_ROOT", "/nowhere")
    module("vllm.envs", _envs(plan)[1])
    ray = module("vllm.ray.ray_env", plan.artifact.read(RAY).decode())
    assert set(VALUES) <= set(ray.get_env_vars_to_copy())
