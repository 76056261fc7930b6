"""What clients are configured with, read by pip's and uv's own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tomli

from build_hooks.errors import UsageError
from build_hooks.index.client_config import choose, config
from tests.build_hooks.index.test_simple import entry_of

if TYPE_CHECKING:
    from build_hooks.index.entry import Entry

URL = "https://index.example/private"
FILES = [
    entry_of(sha256="11" * 32),
    entry_of(filename="vllm-0.33.0+musa-cp311.whl", sha256="22" * 32),
    entry_of(filename="vllm-0.33.0+musa.tar.gz", kind="sdist", sha256="33" * 32),
    entry_of(filename="old.whl", version="0.32.0+musa", sha256="44" * 32),
    entry_of(filename="cpu.whl", project="vllm-cpu", version="0.32.0+profile", sha256="55" * 32),
]
KNOWN = {entry.filename: entry for entry in FILES}


def chosen(*words: str) -> list[list[Entry]]:
    return choose(KNOWN, words)


def test_pip_is_told_one_index_and_the_hash_of_every_wheel() -> None:
    lines = config("pip", chosen("vllm==0.33.0+musa"), URL, "").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "--index-url https://index.example/private/simple/",
        "vllm==0.33.0+musa \\",
        f"    --hash=sha256:{'11' * 32} \\",
        f"    --hash=sha256:{'22' * 32}",
    ]


def test_uv_takes_what_is_named_from_this_index_alone() -> None:
    text = config("uv", chosen("vllm==0.33.0+musa", "vllm-cpu"), f"{URL}/", "ours")
    tool = tomli.loads(text)["tool"]["uv"]
    assert tool == {
        "index": [{"name": "ours", "url": f"{URL}/simple/", "explicit": True}],
        "sources": {"vllm": {"index": "ours"}, "vllm-cpu": {"index": "ours"}},
        "constraint-dependencies": ["vllm==0.33.0+musa", "vllm-cpu==0.32.0+profile"],
    }


def test_one_version_needs_no_naming() -> None:
    known = {entry.filename: entry for entry in FILES if entry.version == "0.33.0+musa"}
    assert [len(group) for group in choose(known, [])] == [3]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "several versions of vllm: vllm==0.32.0\\+musa, vllm==0.33.0\\+musa"),
        (["vlm"], "no project 'vlm' .did you mean 'vllm'"),
        (["vllm==0.33.0+muza"], "did you mean 'vllm==0.33.0\\+musa'"),
        (["vllm=="], "no requirement"),
    ],
)
def test_what_cannot_be_pinned_is_said(words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        chosen(*words)


def test_what_is_yanked_is_not_recommended() -> None:
    known = {"a.whl": entry_of(filename="a.whl", yanked="broken")}
    with pytest.raises(UsageError, match="all its files are yanked"):
        choose(known, [])


def test_an_empty_index_is_said() -> None:
    with pytest.raises(UsageError, match="empty"):
        choose({}, [])
