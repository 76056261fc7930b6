"""Make DeepEP's buffers on MUSA, whose DeepEP has no `explicitly_destroy`."""

from transforms.edits import InsertAfter, Patch

_ALL2ALL = "vllm.distributed.device_communicators.all2all"
_CODE = """
    from vllm.platforms import current_platform

    if current_platform.is_musa():
        buffer_kwargs.pop("explicitly_destroy", None)
"""

PATCH = Patch(
    why=(
        "deep_ep.Buffer of MUSA's DeepEP takes no explicitly_destroy: expert parallelism ends in "
        "\"TypeError: __init__() got an unexpected keyword argument 'explicitly_destroy'\"."
    ),
    upstream="none: upstream's DeepEP has the argument",
    drop_when="MUSA's deep_ep.Buffer takes explicitly_destroy",
    # Before 0.17 the argument is not passed on any platform.
    versions=">=0.17",
    edits=[
        InsertAfter(
            inside=f"{_ALL2ALL}.DeepEPHTAll2AllManager.get_handle",
            anchor="buffer_kwargs = self._make_all2all_kwargs()",
            code=_CODE,
        ),
        InsertAfter(
            inside=f"{_ALL2ALL}.DeepEPLLAll2AllManager.get_handle",
            anchor="buffer_kwargs = self._make_all2all_kwargs(**kwargs)",
            code=_CODE,
        ),
        InsertAfter(
            inside=f"{_ALL2ALL}.DeepEPV2All2AllManager.get_handle",
            anchor="buffer_kwargs = self._make_all2all_kwargs(**kwargs)",
            code=_CODE,
            versions=">=0.24",
        ),
        InsertAfter(
            inside=f"{_ALL2ALL}.MoonEPAll2AllManager.get_handle",
            anchor="buffer_kwargs = self._make_buffer_kwargs(**kwargs)",
            code=_CODE,
            versions=">=0.31",
        ),
    ],
)
