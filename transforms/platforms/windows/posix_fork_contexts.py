"""Ask for a GPU's properties where no process can be forked."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.fork_contexts import RULE

PATCH = Patch(
    why=(
        'cuda_get_device_properties asks a forked process while CUDA is not initialised: "ValueError: '
        "cannot find context for 'fork'\""
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="vLLM asks multiprocessing for no context by the name of fork",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_fork_contexts"), without=LINUX_ONLY)],
)
