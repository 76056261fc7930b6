"""A vLLM release of a few files: what some musa patches change, and what every wheel needs."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RELEASE = "0.33.0"
TIME = 1_790_000_000
# The musa patches that the small release is for; those that every wheel gets come on top.
PATCHES = ("musa/platform_is_musa", "musa/worker_device_type")
ONLY = ",".join(PATCHES)
# What every wheel has beside upstream's, and what it changes of that, whatever the platform.
OWN_FILES = (
    "vllm/wheelwright.py",
    "vllm/wheelwright_checks/__init__.py",
    "vllm/wheelwright_checks/answering.py",
    "vllm/wheelwright_checks/bytecode.py",
    "vllm/wheelwright_checks/command_live.py",
    "vllm/wheelwright_checks/comparing.py",
    "vllm/wheelwright_checks/installed.py",
    "vllm/wheelwright_checks/names.py",
    "vllm/wheelwright_marks.py",
)
COMMON_FILES = (
    "vllm/__init__.py",
    "vllm/collect_env.py",
    "vllm/config/vllm.py",
    "vllm/v1/engine/core.py",
)
FILES = len(OWN_FILES) + len(COMMON_FILES)
WHEEL = f"vllm-{RELEASE}+musa-py3-none-any.whl"
SDIST = f"vllm-{RELEASE}+musa.tar.gz"

PKG_INFO = f"""\
Metadata-Version: 2.4
Name: vllm
Version: {RELEASE}
Summary: A small stand-in
License-Expression: Apache-2.0
Requires-Python: <3.15,>=3.10
Description-Content-Type: text/markdown
License-File: LICENSE
Requires-Dist: torch==2.13.0
Requires-Dist: pillow; extra == "video"
Provides-Extra: video
Dynamic: requires-dist

# vLLM
"""

INTERFACE = '''\
# SPDX-License-Identifier: Apache-2.0
"""Platforms."""


class Platform:
    device_type: str = ""

    def is_cuda(self) -> bool:
        return self.device_type == "cuda"

    def is_out_of_tree(self) -> bool:
        return False

    def is_cpu(self) -> bool:
        return self.device_type == "cpu"
'''

WORKER = """\
# SPDX-License-Identifier: Apache-2.0
class Worker:
    def init_device(self) -> None:
        if self.device_config.device_type == "cuda":  # the literal
            self.started = True
        else:
            raise RuntimeError(f"Not support device type: {self.device_config.device}")
"""

CONFIG = """\
# SPDX-License-Identifier: Apache-2.0
class VllmConfig:
    def compute_hash(self) -> str:
        vllm_factors = []
        from vllm import __version__

        vllm_factors.append(__version__)
        return str(vllm_factors)
"""

INIT = """\
# SPDX-License-Identifier: Apache-2.0
from .version import __version__, __version_tuple__

from vllm._version import version
"""

VERSION = f"""\
__version__ = version = '{RELEASE}'
__version_tuple__ = version_tuple = (0, 33, 0)
"""

COLLECT_ENV = """\
# SPDX-License-Identifier: Apache-2.0
def get_vllm_version():
    from vllm import __version__

    return __version__


def get_env_info():
    vllm_version = get_vllm_version()
    return vllm_version
"""

ENGINE = """\
# SPDX-License-Identifier: Apache-2.0
import logging

logger = logging.getLogger(__name__)


class EngineCore:
    def __init__(self, log_stats):
        self.log_stats = log_stats
"""

# What a patched sdist changes stands below what stops whoever would run it.
SETUP = """\
raise SystemExit('upstream code must never be run')


def get_vllm_version() -> str:
    version = get_version(
        write_to="vllm/_version.py",
        git_describe_command=VLLM_GIT_DESCRIBE_COMMAND,
    )
    sep = "+" if "+" not in version else "."  # dev versions might contain +
    return f"{version}{sep}empty"
"""


def small_files(**texts: str) -> dict[str, bytes]:
    """Give the release's files by path.

    Args:
        texts: other texts for some of them, under their names here: `worker`, `config`,
            `interface`, `init`, `pkg_info`, `requirements`.
    """
    return {
        "PKG-INFO": texts.get("pkg_info", PKG_INFO).encode(),
        "LICENSE": b"Apache License\n",
        "setup.py": SETUP.encode(),
        "requirements/common.txt": texts.get(
            "requirements", "numpy\nrequests >= 2.26.0 # of a kind\nsix; python_version > '3.11'\n"
        ).encode(),
        "vllm.egg-info/PKG-INFO": texts.get("pkg_info", PKG_INFO).encode(),
        "vllm.egg-info/SOURCES.txt": b"LICENSE\nsetup.py\nvllm/__init__.py\nvllm/_version.py",
        "vllm.egg-info/entry_points.txt": b"[console_scripts]\nvllm = vllm.entrypoints:main\n",
        "vllm.egg-info/top_level.txt": b"vllm\n",
        "vllm/__init__.py": texts.get("init", INIT).encode(),
        "vllm/version.py": b"from ._version import __version__, __version_tuple__\n",
        "vllm/collect_env.py": COLLECT_ENV.encode(),
        "vllm/_version.py": VERSION.encode(),
        "vllm/config/__init__.py": b"",
        "vllm/config/vllm.py": texts.get("config", CONFIG).encode(),
        "vllm/platforms/__init__.py": b"",
        "vllm/platforms/interface.py": texts.get("interface", INTERFACE).encode(),
        "vllm/v1/__init__.py": b"",
        "vllm/v1/engine/__init__.py": b"",
        "vllm/v1/engine/core.py": ENGINE.encode(),
        "vllm/v1/worker/__init__.py": b"",
        "vllm/v1/worker/gpu_worker.py": texts.get("worker", WORKER).encode(),
        "vllm/configs/E=1,N=2,device_name=A.json": b'{"1": {}}\n',
        "vllm/tool.sh": b"#!/bin/sh\n",
    }


def write_sdist(
    path: Path, files: Mapping[str, bytes], *, executable: tuple[str, ...] = ("vllm/tool.sh",)
) -> Path:
    """Write files as an sdist.

    Args:
        path: the archive; the top folder takes its name.
        files: what goes into it.
        executable: the files that have mode 0755.
    """
    root = path.name.removesuffix(".tar.gz")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{root}/{name}")
            member.size, member.mtime = len(data), TIME
            member.mode = 0o755 if name in executable else 0o644
            archive.addfile(member, io.BytesIO(data))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(plain.getvalue(), compresslevel=1, mtime=0))
    return path


def small_sdist(folder: Path, **texts: str) -> Path:
    """Write the release as an sdist; see `small_files`."""
    return write_sdist(folder / f"vllm-{RELEASE}.tar.gz", small_files(**texts))


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder, as unpacking an sdist does."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
