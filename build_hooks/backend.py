"""The PEP 517 hooks: thin, each one turns a typed failure into one message.

A front end (pip, uv, build) runs each hook in a process of its own and shows what it prints. A
failure ends that process with the failure's exit code, without a traceback: the message is all that
a user needs. `VLLM_WHEELWRIGHT_TRACEBACK=1` brings the traceback back.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from build_hooks.errors import WheelwrightError
from build_hooks.settings import TRACEBACK_VARIABLE, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from build_hooks.building import Built

_Result = TypeVar("_Result")


def build_wheel(
    wheel_directory: str,
    config_settings: Mapping[str, object] | None = None,
    metadata_directory: str | None = None,  # noqa: ARG001 - PEP 517 gives it
) -> str:
    """Build the patched wheel and give its file name (PEP 517)."""
    return _reporting(lambda: _built(config_settings, wheel_directory, "wheel"))


def get_requires_for_build_wheel(
    config_settings: Mapping[str, object] | None = None,
) -> list[str]:
    """Give what the chosen platforms' patches need beside the build requirements (PEP 517)."""

    def requires() -> list[str]:
        from build_hooks.platforms import required_packages  # noqa: PLC0415

        return required_packages(read_settings(config_settings, os.environ).platform)

    return _reporting(requires)


def prepare_metadata_for_build_wheel(
    metadata_directory: str, config_settings: Mapping[str, object] | None = None
) -> str:
    """Write the wheel's metadata without matching a patch, and give the folder's name (PEP 517)."""

    def prepare() -> str:
        from build_hooks.building import prepare_metadata  # noqa: PLC0415 - quick hooks
        from build_hooks.output import replacing  # noqa: PLC0415

        folder, files = prepare_metadata(read_settings(config_settings, os.environ))
        for name, data in files.items():
            with replacing(Path(metadata_directory) / folder / name) as file:
                file.write(data)
        return folder

    return _reporting(prepare)


def build_editable(
    wheel_directory: str,
    config_settings: Mapping[str, object] | None = None,
    metadata_directory: str | None = None,  # noqa: ARG001 - PEP 660 gives it
) -> str:
    """Write the patched tree, and give the name of a wheel that points at it (PEP 660)."""

    def make() -> str:
        from build_hooks.editable import build_editable  # noqa: PLC0415 - quick hooks

        return _noted(
            build_editable(read_settings(config_settings, os.environ), Path(wheel_directory))
        )

    return _reporting(make)


# An editable wheel needs what the wheel needs, and says of itself what that says (PEP 660).
get_requires_for_build_editable = get_requires_for_build_wheel
prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_sdist(sdist_directory: str, config_settings: Mapping[str, object] | None = None) -> str:
    """Build the patched sdist and give its file name (PEP 517)."""
    return _reporting(lambda: _built(config_settings, sdist_directory, "sdist"))


def get_requires_for_build_sdist(
    config_settings: Mapping[str, object] | None = None,
) -> list[str]:
    """Give what an sdist needs: the same as a wheel (PEP 517)."""
    return get_requires_for_build_wheel(config_settings)


def _built(config_settings: Mapping[str, object] | None, folder: str, output: str) -> str:
    from build_hooks.building import build  # noqa: PLC0415 - quick hooks

    return _noted(build(read_settings(config_settings, os.environ), Path(folder), output))


def _noted(built: Built) -> str:
    for note in built.notes:
        sys.stderr.write(f"note: {note}\n")
    return built.path.name


def _reporting(hook: Callable[[], _Result]) -> _Result:
    try:
        return hook()
    except WheelwrightError as error:
        if os.environ.get(TRACEBACK_VARIABLE) == "1":
            raise
        sys.stderr.write(f"error: {error}\n")
        sys.stderr.flush()
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: nothing was left half-written\n")
        sys.stderr.flush()
        raise SystemExit(128 + signal.SIGINT) from None
