"""nvcc's own C++ front end, told to be as strict as it is where no GNU compiler is behind it."""

from __future__ import annotations

from tests.windows.tools import needs


def strict_front_end(standard: int) -> list[str]:
    """Give the command that compiles one file without `#include`, as ISO C++.

    On Windows it is the same program, which then follows MSVC: GNU's extensions are none there
    either. It writes its results into the current folder.

    Args:
        standard: the year of the C++ standard, e.g. 17.
    """
    return [
        needs("cudafe++"),
        f"--c++{standard}",
        "--strict",
        *("--orig_src_file_name", "a.cu", "--orig_src_path_name", "a.cu"),
        *("--allow_managed", "--m64", "--parse_templates"),
        *("--gen_c_file_name", "a.cudafe.cpp", "--stub_file_name", "a.stub.c"),
        *("--gen_module_id_file", "--module_id_file_name", "a.module"),
    ]
