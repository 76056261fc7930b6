"""Start and end groups of processes where there are none."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.process_groups import RULE

PATCH = Patch(
    why=(
        "vllm bench sweep ends its server by os.killpg(os.getpgid(...)), and each server of a data parallel "
        "supervisor calls os.setpgrp(): \"AttributeError: module 'os' has no attribute ...\""
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="vLLM asks for process groups only where the os module has them",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_process_groups"), without=LINUX_ONLY)],
)
