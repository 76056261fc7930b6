"""Carry to the workers what UCM's connector planned for a step, and whose loads have failed."""

from transforms.edits import AddMember, Patch

_OUTPUT = "vllm.v1.core.sched.output.SchedulerOutput"

PATCH = Patch(
    why=(
        "UCM sets ucm_connector_meta on the class SchedulerOutput while it runs, where a process has imported it "
        "already: the workers get none"
    ),
    upstream="none: kv_connector_metadata is that of vLLM's own connector interface",
    drop_when="UCM's connector is a KVConnectorBase_V1 only, so that kv_connector_metadata carries all of it",
    versions=">=0.9.2",
    edits=[
        AddMember(
            inside=_OUTPUT,
            code="""
                ucm_connector_meta: object = None
                '''What UCM's connector planned for this step. None without UCM.'''
            """,
        ),
        AddMember(
            inside=_OUTPUT,
            code="""
                ucm_failed_recving: frozenset[str] = frozenset()
                '''The requests whose blocks UCM failed to load, and that are computed again.'''
            """,
        ),
    ],
)
