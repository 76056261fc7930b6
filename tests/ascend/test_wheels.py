"""The wheels themselves: the same from every front end, and what they say of the plugin."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.ascend.environment import manifest_of

pytestmark = pytest.mark.ascend

# Where pip has put the one that the documentation's command builds.
_VARIABLE = "ASCEND_WHEELS"


def _digest(folder: Path) -> str:
    (wheel,) = folder.glob("*.whl")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def test_pip_builds_the_same_bytes(environment: Path) -> None:
    wheels = os.environ.get(_VARIABLE)
    if wheels is None:
        pytest.fail(f"{_VARIABLE} is not set: run `nox -s wheel-ascend`")
    assert _digest(Path(wheels)) == _digest(environment / "wheels" / "both")


def test_the_plugin_is_told_of_only_where_it_is_built_in(environment: Path) -> None:
    assert "plugin" not in manifest_of(environment / "ascend")
    for tree in ("both", "woven"):
        plugin: Any = manifest_of(environment / tree)["plugin"]
        assert len(plugin["mutations"]) == 243


def test_the_platforms_own_patches_come_before_the_plugins(environment: Path) -> None:
    both: Any = manifest_of(environment / "both")["plugin"]
    woven: Any = manifest_of(environment / "woven")["plugin"]
    pairs = zip(both["mutations"], woven["mutations"], strict=True)
    replaced = [(one, other) for one, other in pairs if one["what"].startswith("by ascend/")]
    assert len(replaced) == 23
    assert {one["outcome"] for one, _ in replaced} == {"compiled"}
    # The two are other names of what is compiled.
    outcomes = Counter(other["outcome"] for _, other in replaced)
    assert outcomes == {"compiled": 21, "needs nothing": 2}
