"""What stands for a module that a kernel imports is what the patches' side says."""

from __future__ import annotations

from typing import Any

from build_hooks.triton.kernels import kernel_modules
from build_hooks.triton.runner.inert import Inert
from build_hooks.triton.runner.modules import KernelModules, from_triton

STAND_INS = {
    "value": ["value", 1.5],
    "asked": ["gives", False],
    "platform": ["hopper", None],
    "module": ["triton", "json.decoder"],
    "name": ["triton", "json.decoder.JSONDecoder"],
    "missing": ["triton", "json.no_such_name"],
    "nothing": ["triton", "no_such_module.name"],
}


def names() -> dict[str, Any]:
    row = {**kernel_modules(), "stand_ins": {"a.b": STAND_INS}}
    return KernelModules.decode(row).names("a.b")


def test_each_kind_of_stand_in() -> None:
    import json.decoder  # noqa: PLC0415 - any module in the place of Triton's

    found = names()
    assert found["value"] == 1.5
    assert found["asked"]("whatever", it="is") is False
    assert found["platform"].is_device_capability(90)
    assert found["module"] is json.decoder
    assert found["name"] is json.decoder.JSONDecoder


def test_what_a_triton_lacks_is_inert() -> None:
    found = names()
    assert isinstance(found["missing"], Inert)
    assert isinstance(found["nothing"], Inert)
    assert isinstance(from_triton("json.decoder.none.of.it"), Inert)


def test_the_patches_side_says_it_as_the_runner_reads_it() -> None:
    modules = KernelModules.decode(kernel_modules())
    (handing_on,) = modules.handing_on
    assert "triton" in modules.names(handing_on)
    assert all(name.startswith(f"{modules.package}.") for name in modules.strict)
