"""The changed parts of the real CMake files do what they say, with MSVC, and nothing without."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.windows.cmake_scripts import between, block_with, fitting, run_script
from tests.windows.release import built_file, stock_file
from tests.windows.tools import needs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

RELEASES = ("0.14.1", "0.25.1", "0.33.0")
LISTS = "CMakeLists.txt"
UTILS = "cmake/utils.cmake"
ROOTS = ("/usr/local/cuda", "C:/Program Files/NVIDIA GPU Computing Toolkit/CUDA/v12.6")
FLAGS = ("CMAKE_CXX_FLAGS", "CMAKE_CUDA_FLAGS")


def _ours(version: str, patch: str, path: str = LISTS) -> bytes:
    return built_file(version, path, f"windows/{patch}")


def _flags(folder: Path, block: str, *, msvc: bool, cuda: str, root: str) -> tuple[str, str]:
    script = f"""
        set(MSVC {int(msvc)})
        set(VLLM_GPU_LANG CUDA)
        set(CUDA_VERSION {cuda})
        set(CUDA_TOOLKIT_ROOT_DIR "{root}")
        set(CMAKE_CURRENT_SOURCE_DIR "{root}")
        set(CMAKE_CXX_FLAGS "/cxx")
        set(CMAKE_CUDA_FLAGS "--cuda")
        {block}
    """
    found = run_script(folder, script, FLAGS)
    return found["CMAKE_CXX_FLAGS"], found["CMAKE_CUDA_FLAGS"]


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("cuda", ["12.6", "13.0"])
@pytest.mark.parametrize("version", RELEASES)
def test_msvc_gets_its_flags(version: str, cuda: str, root: str, tmp_path: Path) -> None:
    block = block_with(_ours(version, "cmake_msvc_flags"), "include/cccl")
    cccl = f' -I"{root}/include/cccl"' if cuda == "13.0" else ""
    defines = "-DUSE_CUDA -D_CRT_DECLARE_NONSTDC_NAMES=1"
    expected = (
        f'/cxx -I"{root}/include"{cccl} {defines} /Zc:preprocessor',
        f"--cuda {defines} -Xcompiler=/Zc:preprocessor",
    )
    assert _flags(tmp_path, block, msvc=True, cuda=cuda, root=root) == expected
    stock = block_with(stock_file(version, LISTS), "include/cccl")
    assert _flags(tmp_path, stock, msvc=True, cuda=cuda, root=root) != expected


@pytest.mark.parametrize("cuda", ["12.6", "13.0"])
@pytest.mark.parametrize("version", RELEASES)
def test_other_compilers_get_the_flags_they_had(version: str, cuda: str, tmp_path: Path) -> None:
    root = ROOTS[0]
    block = block_with(_ours(version, "cmake_msvc_flags"), "include/cccl")
    stock = block_with(stock_file(version, LISTS), "include/cccl")
    found = _flags(tmp_path, block, msvc=False, cuda=cuda, root=root)
    assert found == _flags(tmp_path, stock, msvc=False, cuda=cuda, root=root)
    assert ("include/cccl" in found[0]) == (cuda == "13.0")


@pytest.mark.parametrize("version", RELEASES)
def test_an_include_path_with_blanks_is_one_word_to_a_compiler(
    version: str, tmp_path: Path
) -> None:
    ours = block_with(_ours(version, "cmake_msvc_flags"), "include/cccl")
    stock = block_with(stock_file(version, LISTS), "include/cccl")
    words = [
        shlex.split(_flags(tmp_path, block, msvc=True, cuda="13.0", root=ROOTS[1])[0])
        for block in (ours, stock)
    ]
    assert f"-I{ROOTS[1]}/include/cccl" in words[0]
    assert f"-I{ROOTS[1]}/include/cccl" not in words[1]


@pytest.mark.parametrize("version", RELEASES)
def test_the_header_is_included_by_force_with_msvc_only(version: str, tmp_path: Path) -> None:
    data = _ours(version, "cmake_compatibility_header")
    block = block_with(data, "wheelwright_windows.h")
    header = f"{ROOTS[1]}/csrc/wheelwright_windows.h"
    with_msvc = _flags(tmp_path, block, msvc=True, cuda="12.6", root=ROOTS[1])
    assert with_msvc == (f'/cxx /FI"{header}"', f'--cuda -include "{header}"')
    assert _flags(tmp_path, block, msvc=False, cuda="12.6", root="/r") == ("/cxx", "--cuda")
    assert b"wheelwright_windows.h" not in stock_file(version, LISTS)


def test_nvcc_takes_the_option_for_the_header(tmp_path: Path) -> None:
    root = tmp_path / "a b"
    (root / "csrc").mkdir(parents=True)
    (root / "csrc/wheelwright_windows.h").write_text("#define FORCED 42\n")
    (tmp_path / "a.cu").write_text("int x = FORCED;\n")
    block = block_with(_ours("0.33.0", "cmake_compatibility_header"), "wheelwright_windows.h")
    _, flags = _flags(tmp_path, block, msvc=True, cuda="13.0", root=str(root))
    options = shlex.split(flags.removeprefix("--cuda"))
    command = [needs("nvcc"), "-E", *options, str(tmp_path / "a.cu")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "int x = 42;" in done.stdout


def _root(folder: Path, data: bytes, *, windows: bool, home: str | None) -> dict[str, str]:
    part = between(
        data,
        'append_cmake_prefix_path("torch" "torch.utils.cmake_prefix_path")',
        "find_package(Torch REQUIRED)",
    )
    script = f"""
        set(WIN32 {int(windows)})
        macro(append_cmake_prefix_path)
        endmacro()
        macro(find_program)
        endmacro()
        macro(find_package)
        endmacro()
        {part}
    """
    shown = ("CUDA_TOOLKIT_ROOT_DIR", "CUDAToolkit_ROOT", "ENV{CUDA_BIN_PATH}")
    environment = {} if home is None else {"CUDA_HOME": home}
    return run_script(folder, script, shown, environment)


@pytest.mark.parametrize("home", [ROOTS[1], ROOTS[1].replace("/", "\\")])
@pytest.mark.parametrize("version", RELEASES)
def test_the_toolkit_is_that_of_cuda_home(version: str, home: str, tmp_path: Path) -> None:
    ours = _ours(version, "cmake_cuda_root")
    found = _root(tmp_path, ours, windows=True, home=home)
    assert set(found.values()) == {ROOTS[1]}
    stock = _root(tmp_path, stock_file(version, LISTS), windows=True, home=home)
    assert set(stock.values()) == {""}


@pytest.mark.parametrize("home", [None, "", "/usr/local/cuda"])
@pytest.mark.parametrize("version", RELEASES)
def test_the_toolkit_is_chosen_as_ever_elsewhere(
    version: str, home: str | None, tmp_path: Path
) -> None:
    ours = _ours(version, "cmake_cuda_root")
    found = _root(tmp_path, ours, windows=False, home=home)
    assert found == _root(tmp_path, stock_file(version, LISTS), windows=False, home=home)
    if not home:
        assert set(_root(tmp_path, ours, windows=True, home=home).values()) == {""}


def _python(folder: Path, lists: bytes, utils: bytes, executable: str) -> str:
    (folder / "utils.cmake").write_bytes(utils)
    script = f"""
        include("{folder}/utils.cmake")
        macro(find_package)
          set(Python_FOUND 1)
          set(Python_VERSION_MAJOR 3)
          set(Python_VERSION_MINOR 12)
        endmacro()
        set(PYTHON_SUPPORTED_VERSIONS "3.10" "3.11" "3.12")
        set(VLLM_PYTHON_EXECUTABLE [[{executable}]])
        {block_with(lists, "find_python_from_executable(")}
    """
    return run_script(folder, script, ("Python_EXECUTABLE",))["Python_EXECUTABLE"]


@pytest.mark.parametrize("name", ["plain", "with blanks (x86)", "with;semicolon"])
@pytest.mark.parametrize("version", RELEASES)
def test_the_python_executable_is_taken_whole(version: str, name: str, tmp_path: Path) -> None:
    """Upstream's CMake takes a path with blanks, too: only a semicolon takes one apart."""
    folder = tmp_path / name
    folder.mkdir()
    python = folder / "python"
    python.touch()
    paths = (LISTS, UTILS)
    ours = [_ours(version, "cmake_real_path", path) for path in paths]
    assert _python(tmp_path, ours[0], ours[1], str(python)) == str(python)
    stock = [stock_file(version, path) for path in paths]
    if ";" in name:
        with pytest.raises(AssertionError):
            assert _python(tmp_path, stock[0], stock[1], str(python)) == str(python)
    else:
        assert _python(tmp_path, stock[0], stock[1], str(python)) == str(python)


