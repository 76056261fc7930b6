"""What the patches of the recovery from failed loads have in common.

Upstream has the recovery from 0.11.1 on (pull request 19330), so none of them is for a later release. Each acts only
where ENABLE_UCM_PATCH is set: nothing reports a block otherwise.
"""

UPSTREAM = "https://github.com/vllm-project/vllm/pull/19330, which is in 0.11.1"
DROP_WHEN = "no release before 0.11.1 is in the lock"
VERSIONS = ">=0.9.2,<0.11.1"
IMPORT = "from vllm import wheelwright_ucm"
# From 0.10.1 on, what a connector reports has a class of its own, KVConnectorOutput.
OWN_OUTPUT = ">=0.10.1"
