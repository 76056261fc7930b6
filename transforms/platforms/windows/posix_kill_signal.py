"""End the engine's processes where there is no SIGKILL."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.kill_signal import RULE

PATCH = Patch(
    why=(
        "When an engine has failed, kill_process_tree ends in \"AttributeError: module 'signal' has no "
        "attribute 'SIGKILL'\", and the processes live on with the GPU's memory"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="vLLM sends SIGKILL only where the signal module has it",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_kill_signal"), without=LINUX_ONLY)],
)
