"""Roots, processes and the modules below them."""

from __future__ import annotations

import pytest

from tests.transforms.importers.monkeypatch.running import plugin_of

_FILES = {
    "plug/__init__.py": "",
    "plug/patch/__init__.py": "",
    "plug/patch/platform/__init__.py": "",
    "plug/patch/platform/one.py": "",
    "plug/patch/worker/__init__.py": "",
    "plug/patch/worker_two.py": "",
}


def test_the_process_of_a_root_is_its_last_name_or_that_of_the_root_around_it() -> None:
    roots = ("plug.patch.platform", "plug.patch.worker", "plug.patch.platform.one")
    plugin = plugin_of(_FILES, roots)
    assert [plugin.process(root) for root in roots] == ["platform", "worker", "platform"]


@pytest.mark.parametrize("roots", [["plug.patch"], ["plug.patch", "plug.patch.worker"]])
def test_roots_of_one_package_say_nothing_of_processes(roots: list[str]) -> None:
    assert {plugin_of(_FILES, roots).process(root) for root in roots} == {""}


def test_what_is_read_is_below_a_root() -> None:
    plugin = plugin_of(_FILES, ["plug.patch.worker"])
    asked = ["plug.patch.worker", "plug.patch.worker.x", "plug.patch.worker_two", "plug.patch"]
    assert [plugin.is_read(name) for name in asked] == [True, True, False, False]
    assert plugin.modules_below("plug.patch.worker") == ["plug.patch.worker"]
    assert plugin_of(_FILES, ["plug.patch"]).modules_below("plug.patch.platform") == [
        "plug.patch.platform",
        "plug.patch.platform.one",
    ]


def test_no_root_and_a_root_of_another_package_are_refused() -> None:
    with pytest.raises(ValueError, match="no root"):
        plugin_of(_FILES, [])
    with pytest.raises(ValueError, match=r"no module 'other\.patch'"):
        plugin_of(_FILES, ["other.patch"])


def test_a_function_is_a_root_of_its_module() -> None:
    plugin = plugin_of(_FILES, ["plug.patch.platform:go", "plug.patch.worker:go"])
    assert plugin.modules == ("plug.patch.platform", "plug.patch.worker")
    assert plugin.process("plug.patch.worker:go") == "worker"
    assert plugin.is_read("plug.patch.platform.one")
    assert plugin.modules_below("plug.patch.worker:go") == ["plug.patch.worker"]
