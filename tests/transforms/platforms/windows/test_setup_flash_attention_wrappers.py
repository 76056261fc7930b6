"""The wrappers are copied to the package, whatever separates folders."""

from __future__ import annotations

import ntpath
import posixpath
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import patched, run
from transforms.platforms.windows.setup_flash_attention_wrappers import PATCH

if TYPE_CHECKING:
    from types import ModuleType

BEFORE = """
class cmake_build_ext:
    def run(self, files):
        for file in files:
            dst_file = os.path.join(
                "vllm/vllm_flash_attn", file.split("vllm/vllm_flash_attn/")[-1]
            )
            yield dst_file
"""


@pytest.mark.parametrize("flavour", [ntpath, posixpath])
@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_a_wrapper_goes_into_the_package(release: str, flavour: ModuleType) -> None:
    file = flavour.join("build", "lib", "vllm", "vllm_flash_attn", "ops", "a.py")
    system = type("os", (), {"sep": flavour.sep, "path": flavour})
    builder = run(patched(PATCH, release, "setup", BEFORE), os=system).cmake_build_ext()
    (there,) = builder.run([file])
    assert there.replace("\\", "/") == "vllm/vllm_flash_attn/ops/a.py"
