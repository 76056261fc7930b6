"""`list` names platforms, patches with their reasons, and the releases in the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from build_hooks.lock import read_lock
from build_hooks.platforms import load_platform, platform_names
from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.drift.planted import RELEASES, plant, replacing
from tests.build_hooks.project import make_project
from tests.build_hooks.small_plugin import FILES, SPEC, lock_plugin, plugin_sdist
from tests.build_hooks.small_release import RELEASE

if TYPE_CHECKING:
    from pathlib import Path


def test_json_has_all_platforms_patches_and_releases() -> None:
    document = run_json("list")
    assert tuple(item["name"] for item in document["platforms"]) == platform_names()
    for platform in document["platforms"]:
        stems = [patch["name"].partition("/")[2] for patch in platform["patches"]]
        assert stems == list(load_platform(platform["name"]).patches)
        for patch in platform["patches"]:
            assert all(patch[key] for key in ("why", "upstream", "drop_when", "versions"))
            assert patch["outcome"] is None
    assert document["release"] is None
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
        _, found, below = drop.stdout.partition(f"  drop it when: {patch.drop_when}\n")
        assert found
        until = below.partition("drop it when: ")[0]
        assert f"      musa/{stem}  ({patch.versions}" in until
        assert f"          upstream: {patch.upstream}\n" in until
    assert f"\ndefault release: {read_lock().default_release}\n" in why.stdout


def test_a_patch_that_is_for_older_releases_only_comes_first() -> None:
    lines = run("list", "--by", "drop_when", "-p", "ascend").stdout.splitlines()
    assert lines[0].startswith("for older releases only: ")
    at = lines.index("      ascend/lost_notifications  (>=0.23,<0.27; not for 0.27.0 and later)")
    assert at < next(number for number, line in enumerate(lines) if "names code" in line)


def test_only_the_platforms_that_are_asked_for() -> None:
    document = run_json("list", "-p", "windows, ascend")
    assert [item["name"] for item in document["platforms"]] == ["ascend", "windows"]
    none = run("list", "-p", ",")
    assert "names no platform" in assert_clean_failure(none, 2)
    assert "musaa" in assert_clean_failure(run("list", "-p", "musaa"), 2)


def test_a_release_says_where_each_patch_stands(tmp_path: Path) -> None:
    patches = {
        "holds": (replacing("platform", '$x == "cpu"', '$x in ("cpu", "musa")'), ""),
        "early": (replacing("worker", "nothing", "something"), "<0.32"),
        "there": (replacing("tool", "level + 1", "level + 2"), ""),
        "drifts": (replacing("worker", '$d.device_type == "cuda"', '$d.device_type != "cpu"'), ""),
    }
    project = plant(tmp_path, patches)
    options: dict[str, Any] = {"project": project.root, "env": project.environment()}
    document = run_json("list", "--vllm", RELEASES[2], **options)
    (platform,) = document["platforms"]
    assert {patch["name"]: (patch["outcome"], patch["ended"]) for patch in platform["patches"]} == {
        "toy/drifts": ("drifted", None),
        "toy/early": ("excluded", "0.32.0"),
        "toy/holds": ("applied", None),
        "toy/there": ("obsolete", None),
    }
    text = run("list", "--vllm", RELEASES[2], "--by", "drop_when", **options).stdout
    assert text.startswith(
        "upstream has what they write: 1\n  drop it when: never\n      toy/there"
    )
    assert "\nfor older releases only: 1\n" in text
    by_name = run("list", "--vllm", RELEASES[2], **options).stdout
    assert "\n  toy/holds  (): applied on 0.33.0\n" in by_name
    assert list(project.index.iterdir())
    assert not project.cache.exists() or len(project.kept()) == 1


def test_the_patches_of_a_plugin_come_last_under_its_package(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    lock_plugin(project, plugin_sdist(project.index))
    options: dict[str, Any] = {"project": project.root, "env": project.environment()}
    alone = run_json("list", "--plugin", SPEC, **options)
    (plugin,) = alone["platforms"]
    assert plugin["name"] == "plug"
    assert plugin["summary"].endswith(f"patches while it runs, compiled for {RELEASE}")
    assert alone["release"] == RELEASE
    found = {
        patch["name"]: (patch["outcome"], patch["ended"], patch["names"])
        for patch in plugin["patches"]
    }
    assert found == {
        "plug/device": ("applied", None, "none of these"),
        "plug/kind": ("applied", None, "code"),
    }
    both = run_json("list", "--plugin", SPEC, "-p", "musa", "--vllm", RELEASE, **options)
    assert [item["name"] for item in both["platforms"]] == ["musa", "plug"]
    text = run("list", "--plugin", SPEC, "--by", "drop_when", **options).stdout
    assert "\nnobody has said when: 1\n  drop it when: not said by small-plugin " in text


def test_a_plan_of_a_plugin_that_says_nothing_is_as_none(tmp_path: Path) -> None:
    said = FILES["plug/patch/__init__.py"].decode()
    changes = {
        "plug/patch/__init__.py": said.replace("Remove it when is_cpu asks the plugin.", "TODO")
    }
    project = make_project(tmp_path)
    lock_plugin(project, plugin_sdist(project.index, changes))
    document = run_json("list", "--plugin", SPEC, project=project.root, env=project.environment())
    (kind,) = (
        patch for patch in document["platforms"][0]["patches"] if patch["name"] == "plug/kind"
    )
    assert kind["why"] == "Its kind is another one."
    assert kind["drop_when"].startswith("not said by small-plugin ")


def test_wrong_use(tmp_path: Path) -> None:
    assert "--by" in assert_clean_failure(run("list", "--by", "size"), 2)
    project = plant(tmp_path, {"holds": (replacing("tool", "level", "number"), "")})
    unknown = run("list", "--vllm", "1.0", project=project.root, env=project.environment())
    assert "1.0" in assert_clean_failure(unknown, 3)
