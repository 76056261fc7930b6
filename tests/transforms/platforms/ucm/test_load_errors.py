"""A connector can say what it could not load; one of several says it for all of them."""

from __future__ import annotations

from textwrap import dedent
from types import SimpleNamespace

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from transforms.platforms.ucm.load_errors import PATCH

BASE = "vllm.distributed.kv_transfer.kv_connector.v1.base"
MULTI = "vllm.distributed.kv_transfer.kv_connector.v1.multi_connector"
IN_BASE = """
class KVConnectorBase_V1:
    def __init__(self):
        self._connector_metadata = None

    def bind_connector_metadata(self, connector_metadata):
        self._connector_metadata = connector_metadata

    def clear_connector_metadata(self):
        self._connector_metadata = None

    def _get_connector_metadata(self):
        return self._connector_metadata

    def get_finished(self, finished_req_ids):
        return None, None
"""
IN_BASE_AFTER = """
class KVConnectorBase_V1:
    def __init__(self):
        self._connector_metadata = None

    def bind_connector_metadata(self, connector_metadata):
        self._connector_metadata = connector_metadata

    def clear_connector_metadata(self):
        self._connector_metadata = None

    def _get_connector_metadata(self):
        return self._connector_metadata

    def has_connector_metadata(self) -> bool:
        '''Tell whether there is metadata for this step.'''
        return self._connector_metadata is not None

    def get_finished(self, finished_req_ids):
        return None, None

    def get_block_ids_with_load_errors(self) -> set[int]:
        '''Give the blocks that failed to load since the last call: none, unless overridden.'''
        return set()
"""
IN_MULTI = """
class MultiConnector(KVConnectorBase_V1):
    def bind_connector_metadata(self, connector_metadata):
        assert isinstance(connector_metadata, MultiKVConnectorMetadata)
        for c, cm in zip(self._connectors, connector_metadata.metadata):
            c.bind_connector_metadata(cm)

    def clear_connector_metadata(self):
        for c in self._connectors:
            c.clear_connector_metadata()

    def get_finished(self, finished_req_ids):
        return None, None
"""


def test_a_connector_gains_two_methods() -> None:
    for release in ("0.9.2", "0.11.0"):
        assert patched(PATCH, release, BASE, IN_BASE) == dedent(IN_BASE_AFTER)


def test_one_of_several_knows_its_metadata_and_all_their_failures() -> None:
    base = run(patched(PATCH, "0.11.0", BASE, IN_BASE)).KVConnectorBase_V1
    multi = run(
        patched(PATCH, "0.11.0", MULTI, IN_MULTI),
        KVConnectorBase_V1=base,
        MultiKVConnectorMetadata=SimpleNamespace,
    ).MultiConnector()

    class Failing(base):  # type: ignore[misc, valid-type]
        def get_block_ids_with_load_errors(self) -> set[int]:
            return {3, 5}

    multi._connectors = [base(), Failing()]
    assert multi.get_block_ids_with_load_errors() == {3, 5}
    assert not multi.has_connector_metadata()
    multi.bind_connector_metadata(SimpleNamespace(metadata=("one", "two")))
    assert multi.has_connector_metadata()
    assert all(connector.has_connector_metadata() for connector in multi._connectors)
    multi.clear_connector_metadata()
    assert not multi.has_connector_metadata()
    assert not any(connector.has_connector_metadata() for connector in multi._connectors)


def test_it_ends_where_upstream_has_it() -> None:
    assert status_on(PATCH, "0.11.1") is Status.EXCLUDED
