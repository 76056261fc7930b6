"""Keep a process in which patches are off from sharing compiled code with one in which they are on."""

from transforms.edits import InsertAfter, Patch

ANCHOR = "vllm_factors.append(__version__)"
CODE = """
from vllm.wheelwright_switches import switched_off as wheelwright_switched_off

vllm_factors.append(wheelwright_switched_off())
"""

PATCH = Patch(
    why=(
        "vLLM's torch.compile cache is keyed by the build, and with switches one build is several: code "
        "that was compiled with a patch would go on running after it was switched off"
    ),
    upstream="none: stock vLLM has no switches",
    drop_when="VllmConfig.compute_hash covers the code that is imported",
    versions=">=0.9.2",
    edits=[
        InsertAfter(
            inside="vllm.config.VllmConfig.compute_hash",
            anchor=ANCHOR,
            code=CODE,
            versions="<0.11.1",
        ),
        InsertAfter(
            inside="vllm.config.vllm.VllmConfig.compute_hash",
            anchor=ANCHOR,
            code=CODE,
            versions=">=0.11.1",
        ),
    ],
)
