"""Set handlers only for the signals that there are."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.absent_signals import RULE

PATCH = Patch(
    why=(
        "vllm chat and vllm complete begin with a handler for SIGTSTP: \"AttributeError: module 'signal' has "
        "no attribute 'SIGTSTP'\""
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="vLLM sets handlers only for signals that the signal module has",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_absent_signals"), without=LINUX_ONLY)],
)
