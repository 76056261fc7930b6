"""Hand PYTHONPATH to the kernel generators in the form that Windows has for it."""

from transforms.edits import Patch, cmake

PATCH = Patch(
    why=(
        "Windows separates the folders of PYTHONPATH by semicolons, at which CMake takes an unquoted "
        "argument apart; the generator of the Machete kernels gets them separated by colons, which "
        "drive letters have: neither generator starts, or none finds its modules."
    ),
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="CMakeLists.txt quotes PYTHONPATH=... and separates its folders as the system does",
    versions=">=0.14.1",
    edits=[
        # Marlin's generators, of both folders.
        cmake.Replace(
            path="CMakeLists.txt",
            find="""
                execute_process(
                  COMMAND ${CMAKE_COMMAND} -E env
                  PYTHONPATH=$ENV{PYTHONPATH}
                  $$rest)
            """,
            replace="""
                execute_process(
                  COMMAND ${CMAKE_COMMAND} -E env
                  "PYTHONPATH=$ENV{PYTHONPATH}"
                  $$rest)
            """,
            count=2,
        ),
        # windows/setup_path_separators makes VLLM_PYTHON_PATH of them.
        cmake.Replace(
            path="CMakeLists.txt",
            find="""
                execute_process(
                  COMMAND ${CMAKE_COMMAND} -E env
                  PYTHONPATH=${CMAKE_CURRENT_SOURCE_DIR}/csrc/cutlass_extensions/:${CUTLASS_DIR}/python/:${VLLM_PYTHON_PATH}:$ENV{PYTHONPATH}
                  $$rest)
            """,
            replace="""
                if(WIN32)
                  set(MACHETE_PYTHONPATH "${CMAKE_CURRENT_SOURCE_DIR}/csrc/cutlass_extensions/;${CUTLASS_DIR}/python/;${VLLM_PYTHON_PATH};$ENV{PYTHONPATH}")
                else()
                  set(MACHETE_PYTHONPATH "${CMAKE_CURRENT_SOURCE_DIR}/csrc/cutlass_extensions/:${CUTLASS_DIR}/python/:${VLLM_PYTHON_PATH}:$ENV{PYTHONPATH}")
                endif()
                execute_process(
                  COMMAND ${CMAKE_COMMAND} -E env
                  "PYTHONPATH=${MACHETE_PYTHONPATH}"
                  $$rest)
            """,
        ),
    ],
)
