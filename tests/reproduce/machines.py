"""Eight builds in which every value of everything that differs between machines occurs."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_hooks.fetch.cache import cache_root
from build_hooks.settings import read_settings
from tests.build_hooks.command_line import environment
from tests.build_hooks.project import copy_checkout
from tests.machines import PYTHONS, as_another, can_be_another
from tests.wheels.real import real_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FRONT_ENDS = {
    # The wheel says which Pythons it is for; it can be built on others.
    "pip": ("-m", "pip", "wheel", ".", "--no-deps", "--ignore-requires-python", "-w", "dist"),
    "uv": ("-m", "uv", "build", "--wheel", "-o", "dist"),
    "build": ("-m", "build", "--wheel", "-o", "dist"),
    "build_hooks": ("-m", "build_hooks", "build"),
}
FOLDERS = ("a", "with space", "ünï", "deep/er/and/deeper")
MASKS = (0o022, 0o077, 0o000, 0o027)
ZONES = ("UTC", "Pacific/Chatham", "America/St_Johns", "Etc/GMT+12")
SEEDS = ("random", "0", "1", "4242")
_UNAWARE = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES: Mapping[str, Mapping[str, str]] = {
    "C.UTF-8": {"LC_ALL": "C.UTF-8"},
    "C": {"LC_ALL": "C", **_UNAWARE},
}
OWN, ANOTHER = USERS = ("own", "another")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What one build finds.

    Attributes:
        folder: the name of the folder that the checkout lies in.
        user: the one who runs the tests, or another.
        mask: the umask.
        zone: the time zone.
        locale: a key of `LOCALES`.
        seed: PYTHONHASHSEED.
        python: the version of Python.
        front_end: a key of `FRONT_ENDS`.
    """

    folder: str
    user: str
    mask: int
    zone: str
    locale: str
    seed: str
    python: str
    front_end: str


def machines() -> list[Machine]:
    """Give eight: the values of no two of these factors go together in all of them."""
    found = []
    for number in range(8):
        one, again = number % 4, number // 4
        found.append(
            Machine(
                folder=FOLDERS[(one + 3 * again) % 4],
                user=USERS[(one + again) % 2],
                mask=MASKS[(one + 2 * again) % 4],
                zone=ZONES[one ^ again],
                locale=tuple(LOCALES)[one // 2 ^ again],
                seed=SEEDS[3 - one],
                python=PYTHONS[one],
                front_end=tuple(FRONT_ENDS)[(one + again) % 4],
            )
        )
    return found


def build_on(machine: Machine, root: Path, python: Path, *settings: str) -> Path:
    """Build a wheel as a machine does, from a checkout of its own.

    Args:
        machine: the machine.
        root: an empty folder.
        python: an interpreter of its version that has its front end.
        settings: `key=value` each.

    Returns:
        The wheel.
    """
    checkout = copy_checkout(root / machine.folder / "checkout")
    home = root / "home"
    home.mkdir()
    words = [str(python), *FRONT_ENDS[machine.front_end]]
    if machine.front_end == "uv":
        words += ["--python", str(python)]
    if machine.front_end == "build_hooks":
        words += [word for item in settings for word in _option(item)]
    else:
        words += [word for item in settings for word in ("-C", item)]
    if machine.user == ANOTHER and can_be_another():
        words = [*as_another(root), *words]
    where = {
        "VLLM_WHEELWRIGHT_CACHE": str(cache_root(read_settings(None, real_environment()).cache)),
        "VLLM_WHEELWRIGHT_OFFLINE": "on",
    }
    other = {"HOME": str(home), "USER": machine.user, "LOGNAME": machine.user, "TZ": machine.zone}
    env = environment(**where, **other, **LOCALES[machine.locale], PYTHONHASHSEED=machine.seed)
    for name in ("XDG_CACHE_HOME", "UV_CACHE_DIR", "PIP_CACHE_DIR"):
        env.pop(name, None)
    done = subprocess.run(
        words,
        cwd=checkout,
        env=env,
        umask=machine.mask,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, f"{machine}\n{done.stdout}{done.stderr}"
    (wheel,) = (checkout / "dist").glob("*.whl")
    kept = root / wheel.name
    shutil.move(wheel, kept)
    assert machine.user == OWN or not can_be_another() or kept.stat().st_uid != os.geteuid()
    return kept


def _option(setting: str) -> tuple[str, str]:
    key, _, value = setting.partition("=")
    return f"--{key}", value
