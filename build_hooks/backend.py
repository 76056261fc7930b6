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

from build_hooks.errors import UsageError, WheelwrightError
from build_hooks.settings import TRACEBACK_VARIABLE, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Result = TypeVar("_Result")


def build_wheel(
    wheel_directory: str,
    config_settings: Mapping[str, object] | None = None,
    metadata_directory: str | None = None,  # noqa: ARG001 - PEP 517 gives it
) -> str:
    """Build the patched wheel and give its file name (PEP 517)."""

    def build() -> str:
        from build_hooks.pipeline import build_wheel as build  # noqa: PLC0415 - quick hooks

        return build(read_settings(config_settings, os.environ), Path(wheel_directory)).name

    return _reporting(build)


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
        from build_hooks.output import replacing  # noqa: PLC0415
        from build_hooks.pipeline import make_plan, metadata_files  # noqa: PLC0415

        plan = make_plan(read_settings(config_settings, os.environ))
        folder = plan.metadata.dist_info
        for name, data in metadata_files(plan).items():
            with replacing(Path(metadata_directory) / folder / name) as file:
                file.write(data)
        return folder

    return _reporting(prepare)


def build_sdist(
    sdist_directory: str,  # noqa: ARG001
    config_settings: Mapping[str, object] | None = None,  # noqa: ARG001
) -> str:
    """Refuse: what this project makes of a release is a wheel."""

    def refuse() -> str:
        raise UsageError(
            "an sdist of a patched vLLM is not available in this version",
            next_step="build the wheel: `uv build --wheel` or `python -m build --wheel`",
        )

    return _reporting(refuse)


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
