"""Keep stock and patched builds from sharing compiled code."""

from transforms.edits import InsertAfter, Patch

ANCHOR = "vllm_factors.append(__version__)"
CODE = """
from vllm.wheelwright import DIGEST as wheelwright_digest

vllm_factors.append(wheelwright_digest)
"""

PATCH = Patch(
    why=(
        "vLLM keys its torch.compile cache by __version__, which a patched build shares with the "
        "stock one: code compiled before the patch would go on running after it"
    ),
    upstream="none: stock vLLM has no second build of one version to tell apart",
    drop_when="VllmConfig.compute_hash covers the content of vLLM's own files",
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
