"""Destroy vllm-ascend's own process groups together with vLLM's."""

from transforms.edits import Patch, WrapFunction

_STATE = "vllm.distributed.parallel_state"

# The example of vllm-ascend's guide to patches. 0.23.0.post1 has the function that destroys its groups, and
# nothing that calls it; it wraps destroy_distributed_environment instead, under the two names that it knows of:
# the workers' own import of it, in multiproc_executor, stays unwrapped.
PATCH = Patch(
    why=(
        "destroy_model_parallel() leaves vllm-ascend's groups (MC2, LM head, ...): a second engine in the process "
        "takes them for its own, though their process groups are gone. So it does with the HCCL groups that "
        "vllm-ascend has noted for reuse, after destroy_distributed_environment(). On Ascend only."
    ),
    upstream="none: upstream has no hook for a platform's groups",
    drop_when="destroy_model_parallel and destroy_distributed_environment call the platform",
    versions=">=0.23",
    replaces=(
        "vllm.distributed.parallel_state:destroy_distributed_environment",
        "vllm.distributed:destroy_distributed_environment",
    ),
    edits=[
        WrapFunction(
            inside=f"{_STATE}.destroy_model_parallel",
            after="""
                from vllm.platforms import current_platform

                if current_platform.device_type == "npu":
                    from vllm_ascend.distributed.parallel_state import destroy_ascend_model_parallel

                    destroy_ascend_model_parallel()
            """,
        ),
        WrapFunction(
            inside=f"{_STATE}.destroy_distributed_environment",
            around="""
                import sys

                try:
                    return $call
                finally:
                    # The plugin notes groups where it patches while it runs, and where it is compiled in.
                    for name in (
                        "vllm_ascend.patch.worker.patch_distributed",
                        "vllm.wheelwright_plugins.vllm_ascend.worker_distributed",
                    ):
                        if name in sys.modules:
                            sys.modules[name]._HCCL_PG_REGISTRY.clear()
            """,
        ),
    ],
)
