"""The KV cache manager tells which requests it gives blocks to."""

from vllm.v1.core import kv_cache_manager
from vllm.v1.core.kv_cache_manager import KVCacheManager
from vllm.v1.core.sched import scheduler

from wheelwright_example.recorder import record


class ExampleKVCacheManager(KVCacheManager):
    """Tells what it is asked for."""

    def allocate_slots(self, request, *args, **kwargs):
        record("KVCacheManager.allocate_slots")
        return super().allocate_slots(request, *args, **kwargs)


# Subclass and rebind, and once more where it was imported by name.
kv_cache_manager.KVCacheManager = ExampleKVCacheManager
scheduler.KVCacheManager = ExampleKVCacheManager
