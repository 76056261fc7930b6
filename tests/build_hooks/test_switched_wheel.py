"""A wheel with switches runs upstream's code or that of the patches, as the environment says."""

from __future__ import annotations

import json
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import environment, run, run_json
from tests.build_hooks.small_plugin import plugin_wheel
from tests.build_hooks.small_release import INTERFACE, ONLY, PATCHES, WHEEL, WORKER
from tests.build_hooks.switched_release import (
    python,
    release_sdist,
    switched_wheel,
    unpacked,
)

if TYPE_CHECKING:
    from pathlib import Path

# What runs in a process, of the two modules that the patches change.
SHOW = """
import inspect, json, pathlib, sys
from vllm.platforms import interface
from vllm.v1.worker import gpu_worker
from vllm.wheelwright_switches import switched_off
found = {}
functions = (interface.Platform.is_cuda, gpu_worker.Worker.init_device)
for module, function in zip((interface, gpu_worker), functions):
    source = pathlib.Path(function.__code__.co_filename).read_text()
    cls = next(item for item in vars(module).values() if isinstance(item, type))
    found[module.__name__] = {
        "source": source,
        "file": module.__file__,
        "function": inspect.getsource(function) in source,
        "class": inspect.getsource(cls) in source,
    }
json.dump({"modules": found, "off": switched_off()}, sys.stdout)
"""

