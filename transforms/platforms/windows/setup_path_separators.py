r"""Hand paths to CMake with forward slashes."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        r"CMake reads a backslash as the begin of an escape sequence: it says 'Invalid escape sequence "
        r"\P' of C:\Program Files, and finds neither Python nor the folder for what it fetches."
    ),
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="setup.py writes the paths that it gives to CMake with forward slashes",
    versions=">=0.14.1",
    edits=[
        Replace(
            inside="setup.cmake_build_ext.configure",
            find='"-DVLLM_PYTHON_EXECUTABLE={}".format(sys.executable)',
            replace='"-DVLLM_PYTHON_EXECUTABLE={}".format(sys.executable.replace(os.sep, "/"))',
            versions="<0.32",
        ),
        Replace(
            inside="setup.cmake_build_ext.configure",
            find='f"-DVLLM_PYTHON_EXECUTABLE={sys.executable}"',
            replace="f\"-DVLLM_PYTHON_EXECUTABLE={sys.executable.replace(os.sep, '/')}\"",
            versions=">=0.32",
        ),
        # A list of CMake's on Windows: drive letters have the colon.
        Replace(
            inside="setup.cmake_build_ext.configure",
            find='":".join(sys.path)',
            replace='os.pathsep.join(sys.path).replace(os.sep, "/")',
        ),
        Replace(
            inside="setup.cmake_build_ext.configure",
            find='"-DFETCHCONTENT_BASE_DIR={}".format(fc_base_dir)',
            replace='"-DFETCHCONTENT_BASE_DIR={}".format(fc_base_dir.replace(os.sep, "/"))',
            versions="<0.32",
        ),
        Replace(
            inside="setup.cmake_build_ext.configure",
            find='f"-DFETCHCONTENT_BASE_DIR={fc_base_dir}"',
            replace="f\"-DFETCHCONTENT_BASE_DIR={fc_base_dir.replace(os.sep, '/')}\"",
            versions=">=0.32",
        ),
        Replace(
            inside="setup.cmake_build_ext.build_extensions",
            find='["cmake", "--install", ".", "--prefix", prefix, $$more]',
            replace='["cmake", "--install", ".", "--prefix", prefix.as_posix(), $$more]',
        ),
    ],
)