_GENERATION = """
    execute_process(
      COMMAND ${CMAKE_COMMAND} -E env
      $path
      ${Python_EXECUTABLE} $$rest)
"""


def _python_path(folder: Path, process: str, *, windows: bool, said: str) -> str:
    """Run what starts a generator, and give the PYTHONPATH that it sees."""
    (folder / "show.py").write_text("import os; print(os.environ['PYTHONPATH'])\n")
    separator = ";" if windows else ":"
    script = f"""
        set(WIN32 {int(windows)})
        set(Python_EXECUTABLE "{sys.executable}")
        set(CMAKE_CURRENT_BINARY_DIR "{folder}")
        set(CMAKE_CURRENT_SOURCE_DIR "C:/src")
        set(CUTLASS_DIR "D:/cutlass")
        set(VLLM_PYTHON_PATH "E:/one{separator}E:/two")
        set(MARLIN_GEN_SCRIPT "{folder}/show.py")
        set(MOE_MARLIN_GEN_SCRIPT "{folder}/show.py")
        set(MACHETE_GEN_SCRIPT "{folder}/show.py")
        {process}
    """
    run_script(folder, script, (), {"PYTHONPATH": said})
    (log,) = folder.glob("*_generation.log")
    text = log.read_text()
    log.unlink()
    return text


