"""Leave a KV connector alone in layers of a step that it has nothing to do in."""

from transforms.edits import AddImport, InsertBefore, Patch
from transforms.platforms.ucm._recovery import DROP_WHEN, IMPORT, UPSTREAM, VERSIONS

_MODULE = "vllm.attention.layer"
_ANCHOR = "forward_context: ForwardContext = get_forward_context()"
_SKIP = """
    if wheelwright_ucm.on and not connector.has_connector_metadata():
        return
"""

PATCH = Patch(
    why=(
        "each attention layer waits for the connector and gives it its blocks, in steps without metadata, too: UCM's "
        "connector fails there on its assertion that there is some"
    ),
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    versions=VERSIONS,
    needs=("load_errors",),
    edits=[
        AddImport(inside=_MODULE, code=IMPORT),
        InsertBefore(
            inside=f"{_MODULE}.wait_for_kv_layer_from_connector", anchor=_ANCHOR, code=_SKIP
        ),
        InsertBefore(
            inside=f"{_MODULE}.maybe_save_kv_layer_to_connector", anchor=_ANCHOR, code=_SKIP
        ),
    ],
)
