"""Say that there are no Unix domain sockets, where there are none."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.unix_sockets import RULE

PATCH = Patch(
    why=(
        "vllm serve --uds and the weight cache end in \"AttributeError: module 'socket' has no attribute "
        "'AF_UNIX'\", which does not tell a user that a TCP port is what to use"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="vLLM makes Unix domain sockets only where the socket module has them",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_unix_sockets"), without=LINUX_ONLY)],
)
