"""Let UCM's own connector forget a request whose load failed, before it is scheduled again."""

from transforms.edits import AddImport, InsertBefore, Patch

_MODULE = "vllm.v1.core.sched.scheduler"

PATCH = Patch(
    why=(
        "UCM's connector keeps what it planned for a request in requests_meta: a request that is computed again after "
        "a failed load is taken for one that goes on, and its blocks are stored under wrong keys"
    ),
    upstream="none: upstream tells a connector nothing of the requests that it recovers",
    drop_when="KVConnectorBase_V1 has a method that is called for requests that are computed again",
    # Before, load_error_recovery does it: there is no recovery to add it to.
    versions=">=0.11.1",
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm"),
        InsertBefore(
            inside=f"{_MODULE}.Scheduler.update_from_output",
            anchor="stopped_running_reqs: set[Request] = set()",
            code="""
                if wheelwright_ucm.on and failed_kv_load_req_ids:
                    wheelwright_ucm.recovery.forget(self.connector, failed_kv_load_req_ids)
            """,
        ),
    ],
)
