"""Upstream's own build gives a patched sdist one version, and leaves `vllm.__version__` alone."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from tests.transforms.trees import MemoryTree
from transforms.common.sdist.one_version import PATCH
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status

BEFORE = """
    def get_vllm_version() -> str:
        if env_version := os.getenv("VLLM_VERSION_OVERRIDE"):
            os.environ["PRETEND"] = env_version
            return get_version(write_to="vllm/_version.py"{options})

        version = get_version(write_to="vllm/_version.py"{options})
        sep = "+" if "+" not in version else "."  # dev versions might contain +

        if device:
            version += f"{{sep}}cu130"
        return version
"""
RELEASES = {"0.9.2": "", "0.14.1": "", "0.30.0": "", "0.31.0": ", git_describe_command=COMMAND"}


def setup_of(release: str) -> dict[str, Any]:
    """Apply the patch to an excerpt of a release's setup.py, and run that.

    Returns:
        Its names; `asked` are the arguments of the calls of `get_version`.
    """
    before = BEFORE.format(options=RELEASES[release])
    tree = MemoryTree.of({"setup.py": before})
    (outcome,) = match_patches({"wheelwright/one_version": PATCH}, tree, release)
    assert outcome.status is Status.APPLIED, outcome.problems
    (file,) = apply_sites([outcome], tree)
    asked: list[dict[str, str]] = []
    environment: dict[str, str] = {}

    class System:
        environ = environment
        getenv = environment.get

    def get_version(**options: str) -> str:
        asked.append(options)
        return str(names["found"])

    names: dict[str, Any] = {
        "os": System,
        "get_version": get_version,
        "COMMAND": "git",
        "asked": asked,
        "device": True,
    }
    exec(compile(dedent(file.after.decode()), "setup.py", "exec"), names)  # noqa: S102
    return names


@pytest.mark.parametrize("release", RELEASES)
def test_a_labelled_version_stays_and_is_not_written(release: str) -> None:
    names = setup_of(release)
    names["found"] = "0.14.1+windows"
    assert names["get_vllm_version"]() == "0.14.1+windows"
    assert "write_to" not in names["asked"][0]
    assert names["asked"][0] == ({"git_describe_command": "git"} if RELEASES[release] else {})


@pytest.mark.parametrize("release", RELEASES)
def test_a_version_without_a_label_gets_upstreams_own(release: str) -> None:
    names = setup_of(release)
    names["found"] = "0.14.1"
    assert names["get_vllm_version"]() == "0.14.1+cu130"


@pytest.mark.parametrize("release", RELEASES)
def test_whoever_sets_a_version_has_it_everywhere(release: str) -> None:
    names = setup_of(release)
    names["found"] = "9.9"
    names["os"].environ["VLLM_VERSION_OVERRIDE"] = "9.9"
    assert names["get_vllm_version"]() == "9.9"
    assert names["asked"][0]["write_to"] == "vllm/_version.py"
