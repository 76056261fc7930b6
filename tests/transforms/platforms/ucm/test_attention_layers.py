"""A connector without metadata for a step is left alone in the step's layers."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.ucm.loaded import executed, load, with_counterpart
from transforms.engine.outcome import Status
from transforms.platforms.ucm.attention_layers import PATCH

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "vllm.attention.layer"
BEFORE = """
def wait_for_kv_layer_from_connector(layer_name: str):
    connector = get_kv_transfer_group()

    forward_context: ForwardContext = get_forward_context()
    connector.calls.append(("wait", layer_name))


def maybe_save_kv_layer_to_connector(layer_name: str, kv_cache_layer):
    connector = get_kv_transfer_group()

    forward_context: ForwardContext = get_forward_context()
    connector.calls.append(("save", layer_name))
"""
AFTER = """
from vllm import wheelwright_ucm


def wait_for_kv_layer_from_connector(layer_name: str):
    connector = get_kv_transfer_group()

    if wheelwright_ucm.on and not connector.has_connector_metadata():
        return
    forward_context: ForwardContext = get_forward_context()
    connector.calls.append(("wait", layer_name))


def maybe_save_kv_layer_to_connector(layer_name: str, kv_cache_layer):
    connector = get_kv_transfer_group()

    if wheelwright_ucm.on and not connector.has_connector_metadata():
        return
    forward_context: ForwardContext = get_forward_context()
    connector.calls.append(("save", layer_name))
"""


def test_both_helpers_ask_first() -> None:
    for release in ("0.9.2", "0.11.0"):
        assert patched(PATCH, release, MODULE, BEFORE) == dedent(AFTER)


@pytest.mark.parametrize(
    ("asked", "has", "called"),
    [("1", False, False), ("1", True, True), (None, False, True), (None, True, True)],
)
def test_a_layer_calls_the_connector_where_there_is_something_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: str | None, *, has: bool, called: bool
) -> None:
    with_counterpart(monkeypatch, tmp_path)
    connector = SimpleNamespace(calls=[], has_connector_metadata=lambda: has)
    names = executed(
        PATCH,
        "0.11.0",
        MODULE,
        BEFORE,
        load(monkeypatch, asked),
        get_kv_transfer_group=lambda: connector,
        get_forward_context=lambda: None,
    )
    names.wait_for_kv_layer_from_connector("l")
    names.maybe_save_kv_layer_to_connector("l", None)
    assert connector.calls == ([("wait", "l"), ("save", "l")] if called else [])


def test_it_ends_where_upstream_has_it() -> None:
    assert status_on(PATCH, "0.11.1") is Status.EXCLUDED
