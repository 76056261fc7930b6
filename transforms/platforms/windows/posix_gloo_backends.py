"""Give one rank a process group for the CPU where gloo has no transport."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.gloo_backends import RULE

PATCH = Patch(
    why=(
        "PyTorch's builds for Windows have gloo without a transport: the groups for the CPU, which vLLM "
        'makes for one GPU too, end in "makeDeviceForHostname(): unsupported gloo device"'
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="gloo of PyTorch's builds for Windows has a transport",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_gloo_backends"), without=LINUX_ONLY)],
)
