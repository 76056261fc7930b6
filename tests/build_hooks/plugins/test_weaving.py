"""A plugin's patches stand beside those of the platforms, and these take precedence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import UsageError
from build_hooks.plugins.opened import OpenedPlugin, open_plugin
from build_hooks.plugins.weaving import Release, Woven, weave
from tests.build_hooks.small_plugin import DEVICE, plugin_folder
from tests.build_hooks.small_release import RELEASE, small_files
from tests.transforms.trees import MemoryTree
from transforms.edits import Patch, Replace

if TYPE_CHECKING:
    from pathlib import Path

KIND = "vllm.platforms.interface:Platform.is_cpu"
TARGET = Release(tree=MemoryTree(small_files(), []), name=RELEASE, oldest=(3, 10))


def by_hand(*replaces: str, versions: str = ">=0.30") -> Patch:
    return Patch(
        why="w",
        upstream="u",
        drop_when="d",
        versions=versions,
        replaces=replaces,
        edits=[Replace(inside="m", find="a", replace="b")],
    )


@pytest.fixture
def opened(tmp_path: Path) -> OpenedPlugin:
    return open_plugin(plugin_folder(tmp_path / "plugin"), None, roots=(), define=())


def woven(opened: OpenedPlugin, patches: dict[str, Patch], **chosen: tuple[str, ...]) -> Woven:
    return weave(opened, TARGET, patches, **{"only": (), "skip": (), **chosen})


def what(result: Woven, target: str) -> tuple[str, ...]:
    (row,) = (row for row in result.rows if row.target == target)
    return row.by or (f"plug/{row.patch}",)


def test_names_are_those_of_the_package(opened: OpenedPlugin) -> None:
    result = woven(opened, {"acme/device": by_hand()})
    assert sorted(result.patches) == ["plug/device", "plug/kind"]
    assert result.notes == ()


def test_a_patch_in_force_replaces_what_it_names(opened: OpenedPlugin) -> None:
    result = woven(opened, {"acme/device": by_hand(DEVICE)})
    assert sorted(result.patches) == ["plug/kind"]
    assert what(result, DEVICE) == ("acme/device",)
    assert what(result, KIND) == ("plug/kind",)


def test_a_patch_for_other_releases_replaces_nothing(opened: OpenedPlugin) -> None:
    result = woven(opened, {"acme/device": by_hand(DEVICE, "vllm.a:b", versions="<0.30")})
    assert what(result, DEVICE) == ("plug/device",)
    assert result.notes == ()


def test_of_patches_that_share_a_target_all_must_be_in_force(opened: OpenedPlugin) -> None:
    patches = {"acme/one": by_hand(DEVICE), "acme/two": by_hand(DEVICE, KIND)}
    assert what(woven(opened, patches), DEVICE) == ("acme/one", "acme/two")
    part = woven(opened, patches, skip=("acme/one",))
    assert what(part, DEVICE) == ("plug/device",)
    assert what(part, KIND) == ("acme/two",)


def test_what_a_patch_replaces_in_vain_is_a_note(opened: OpenedPlugin) -> None:
    patches = {"acme/one": by_hand(DEVICE, "vllm.a:b", "vllm.a:c"), "acme/two": by_hand()}
    assert woven(opened, patches).notes == (
        "acme/one replaces what plug does not do: vllm.a:b, vllm.a:c",
    )


def test_patches_for_another_plugin_are_one_note(opened: OpenedPlugin) -> None:
    patches = {"acme/one": by_hand("vllm.a:b"), "acme/two": by_hand("vllm.a:c")}
    assert woven(opened, patches).notes == (
        "nothing that plug does is replaced by a patch of the platform",
    )


def test_a_name_that_neither_has_is_refused(opened: OpenedPlugin) -> None:
    for name in ("acme/devise", "plug/devise", "other/device"):
        with pytest.raises(UsageError, match=re.escape(f"no patch {name!r}")):
            woven(opened, {"acme/device": by_hand()}, only=(name,))
