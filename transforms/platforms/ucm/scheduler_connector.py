"""Give the scheduler UCM's connector: asked before a step, told of it after, and of requests that begin again."""

from transforms.edits import AddImport, InsertBefore, Patch

_MODULE = "vllm.v1.core.sched.scheduler"
_SCHEDULER = f"{_MODULE}.Scheduler"

PATCH = Patch(
    why=(
        "UCM rebinds Scheduler to a subclass while it runs; who has imported Scheduler before keeps upstream's, and "
        "UCM is never asked which tokens it has. Of a request that is computed again after a failed load, its connector "
        "keeps what it had planned (requests_meta), and takes it for one that goes on"
    ),
    upstream=(
        "none: vLLM's own interface is KVConnectorBase_V1, chosen by --kv-transfer-config; it is not told of requests "
        "that are computed again"
    ),
    drop_when="UCM's connector is a KVConnectorBase_V1 only, and that hears of requests that are computed again",
    versions=">=0.9.2",
    needs=("load_error_recovery", "scheduler_output"),
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm"),
        InsertBefore(
            inside=f"{_SCHEDULER}.__init__",
            anchor="self.finished_recving_kv_req_ids: set[str] = set()",
            code="""
                self.ucm_connector = (
                    wheelwright_ucm.counterpart.create_connector() if wheelwright_ucm.on else None
                )
            """,
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}.schedule",
            anchor="scheduled_resumed_reqs: list[Request] = []",
            code="""
                ucm_failed_recving: frozenset[str] = frozenset()
                if wheelwright_ucm.on:
                    ucm_failed_recving = wheelwright_ucm.steps.before(self)
            """,
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}.schedule",
            anchor="self._update_after_schedule(scheduler_output)",
            code="""
                if wheelwright_ucm.on:
                    wheelwright_ucm.steps.after(self, scheduler_output, ucm_failed_recving)
            """,
        ),
        # Before 0.11.1, load_error_recovery takes requests back, and says so.
        InsertBefore(
            inside=f"{_SCHEDULER}.update_from_output",
            anchor="stopped_running_reqs: set[Request] = set()",
            code="""
                if wheelwright_ucm.on and failed_kv_load_req_ids:
                    wheelwright_ucm.recovery.forget(self.connector, failed_kv_load_req_ids)
            """,
            versions=">=0.11.1",
        ),
    ],
)