READ = "print(pathlib.Path(m.Platform.is_cpu.__code__.co_filename).read_text(), end='')"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the wheel; nothing may change it."""
    return switched_wheel(tmp_path_factory.mktemp("switched"))


@pytest.fixture
def site(wheel: Path, tmp_path: Path) -> Path:
    """Install the wheel for one test."""
    return unpacked(wheel, tmp_path / "site")


def shown(site: Path, **variables: str) -> dict[str, dict[str, object]]:
    """Give what runs of the changed modules."""
    done = python(site, "-c", SHOW, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    modules: dict[str, dict[str, object]] = json.loads(done.stdout)["modules"]
    for name, module in modules.items():
        assert module["file"] == str(site / f"{name.replace('.', '/')}.py")
        assert module["function"]
        assert module["class"]
    return modules


def test_nothing_is_off_by_default(site: Path) -> None:
    modules = shown(site)
    for name, module in modules.items():
        path = site / f"{name.replace('.', '/')}.py"
        assert module["source"] == path.read_text(encoding="utf-8")
        assert "Modified by vllm-wheelwright" in str(module["source"])
    assert not (site.parent / "cache").exists()


def test_with_all_off_every_module_is_upstreams(site: Path) -> None:
    modules = shown(site, VLLM_WHEELWRIGHT_DISABLE="all")
    assert modules["vllm.platforms.interface"]["source"] == INTERFACE
    assert modules["vllm.v1.worker.gpu_worker"]["source"] == WORKER


def test_one_patch_is_off_by_its_name(site: Path) -> None:
    modules = shown(site, VLLM_WHEELWRIGHT_DISABLE="musa/worker_device_type")
    assert modules["vllm.v1.worker.gpu_worker"]["source"] == WORKER
    interface = (site / "vllm/platforms/interface.py").read_text(encoding="utf-8")
    assert modules["vllm.platforms.interface"]["source"] == interface != INTERFACE


def test_a_second_process_takes_what_the_first_has_written(site: Path) -> None:
    shown(site, VLLM_WHEELWRIGHT_DISABLE="all")
    cache = site.parent / "cache"
    first = {path: path.stat().st_mtime_ns for path in cache.rglob("*.py")}
    assert len(first) == len(PATCHES)
    shown(site, VLLM_WHEELWRIGHT_DISABLE="musa")
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.py")} == first
    # What somebody has damaged is written again.
    for path in first:
        path.write_text("raise SystemExit(9)\n", encoding="utf-8")
    shown(site, VLLM_WHEELWRIGHT_DISABLE="all")


def test_an_unknown_name_is_said_once_for_all_processes(site: Path) -> None:
    program = (
        "import subprocess, sys, vllm; "
        "subprocess.run([sys.executable, '-S', '-c', 'import vllm'], check=True)"
    )
    done = python(site, "-c", program, VLLM_WHEELWRIGHT_DISABLE="musa/worker_device")
    assert done.returncode == 0
    said = "'musa/worker_device', so nothing is off by it (did you mean 'musa/worker_device_type'?)"
    (line,) = done.stderr.splitlines()
    assert line == (
        f"vllm-wheelwright: warning: VLLM_WHEELWRIGHT_DISABLE: this vLLM has no patch {said}"
    )


def test_a_verbose_process_says_what_is_on_and_off(site: Path) -> None:
    variables = {"VLLM_WHEELWRIGHT_DISABLE": PATCHES[1], "VLLM_WHEELWRIGHT_VERBOSE": "1"}
    done = python(site, "-c", "import vllm.v1.worker.gpu_worker", **variables)
    off, on, module = done.stderr.splitlines()
    assert (
        off == f"vllm-wheelwright: off    {PATCHES[1]} (by VLLM_WHEELWRIGHT_DISABLE={PATCHES[1]})"
    )
    assert on == f"vllm-wheelwright: on     {PATCHES[0]}"
    assert module.startswith("vllm-wheelwright: vllm.v1.worker.gpu_worker: upstream's code, in ")


def test_a_file_that_was_edited_since_is_refused(site: Path) -> None:
    with (site / "vllm/platforms/interface.py").open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    done = python(site, "-c", "import vllm.platforms.interface", VLLM_WHEELWRIGHT_DISABLE="all")
    assert done.returncode == 1
    assert "vllm/platforms/interface.py was changed after the build" in done.stderr
    # Where nothing is off, it is imported as it is.
    assert python(site, "-c", "import vllm.platforms.interface").returncode == 0


def test_a_cache_that_cannot_be_written_is_named(site: Path) -> None:
    variables = {"VLLM_WHEELWRIGHT_DISABLE": "all", "VLLM_CACHE_ROOT": "/dev/null/cache"}
    done = python(site, "-c", "import vllm.platforms.interface", **variables)
    assert done.returncode == 1
    assert "let VLLM_CACHE_ROOT name a folder that can" in done.stderr


def test_what_is_off_enters_the_key_of_compiled_code(site: Path) -> None:
    program = "from vllm.config.vllm import VllmConfig; print(VllmConfig().compute_hash())"
    keys = {
        disable: python(site, "-c", program, VLLM_WHEELWRIGHT_DISABLE=disable).stdout
        for disable in ("", "all", "musa", *PATCHES)
    }
    assert all(keys.values())
    assert keys["all"] == keys["musa"]
    assert len(set(keys.values())) == 4


def test_it_is_known_to_vllms_own_list_of_variables(site: Path) -> None:
    program = "import vllm.envs as e; print(sorted(e.environment_variables), e.compile_factors())"
    done = python(site, "-c", program)
    for name in ("VLLM_WHEELWRIGHT_DISABLE", "VLLM_WHEELWRIGHT_VERBOSE"):
        assert done.stdout.count(name) == 2


@pytest.mark.parametrize("start", [("-m", "vllm.wheelwright"), ("vllm/wheelwright.py",)])
def test_it_says_what_is_off(site: Path, start: tuple[str, ...]) -> None:
    words = [str(site / word) if word.endswith(".py") else word for word in start]
    done = python(site, *words, VLLM_WHEELWRIGHT_DISABLE=f"{PATCHES[0]},musa/x")
    assert "  switches    1 patches on, 1 off, 0 fixed\n" in done.stdout
    assert f"  off         {PATCHES[0]} (by VLLM_WHEELWRIGHT_DISABLE={PATCHES[0]})\n" in done.stdout
    assert "  WARNING     VLLM_WHEELWRIGHT_DISABLE: this vLLM has no patch 'musa/x'" in done.stdout
    done = python(site, *words, "--json", VLLM_WHEELWRIGHT_DISABLE=PATCHES[0])
    document = json.loads(done.stdout)
    assert document["switches"] is True
    assert [item["patch"] for item in document["switched"]["off"]] == [PATCHES[0]]
    assert document["switched"]["on"] == [PATCHES[1]]


def test_it_verifies(wheel: Path, site: Path) -> None:
    assert run_json("verify", wheel)["problems"] == []
    assert run_json("show", wheel)["manifest"]["switches"] is True
    words = (site / "vllm/wheelwright.py", "--verify", "--json")
    done = python(site, *words, VLLM_WHEELWRIGHT_DISABLE="all")
    assert (done.returncode, json.loads(done.stdout)["problems"]) == (0, [])


def test_without_the_setting_there_is_no_trace_of_it(tmp_path: Path, wheel: Path) -> None:
    off = switched_wheel(tmp_path, switches="off")
    unset = tmp_path / "unset"
    sdist = release_sdist(tmp_path / "again")
    run("build", "--source", sdist, "-o", unset, "--only", ONLY, env=environment())
    assert (unset / WHEEL).read_bytes() == off.read_bytes() != wheel.read_bytes()
    with zipfile.ZipFile(off) as archive:
        for name in archive.namelist():
            assert "switch" not in name
            # `live` reads any process of any wheel, with switches or without.
            if name.startswith("vllm/") and "/wheelwright_checks/" not in name:
                assert b"switch" not in archive.read(name).lower(), name
    assert "switches" not in run_json("show", off)["manifest"]


def test_whoever_builds_it_is_told_what_has_a_switch(tmp_path: Path) -> None:
    sdist = release_sdist(tmp_path)
    env = environment(VLLM_WHEELWRIGHT_SWITCHES="1")
    done = run("build", "--source", sdist, "-o", tmp_path, "--only", ONLY, env=env)
    assert done.stderr.splitlines() == [
        "note: switches: 2 of 2 patches can be switched off where the wheel is imported"
    ]


def test_patches_of_a_plugin_have_switches_too(tmp_path: Path) -> None:
    plugin = plugin_wheel(tmp_path)
    words = ("-p", "musa", "--plugin", plugin, "--only", f"{PATCHES[0]},plug/kind")
    site = unpacked(switched_wheel(tmp_path, *words), tmp_path / "site")
    path = "vllm/platforms/interface.py"
    both = (site / path).read_text(encoding="utf-8")
    program = f"import pathlib, vllm.platforms.interface as m; {READ}"

    def source(disable: str) -> str:
        return python(site, "-c", program, VLLM_WHEELWRIGHT_DISABLE=disable).stdout

    assert source("all") == source(f"plug,{PATCHES[0]}") == INTERFACE
    assert source("") == both
    assert "wheelwright_marks" in both
    assert "wheelwright_marks" not in source("plug/kind")
    assert "wheelwright_marks" in source("musa") != both


def test_an_sdist_with_switches_has_all_that_its_wheel_needs(tmp_path: Path, wheel: Path) -> None:
    words = ("--only", ONLY, "--sdist")
    with tarfile.open(switched_wheel(tmp_path, *words)) as archive:
        opened = {item.name.partition("/")[2]: archive.extractfile(item) for item in archive}
        files = {name: file.read() for name, file in opened.items() if file is not None}
    listed = files["vllm.egg-info/SOURCES.txt"].decode().splitlines()
    with zipfile.ZipFile(wheel) as of_wheel:
        own = [name for name in of_wheel.namelist() if "/wheelwright_switches/" in name]
        assert len(own) == 9
        for name in own:
            assert files[name] == of_wheel.read(name)
            assert name in listed


def test_it_can_be_built_again_from_its_manifest(wheel: Path) -> None:
    sdist = wheel.parents[1] / "vllm-0.33.0.tar.gz"
    document = run_json("reproduce", wheel, "--source", sdist)
    assert document["same"]
