"""The lock of plugins: what it refuses, finds and writes."""

from __future__ import annotations

import re

import pytest

from build_hooks.errors import LockError, UnknownReleaseError
from build_hooks.lock.plugin_lock import (
    PLUGIN_LOCK_PATH,
    LockedPlugin,
    PluginLock,
    dump_plugin_lock,
    parse_plugin_lock,
    read_plugin_lock,
)
from tests.build_hooks.sample_archives import locked

ROOTS = ("plug.patch.platform", "plug.patch.worker")


def plugin(release: str = "1.0", *, name: str = "some-plugin", **define: str) -> LockedPlugin:
    file = f"{name.replace('-', '_')}-{release}.tar.gz"
    data = f"{name} {release}".encode()
    return LockedPlugin(locked(data, file, release=release, distribution=name), ROOTS, define)


def test_the_committed_lock_is_as_it_is_written() -> None:
    text = PLUGIN_LOCK_PATH.read_text(encoding="utf-8")
    assert dump_plugin_lock(read_plugin_lock()) == text
    ascend = read_plugin_lock().find("vllm_ascend", "0.23.0post1")
    assert ascend.spec == "vllm-ascend==0.23.0.post1"
    assert ascend.define == {"HAS_TRITON": "True", "is_310p": "False", "is_rc_device": "False"}
    assert ascend.roots == ("vllm_ascend.patch.platform", "vllm_ascend.patch.worker")


def test_what_is_written_is_read_again_in_one_order() -> None:
    plugins = [
        plugin("2.0", **{"a.b": 'say "no"', "A": "1"}),
        plugin("1.0"),
        plugin("1.0", name="another"),
    ]
    text = dump_plugin_lock(PluginLock(tuple(plugins)))
    read = parse_plugin_lock(text)
    assert [item.spec for item in read.plugins] == [
        "another==1.0",
        "some-plugin==1.0",
        "some-plugin==2.0",
    ]
    assert read.plugins[2] == plugins[0]
    assert dump_plugin_lock(PluginLock(tuple(reversed(plugins)))) == text
    assert parse_plugin_lock(dump_plugin_lock(PluginLock())) == PluginLock()
    one, other = plugin(A="1", B="2"), plugin(B="2", A="1")
    assert dump_plugin_lock(PluginLock((one,))) == dump_plugin_lock(PluginLock((other,)))


def test_another_entry_of_a_version_takes_the_place_of_the_first() -> None:
    lock = PluginLock((plugin(), plugin("2.0"))).merge([plugin(A="1")])
    assert [dict(item.define) for item in lock.plugins] == [{"A": "1"}, {}]


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("Some.Plugn", "1.0", "no plugin 'some-plugn' (did you mean 'some-plugin'?)"),
        ("some_plugin", "1.1", "no some-plugin 1.1 (did you mean '1.0'?)"),
    ],
)
def test_names_the_closest_thing_and_the_next_step(name: str, version: str, message: str) -> None:
    with pytest.raises(UnknownReleaseError, match=re.escape(message)) as caught:
        PluginLock((plugin(),)).find(name, version)
    assert "lock add --plugin some-plug" in caught.value.next_step
    assert "or give the path" in caught.value.next_step


GOOD = dump_plugin_lock(PluginLock((plugin(A="1"),)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("schema = 1", "schema = 2", "has schema 2; this version reads schema 1"),
        ("schema = 1", "schema = ", "is not TOML"),
        ("schema = 1", "schema = 1\nmore = 1", "unknown key 'more'"),
        ("[[plugin]]", "[plugin]", "plugin must be an array of tables"),
        ('define = { "A" = "1" }\n', "", "plugin 1: 'define' is missing"),
        ('"A" = "1"', '"A" = 1', "define must be a table of texts"),
        ('{ "A" = "1" }', "[]", "define must be a table of texts"),
        ('"A" = "1"', '"A" = ""', "define 'A=': it is no name=value"),
        ('["plug.patch.platform", "plug.patch.worker"]', "[]", "names of modules, at least one"),
        ('["plug.patch.platform", "plug.patch.worker"]', '"plug"', "the names of modules"),
        ('release = "1.0"', 'release = "2.0"', "filename = 'some_plugin-1.0.tar.gz', expected"),
        ('distribution = "some-plugin"', 'distribution = "some_plugin"', "a normalised name"),
    ],
)
def test_refuses_what_cannot_be(old: str, new: str, message: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(LockError, match=re.escape(message)):
        parse_plugin_lock(GOOD.replace(old, new))


def test_refuses_a_version_that_stands_in_it_twice() -> None:
    twice = GOOD + GOOD[GOOD.index("[[plugin]]") :]
    with pytest.raises(LockError, match="a version of a plugin stands in it twice"):
        parse_plugin_lock(twice)
