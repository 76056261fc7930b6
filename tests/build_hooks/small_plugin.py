"""A plugin of a few files that patches the small release in two processes."""

from __future__ import annotations

import zipfile
from textwrap import dedent
from typing import TYPE_CHECKING

from build_hooks.lock.measure import measure
from build_hooks.lock.plugin_lock import LockedPlugin, PluginLock, dump_plugin_lock
from tests.build_hooks.small_release import RELEASE, write_folder, write_sdist

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.build_hooks.project import Project

NAME, VERSION = "small-plugin", "1.2.post1"
SPEC = f"{NAME}=={VERSION}"
WOVEN = f"vllm-{RELEASE}+plug-py3-none-any.whl"
NEVER = "raise SystemExit('a plugin must never be run')\n"
METADATA = f"Metadata-Version: 2.4\nName: Small_Plugin\nVersion: {VERSION}\n"
DEVICE = "vllm.v1.worker.gpu_worker:Worker.init_device"
_TEXTS = {
    "plug/__init__.py": NEVER,
    "plug/machine.py": f"{NEVER}import driver\n\ndef is_old():\n    return driver.is_old()\n",
    "plug/patch/__init__.py": """
        # ** File: platform/patch_kind.py **
        #   1. `vllm.platforms.interface.Platform.is_cpu`
        #    Why:
        #       Its kind is another one.
        #    Related PR (if no, explain why):
        #       https://example.org/pull/1
        #    Future Plan:
        #       Remove it when is_cpu asks the plugin.
        """,
    "plug/patch/platform/__init__.py": "import plug.patch.platform.patch_kind\n",
    "plug/patch/platform/patch_kind.py": """
        from vllm.platforms.interface import Platform

        KINDS = ("cpu", "plug")

        def is_cpu(self) -> bool:
            return self.device_type in KINDS

        Platform.is_cpu = is_cpu
        """,
    "plug/patch/worker/__init__.py": """
        import plug.patch.platform.patch_kind
        import plug.patch.worker.patch_device
        import plug.patch.worker.patch_other
        """,
    "plug/patch/worker/patch_device.py": """
        from vllm.v1.worker.gpu_worker import Worker

        ALWAYS = ("plug",)

        def init_device(self) -> None:
            self.started = self.device_config.device_type in ALWAYS

        Worker.init_device = init_device
        """,
    "plug/patch/worker/patch_other.py": """
        import torch
        from plug.machine import is_old
        from vllm.platforms.interface import Platform

        torch.cuda.Stream = None
        if is_old():
            Platform.device_type = "old"
        """,
}
FILES = {path: dedent(text).removeprefix("\n").encode() for path, text in _TEXTS.items()}
SUPPORT = "vllm/wheelwright_plugins/plug"


def plugin_files(changes: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """Give the plugin's files by path.

    Args:
        changes: the texts of some of them.
    """
    return {**FILES, **{path: text.encode() for path, text in (changes or {}).items()}}


def plugin_folder(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the plugin as a folder that holds its package."""
    return write_folder(folder, plugin_files(changes))


def plugin_sdist(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the plugin as an sdist."""
    files = {"PKG-INFO": METADATA.encode(), **plugin_files(changes)}
    return write_sdist(folder / f"small_plugin-{VERSION}.tar.gz", files, executable=())


def plugin_wheel(folder: Path) -> Path:
    """Write the plugin as a wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"small_plugin-{VERSION}-py3-none-any.whl"
    files = {**FILES, f"small_plugin-{VERSION}.dist-info/METADATA": METADATA.encode()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), data)
    return path


def lock_plugin(project: Project, path: Path, **define: str) -> None:
    """Have a checkout's lock hold a plugin.

    Args:
        project: the checkout.
        path: the plugin's file.
        define: what the lock settles.
    """
    kind = "wheel" if path.suffix == ".whl" else "sdist"
    artifact = measure(path, path.name, kind)  # type: ignore[arg-type] # it is one of the two
    locked = LockedPlugin(artifact, ("plug.patch.platform", "plug.patch.worker"), define)
    text = dump_plugin_lock(PluginLock((locked,)))
    (project.root / "vendored" / "plugins.lock.toml").write_text(text, encoding="utf-8")
