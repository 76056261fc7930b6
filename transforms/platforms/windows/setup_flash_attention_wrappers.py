"""Copy the Python files of flash attention to where they are imported from."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        "After an editable build, `from vllm.vllm_flash_attn import ...` fails: setup.py looks for "
        "'vllm/vllm_flash_attn/' in paths with backslashes, does not find it, and copies the files "
        "into folders named after the whole path."
    ),
    upstream="none: upstream does not plan to support Windows in tree",
    drop_when="setup.py takes the paths of these files relative to the build folder",
    versions=">=0.14.1",
    edits=[
        Replace(
            inside="setup.cmake_build_ext.run",
            find='file.split("vllm/vllm_flash_attn/")',
            replace='file.replace(os.sep, "/").split("vllm/vllm_flash_attn/")',
        ),
    ],
)
