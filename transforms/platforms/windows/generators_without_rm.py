"""Remove Marlin's old kernels without the program `rm`, which Windows does not have."""

from transforms.edits import Patch, Replace

_CALL = 'subprocess.call(["rm", "-f", filename])'
_REMOVE = """
    if os.path.lexists(filename):
        os.remove(filename)
"""
_OLD = "generate_kernels.remove_old_kernels"

PATCH = Patch(
    why=(
        "CMake stops with 'Marlin generation failed': generate_kernels.py calls rm, and ends in "
        "FileNotFoundError: [WinError 2] where no rm.exe of Git or MSYS2 is in the PATH"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="remove_old_kernels() starts no process",
    versions=">=0.14.1",
    edits=[
        Replace(
            inside=f"csrc.quantization.gptq_marlin.{_OLD}",
            find=_CALL,
            replace=_REMOVE,
            count=2,
            versions="<0.16",
        ),
        Replace(
            inside=f"csrc.quantization.marlin.{_OLD}",
            find=_CALL,
            replace=_REMOVE,
            count=2,
            versions=">=0.16,<0.24",
        ),
        Replace(
            inside=f"csrc.moe.marlin_moe_wna16.{_OLD}",
            find=_CALL,
            replace=_REMOVE,
            count=2,
            versions="<0.24",
        ),
        Replace(
            inside=f"csrc.libtorch_stable.quantization.marlin.{_OLD}",
            find=_CALL,
            replace=_REMOVE,
            count=2,
            versions=">=0.24,<0.32",
        ),
        Replace(
            inside=f"csrc.libtorch_stable.moe.marlin_moe_wna16.{_OLD}",
            find=_CALL,
            replace=_REMOVE,
            count=2,
            versions=">=0.24,<0.32",
        ),
        Replace(
            inside=f"csrc.quantization.marlin.{_OLD}",
            find=_CALL,
            replace=_REMOVE,
            count=2,
            versions=">=0.32",
        ),
    ],
)
