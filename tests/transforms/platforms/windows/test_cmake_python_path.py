"""PYTHONPATH is one argument, and its folders are separated as the system does."""

from __future__ import annotations

from tests.transforms.platforms.windows.cmake_patches import patched
from transforms.platforms.windows.cmake_python_path import PATCH

FOLDERS = (
    "${CMAKE_CURRENT_SOURCE_DIR}/csrc/cutlass_extensions/",
    "${CUTLASS_DIR}/python/",
    "${VLLM_PYTHON_PATH}",
    "$ENV{PYTHONPATH}",
)


def _process(argument: str, name: str) -> str:
    return (
        "execute_process(\n  COMMAND ${CMAKE_COMMAND} -E env\n"
        f"  {argument}\n    ${{Python_EXECUTABLE}} ${{{name}}}\n  RESULT_VARIABLE result\n)\n"
    )


def test_each_generator_gets_one_argument() -> None:
    plain = "PYTHONPATH=$ENV{PYTHONPATH}"
    machete = f"PYTHONPATH={':'.join(FOLDERS)}"
    names = ("MACHETE", "MARLIN", "MOE_MARLIN")
    before = "".join(map(_process, (machete, plain, plain), names))
    after = patched(PATCH, "0.33.0", before)
    _, rest = after.split("endif()\n")
    assert rest.endswith("".join(_process(f'"{plain}"', name) for name in names[1:]))
    assert '"PYTHONPATH=${MACHETE_PYTHONPATH}"' in rest
    assert f'if(WIN32)\n  set(MACHETE_PYTHONPATH "{";".join(FOLDERS)}")\nelse()\n' in after
    assert f'else()\n  set(MACHETE_PYTHONPATH "{":".join(FOLDERS)}")\nendif()\n' in after
