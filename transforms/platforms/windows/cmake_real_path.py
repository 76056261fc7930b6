"""Take the path of the Python executable whole, whatever characters it has."""

from transforms.edits import Patch, cmake

PATCH = Patch(
    why=(
        "VLLM_PYTHON_EXECUTABLE is passed on without quotes: CMake takes such a path apart at each "
        "semicolon, finds no Python, and says 'Unable to find python matching'."
    ),
    upstream="none: not reported there; CMake keeps blanks in an unquoted ${...} together, so most paths work",
    drop_when="cmake/utils.cmake and CMakeLists.txt quote the executable",
    versions=">=0.14.1",
    edits=[
        cmake.Replace(
            path="cmake/utils.cmake",
            inside="find_python_from_executable",
            find="file(REAL_PATH ${EXECUTABLE} EXECUTABLE)",
            replace='file(REAL_PATH "${EXECUTABLE}" EXECUTABLE)',
        ),
        cmake.Replace(
            path="CMakeLists.txt",
            find="find_python_from_executable(${VLLM_PYTHON_EXECUTABLE} $versions)",
            replace='find_python_from_executable("${VLLM_PYTHON_EXECUTABLE}" $versions)',
        ),
    ],
)