def _generations(data: bytes) -> list[str]:
    """Give what starts each generator, with what sets its PYTHONPATH."""
    chosen = fitting(data, f"if(WIN32)\n$$a\nelse()\n$$b\nendif()\n{_GENERATION}")
    alone = [text for text in fitting(data, _GENERATION) if "MACHETE_PYTHONPATH" not in text]
    return [*chosen, *alone]


@pytest.mark.parametrize("version", RELEASES)
def test_the_generators_see_the_python_path_of_windows(version: str, tmp_path: Path) -> None:
    ours = _generations(_ours(version, "cmake_python_path"))
    stock = _generations(stock_file(version, LISTS))
    said = "C:/a;D:/b"
    machete = f"C:/src/csrc/cutlass_extensions/;D:/cutlass/python/;E:/one;E:/two;{said}"
    expected = sorted([f"{said}\n", f"{said}\n", f"{machete}\n"])
    assert sorted(_python_path(tmp_path, x, windows=True, said=said) for x in ours) == expected
    assert len(stock) == 3
    for process in stock:
        assert _python_path(tmp_path, process, windows=True, said=said) not in expected


@pytest.mark.parametrize("said", ["", "/a:/b c"])
@pytest.mark.parametrize("version", RELEASES)
def test_the_generators_see_the_same_python_path_elsewhere(
    version: str, said: str, tmp_path: Path
) -> None:
    ours, stock = (
        sorted(_python_path(tmp_path, process, windows=False, said=said) for process in each)
        for each in (
            _generations(_ours(version, "cmake_python_path")),
            _generations(stock_file(version, LISTS)),
        )
    )
    assert ours == stock
    assert len(ours) == 3


_LINKED = {
    "0.14.1": ["_C"],
    "0.18.0": ["_C", "_moe_C"],
    "0.20.2": ["_C", "_moe_C"],
    "0.21.0": ["_C"],
    "0.22.0": ["_C_stable_libtorch"],
    "0.33.0": ["_C_stable_libtorch"],
}
# What calls cuBLAS: https://docs.nvidia.com/cuda/cublas/
_CALLERS = ("gptq/q_gemm.cu", "allspark_qgemm_w8a16.cu", "moe/router_gemm.cu")


@pytest.mark.parametrize("version", _LINKED)
def test_what_calls_cublas_is_linked_with_it_by_msvc(version: str, tmp_path: Path) -> None:
    data = _ours(version, "cmake_cublas")
    pattern = "define_extension_target($name $$rest)\nif(MSVC $$more)\n$$body\nendif()"
    parts = fitting(data, pattern)
    for msvc in (True, False):
        calls = []
        for part in parts:
            script = f"""
                set(MSVC {int(msvc)})
                set(VLLM_GPU_LANG CUDA)
                function(define_extension_target)
                endfunction()
                set(LINKED "none")
                macro(target_link_libraries)
                  set(LINKED "${{ARGV}}")
                endmacro()
                {part}
            """
            calls.append(run_script(tmp_path, script, ("LINKED",))["LINKED"])
        wanted = [f"{name};PRIVATE;CUDA::cublas" for name in _LINKED[version]]
        assert calls == (wanted if msvc else ["none"] * len(wanted))
    assert b"CUDA::cublas" not in stock_file(version, LISTS)


@pytest.mark.parametrize("version", _LINKED)
def test_no_other_extension_has_the_files_that_call_cublas(version: str) -> None:
    data = stock_file(version, LISTS)
    having = set()
    for target in fitting(data, "define_extension_target($name $$a SOURCES $sources $$b)"):
        words = target.replace("(", " ").split()
        name, sources = words[1], words[words.index("SOURCES") + 1].strip("${})")
        lists = [
            *fitting(data, f"set({sources} $$files)"),
            *fitting(data, f"list(APPEND {sources} $$files)"),
        ]
        if any(caller in text for text in lists for caller in _CALLERS):
            having.add(name)
    assert having == set(_LINKED[version])
