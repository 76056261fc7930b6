"""The package is on where ENABLE_SPARSE says so and uc-manager is there, and off otherwise."""

from __future__ import annotations

import sys

import pytest

from tests.transforms.platforms.ucm_sparse.loaded import FOLDER, load, switched_on
from transforms.platforms.ucm_sparse.hooks import FILES


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "on"])
def test_what_ucm_takes_as_yes_switches_it_on(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, ENABLE_SPARSE=value).package.on


@pytest.mark.parametrize("value", [None, "", "0", "false", "no", "off", "2"])
def test_anything_else_leaves_it_off(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(monkeypatch, VLLM_HASH_ATTENTION="1")
    if value is not None:
        loaded = load(monkeypatch, VLLM_HASH_ATTENTION="1", ENABLE_SPARSE=value)
    package = loaded.package
    assert not package.on
    assert not package.hash_attention
    # Nothing but the switch is imported.
    assert not [name for name in sys.modules if name.startswith("wheelwright_ucm_sparse.")]


def test_without_uc_manager_it_is_off_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    package = load(monkeypatch, installed=False, ENABLE_SPARSE="1").package
    assert not package.on
    assert "uc-manager is not installed" in caplog.text


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("0", False), ("true", False)])
def test_hashes_are_kept_where_ucm_keeps_them(
    value: str,
    expected: bool,  # noqa: FBT001 - a parameter of the table above
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = load(monkeypatch, ENABLE_SPARSE="1", VLLM_HASH_ATTENTION=value).package
    assert package.hash_attention is expected


def test_ucm_is_not_imported_before_an_agent_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = switched_on(monkeypatch)
    for name in ("ucm.sparse", "ucm.sparse.state", "ucm.sparse.base"):
        monkeypatch.delitem(sys.modules, name)
    assert loaded.package.attention.begins(None, 1, 2, 3, 4, "layer") == (1, 2, 3, 4)
    with pytest.raises(ModuleNotFoundError):
        loaded.start()


def test_every_file_is_named() -> None:
    assert {path.name for path in FOLDER.glob("*.py")} == set(FILES)


def test_every_module_of_points_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    package = switched_on(monkeypatch).package
    assert {name.removesuffix(".py") for name in FILES} - {"__init__"} <= set(vars(package))
