"""Call the CUDA compiler by the name that it has on Windows."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        "CMake wants the full path of an existing compiler, and there is no bin/nvcc on Windows: "
        "'CMAKE_CUDA_COMPILER ... is not a full path to an existing compiler tool'."
    ),
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="setup.py appends the suffix of executables to nvcc",
    versions=">=0.14.1",
    edits=[
        Replace(
            inside="setup.cmake_build_ext.configure",
            find='cmake_args += [f"-DCMAKE_CUDA_COMPILER={CUDA_HOME}/bin/nvcc"]',
            replace="""
                nvcc = "nvcc.exe" if sys.platform == "win32" else "nvcc"
                cuda_home = CUDA_HOME.replace(os.sep, "/")
                cmake_args += [f"-DCMAKE_CUDA_COMPILER={cuda_home}/bin/{nvcc}"]
            """,
        ),
        Replace(
            inside="setup.get_nvcc_cuda_version",
            find='CUDA_HOME + "/bin/nvcc"',
            replace='CUDA_HOME + ("/bin/nvcc.exe" if sys.platform == "win32" else "/bin/nvcc")',
        ),
    ],
)
