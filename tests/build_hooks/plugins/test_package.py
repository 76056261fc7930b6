"""The package of a plugin is the one that its roots are of."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_hooks.plugins.package import plugin_in
from tests.transforms.trees import MemoryTree

_FILES = {
    "one/__init__.py": "def apply(): pass\n",
    "one/patch.py": "",
    "two/__init__.py": "def apply(): pass\n",
}


@pytest.mark.parametrize("root", ["one", "one.patch", "one:apply"])
def test_of_two_packages_a_root_names_one(root: str) -> None:
    plugin = plugin_in(MemoryTree.of(_FILES), Path("plugin"), [root])
    assert (plugin.package, plugin.roots, plugin.modules) == (
        "one",
        (root,),
        (root.partition(":")[0],),
    )
