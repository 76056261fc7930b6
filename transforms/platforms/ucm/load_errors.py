"""Let a KV connector say which blocks it could not load, and whether it has anything to do in a step."""

from transforms.edits import AddMember, InsertBefore, Patch
from transforms.platforms.ucm._recovery import DROP_WHEN, UPSTREAM, VERSIONS

_BASE = "vllm.distributed.kv_transfer.kv_connector.v1.base.KVConnectorBase_V1"
_MULTI = "vllm.distributed.kv_transfer.kv_connector.v1.multi_connector.MultiConnector"

PATCH = Patch(
    why=(
        "a KV connector has no way to say that a block failed to load: the request goes on with whatever the block "
        "holds, and its tokens are wrong"
    ),
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    versions=VERSIONS,
    edits=[
        AddMember(
            inside=_BASE,
            after="get_finished",
            code="""
                def get_block_ids_with_load_errors(self) -> set[int]:
                    '''Give the blocks that failed to load since the last call: none, unless overridden.'''
                    return set()
            """,
        ),
        AddMember(
            inside=_BASE,
            after="_get_connector_metadata",
            code="""
                def has_connector_metadata(self) -> bool:
                    '''Tell whether there is metadata for this step.'''
                    return self._connector_metadata is not None
            """,
        ),
        AddMember(
            inside=_MULTI,
            after="get_finished",
            code="""
                def get_block_ids_with_load_errors(self) -> set[int]:
                    return {
                        block
                        for connector in self._connectors
                        for block in connector.get_block_ids_with_load_errors()
                    }
            """,
        ),
        # It hands the metadata on, and would be taken for a connector without any.
        InsertBefore(
            inside=f"{_MULTI}.bind_connector_metadata",
            anchor="assert isinstance(connector_metadata, MultiKVConnectorMetadata)",
            code="super().bind_connector_metadata(connector_metadata)",
        ),
        InsertBefore(
            inside=f"{_MULTI}.clear_connector_metadata",
            anchor="for c in self._connectors: c.clear_connector_metadata()",
            code="super().clear_connector_metadata()",
        ),
    ],
)
