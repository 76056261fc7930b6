"""`list` names platforms, patches with their reasons, and the releases in the lock."""

from __future__ import annotations

from build_hooks.lock import read_lock
from build_hooks.platforms import load_platform, platform_names
from tests.build_hooks.command_line import assert_clean_failure, run, run_json


def test_json_has_all_platforms_patches_and_releases() -> None:
    document = run_json("list")
    assert tuple(item["name"] for item in document["platforms"]) == platform_names()
    for platform in document["platforms"]:
        stems = [patch["name"].partition("/")[2] for patch in platform["patches"]]
        assert stems == list(load_platform(platform["name"]).patches)
        for patch in platform["patches"]:
            assert all(patch[key] for key in ("why", "upstream", "drop_when", "versions"))
    lock = read_lock()
    assert document["default_release"] == lock.default_release
    for name, kinds in document["releases"].items():
        for kind, releases in kinds.items():
            assert tuple(releases) == lock.releases(name, kind)


def test_text_shows_why_or_when_to_drop() -> None:
    why, drop = run("list"), run("list", "--by", "drop_when")
    assert why.returncode == drop.returncode == 0
    for stem, patch in load_platform("musa").patches.items():
        assert f"  musa/{stem}  ({patch.versions})\n      {patch.why}\n" in why.stdout
        assert f"      drop it when: {patch.drop_when}\n" in drop.stdout
    assert f"\ndefault release: {read_lock().default_release}\n" in why.stdout


def test_wrong_use() -> None:
    assert "--by" in assert_clean_failure(run("list", "--by", "size"), 2)
