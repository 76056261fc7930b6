"""Generate Marlin's kernel selector as separate `if`s, where MSVC is to compile it."""

from transforms.edits import Patch, Replace

# Each condition compares the same twelve variables with other constants, so at most one holds: `else`
# adds nothing. The last branch, which stays `else if`, asks for a type that no other one has then.
_FIRST = "kernel_selector_str == FILE_HEAD_COMMENT"
_FIRST_OR_FLAT = f'{_FIRST} or sys.platform == "win32"'
_GENERATE = "generate_kernels.generate_new_kernels"

PATCH = Patch(
    why=(
        "generate_kernels.py writes several hundred branches as one chain of `else if`, each nested in "
        "the one before; MSVC takes 127: 'fatal error C1061: compiler limit: blocks nested too deeply'"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="the generated kernel_selector.h nests no 128 blocks",
    versions=">=0.14.1",
    edits=[
        Replace(
            inside=f"csrc.quantization.gptq_marlin.{_GENERATE}",
            find=_FIRST,
            replace=_FIRST_OR_FLAT,
            versions="<0.16",
        ),
        Replace(
            inside=f"csrc.quantization.marlin.{_GENERATE}",
            find=_FIRST,
            replace=_FIRST_OR_FLAT,
            versions=">=0.16,<0.24",
        ),
        Replace(
            inside=f"csrc.moe.marlin_moe_wna16.{_GENERATE}",
            find=_FIRST,
            replace=_FIRST_OR_FLAT,
            versions="<0.24",
        ),
        Replace(
            inside=f"csrc.libtorch_stable.quantization.marlin.{_GENERATE}",
            find=_FIRST,
            replace=_FIRST_OR_FLAT,
            versions=">=0.24,<0.32",
        ),
        Replace(
            inside=f"csrc.libtorch_stable.moe.marlin_moe_wna16.{_GENERATE}",
            find=_FIRST,
            replace=_FIRST_OR_FLAT,
            versions=">=0.24,<0.32",
        ),
        # One generator for both from here on.
        Replace(
            inside=f"csrc.quantization.marlin.{_GENERATE}",
            find=_FIRST,
            replace=_FIRST_OR_FLAT,
            versions=">=0.32",
        ),
    ],
)
