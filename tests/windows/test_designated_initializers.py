"""Designated initializers: clang refuses them as C++17, and nvcc's front end where it is strict."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.windows.activation_kernels import path_in
from tests.windows.extracts import definition, errors_of, statements
from tests.windows.front_end import strict_front_end
from tests.windows.release import built_file, stock_file, tree
from tests.windows.tools import needs
from transforms.edits import ApplyRule
from transforms.engine.cpp.code import Code
from transforms.platforms.windows.msvc_designated_initializers import PATCH as DECLARED
from transforms.rules.cpp.aggregates import CUDA_RAW_TYPES, members_of
from transforms.rules.cpp.designated_initializers import DesignatedInitializers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

PATCH = "windows/msvc_designated_initializers"
_DISPATCH = frozenset({"mm_dispatch", "supported_schedules_dispatch", "prepack_B_dispatch"})
CLANG = ("-std=c++17", "-Werror=c++20-designator", "-fsyntax-only")
RAW = """
#include <type_traits>
#include <cuda_bf16.h>
namespace c10 { struct Float8_e4m3fn {}; struct Float8_e4m3fnuz {}; }
"""
# What torch and C++ have, as far as the structs of these kernels say.
MACHETE = """
namespace at { struct Tensor {}; enum ScalarType { x }; }
namespace torch { using at::Tensor; namespace stable { struct Tensor {}; }
  namespace headeronly { using at::ScalarType; } }
namespace vllm { struct ScalarType { static ScalarType from_id(long long); }; }
namespace std { template <class T> struct optional { T value; };
  template <class T> struct vector { T* first; }; struct string {}; }
typedef long long int64_t;
using namespace vllm;
"""


@pytest.mark.parametrize("release", ["0.14.1", "0.33.0"])
def test_cudas_raw_types_are_given_their_bits_in_order(release: str, tmp_path: Path) -> None:
    # clang reads CUDA's own headers, as host code.
    command = [needs("clang++-19"), *CLANG, *_cudas_headers(tmp_path)]
    path = path_in(release)
    said = []
    for data in (stock_file(release, path), built_file(release, path, PATCH)):
        cut = [definition(data, f"get_fp8_{end}", begins="template") for end in ("min", "max")]
        (epsilon,) = statements(data, lambda words: {"EPS", "static"} <= words)
        said.append(errors_of(command, RAW + "\n".join([*cut, epsilon]), tmp_path / "a.cpp"))
    stock, ours = said
    assert stock.count("c++20-designator") == 5
    assert ours == ""


def _cudas_headers(folder: Path) -> list[str]:
    """Give the options that name the folders of CUDA's headers, as nvcc would use them."""
    (folder / "empty.cu").touch()
    command = [needs("nvcc"), "--dryrun", "-ptx", "empty.cu"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    (found,) = re.findall(r'^#\$ INCLUDES="(.*?)"? *$', done.stderr, re.MULTILINE)
    return shlex.split(found)


@pytest.mark.parametrize("compiler", ["clang++-19", "cudafe++"])
def test_machete_fills_its_structs_in_order(compiler: str, tmp_path: Path) -> None:
    command = {
        "clang++-19": lambda: [needs("clang++-19"), *CLANG],
        "cudafe++": lambda: [*strict_front_end(17), "--no_warnings"],
    }[compiler]()
    stock = errors_of(command, _machete("0.14.1", ours=False), tmp_path / "stock.cpp")
    ours = errors_of(command, _machete("0.14.1", ours=True), tmp_path / "built.cpp")
    assert "designator" in stock or "expected an expression" in stock
    assert ours == ""


def _machete(version: str, *, ours: bool) -> str:
    """Give machete's structs and the functions that fill them, as they are."""

    def read(name: str) -> bytes:
        path = f"csrc/quantization/machete/{name}"
        return built_file(version, path, PATCH) if ours else stock_file(version, path)

    launcher, prepack = read("machete_mm_launcher.cuh"), read("machete_prepack_launcher.cuh")
    binding = read("machete_pytorch.cu")
    structs = [
        definition(launcher, "MMArgs", begins="struct"),
        definition(launcher, "SupportedSchedulesArgs", begins="struct"),
        definition(prepack, "PrepackBArgs", begins="struct"),
    ]
    declared = statements(launcher, lambda words: bool(words & _DISPATCH and "return" not in words))
    declared += statements(prepack, lambda words: bool(words & _DISPATCH))
    assert len(declared) == len(structs)
    functions = [
        definition(binding, "supported_schedules", begins="std"),
        definition(binding, "mm", begins="torch"),
        definition(binding, "prepack_B", begins="torch"),
    ]
    return "\n".join([MACHETE, *(f"{struct};" for struct in structs), *declared, *functions])


@pytest.mark.parametrize("release", ["0.14.1", "0.17.0", "0.20.2"])
def test_the_rule_was_told_what_the_trees_headers_say(release: str) -> None:
    (edit,) = (each for each in DECLARED.edits if each.versions == "<0.21")
    assert isinstance(edit, ApplyRule)
    assert isinstance(edit.rule, DesignatedInitializers)
    known = {each.name: each for each in edit.rule.aggregates if each not in CUDA_RAW_TYPES}
    files = (tree(release).read(path) for path in edit.paths(tree(release)))
    codes = [Code(data) for data in files if any(name.encode() in data for name in known)]
    defined = {
        name: members for name in known for code in codes for _, members in members_of(name, code)
    }
    absent = {"FastTopKParams"} if release != "0.17.0" else set()
    assert defined == {name: each.members for name, each in known.items() if name not in absent}
    for each in known.values():
        for function in each.functions:
            declared = [
                [code.tokens[index + step].text for step in (1, 2, 4)]
                for code in codes
                for index in code.places.get(function, ())
            ]
            assert ["(", each.name, ")"] in declared


def test_cudas_headers_give_the_raw_types_these_members(tmp_path: Path) -> None:
    checks = [
        f"static_assert({each.name}{{{values}}}.{member} == {number});"
        for each in CUDA_RAW_TYPES
        for values in [", ".join(str(number) for number, _ in enumerate(each.members, 1))]
        for number, member in enumerate(each.members, 1)
    ]
    sizes = [
        f"static_assert(sizeof({each.name}) == 2 * {len(each.members)});" for each in CUDA_RAW_TYPES
    ]
    program = "\n".join(["#include <cuda_bf16.h>", "#include <cuda_fp16.h>", *checks, *sizes])
    command = [needs("nvcc"), "-std=c++17", "-ptx", "-o", str(tmp_path / "a.ptx")]
    assert errors_of(command, program, tmp_path / "a.cu") == ""
