"""Open the API server's port where there is no SO_REUSEPORT."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.reuse_port import RULE

PATCH = Patch(
    why=(
        "The API server sets SO_REUSEPORT on its socket, later only where several servers share a port: "
        "\"AttributeError: module 'socket' has no attribute 'SO_REUSEPORT'\""
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="vLLM asks for SO_REUSEPORT only where the socket module has it",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_reuse_port"), without=LINUX_ONLY)],
)
