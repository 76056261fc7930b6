"""Leave out the two extensions that are written for POSIX: vLLM has Python for both."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        "the build stops at csrc/spinloop.cpp (clock_gettime, <cpuid.h>) and, from 0.25 on, at "
        "csrc/fs_io.cpp (<unistd.h>), which setup.py asks for on every system"
    ),
    upstream="none: vLLM imports neither without `except ImportError`, and polls and reads in Python then",
    drop_when="setup.py names neither extension on Windows, or both compile with MSVC",
    # Before, there is no such extension.
    versions=">=0.22",
    edits=[
        Replace(
            inside="setup",
            find='ext_modules.append(CMakeExtension(name="vllm.spinloop"))',
            replace="""
                if sys.platform != "win32":
                    ext_modules.append(CMakeExtension(name="vllm.spinloop"))
            """,
        ),
        Replace(
            inside="setup",
            find='ext_modules.append(CMakeExtension(name="vllm.fs_io_C"))',
            replace="""
                if sys.platform != "win32":
                    ext_modules.append(CMakeExtension(name="vllm.fs_io_C"))
            """,
            versions=">=0.25",
        ),
    ],
)
