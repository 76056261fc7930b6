"""Stop the servers at Ctrl+C where event loops take no signal handlers."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.signal_handlers import RULE

PATCH = Patch(
    why=(
        "The API server gives its event loop handlers for SIGINT and SIGTERM as soon as it has started; no "
        "loop of Windows takes any, and it ends in a NotImplementedError"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="vLLM does without add_signal_handler, or catches its NotImplementedError",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_signal_handlers"), without=LINUX_ONLY)],
)
