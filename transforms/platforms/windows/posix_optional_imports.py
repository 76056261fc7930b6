"""Import vLLM where there is no uvloop and no fcntl."""

from transforms.edits import ApplyRule, Patch
from transforms.platforms.windows._folders import LINUX_ONLY
from transforms.platforms.windows._sites import sites_of
from transforms.rules.posix.optional_imports import RULE

PATCH = Patch(
    why=(
        "The API server, its command line, the gRPC server and the benchmarks import uvloop, which has no "
        "builds for Windows: vllm serve ends in \"ModuleNotFoundError: No module named 'uvloop'\". What "
        "locks files imports fcntl; with it went every mixture-of-experts model before 0.21"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="no module of vLLM imports uvloop, or another module that only POSIX has, without a guard",
    versions=">=0.14.1",
    edits=[ApplyRule(rule=RULE, expected=sites_of("posix_optional_imports"), without=LINUX_ONLY)],
)
