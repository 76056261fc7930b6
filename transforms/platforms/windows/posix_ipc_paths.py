"""Let two processes meet on TCP where ZeroMQ has no Unix domain sockets."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.ipc_paths import RULE

PATCH = Patch(
    why=(
        "Addresses that both ends put together, such as that of Mooncake's lookups, begin with ipc://: "
        '"ZMQError: Protocol not supported"'
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="no address in vLLM begins with ipc:// where sys.platform is win32",
    # The address came with Mooncake's store; the other one, of get_open_zmq_ipc_path, is zmq_transport's.
    versions=">=0.21",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_ipc_paths"), without=LINUX_ONLY)],
)
