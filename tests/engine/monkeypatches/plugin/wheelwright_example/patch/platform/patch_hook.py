"""The encoder's cache is patched when it is imported, and not before."""

from wheelwright_example.hooks import when_imported
from wheelwright_example.recorder import record


# Import hook.
@when_imported("vllm.v1.core.encoder_cache_manager")
def _patch_encoder_cache(module):
    original = module.EncoderCacheManager.__init__

    def init(self, *args, **kwargs):
        record("EncoderCacheManager.__init__")
        original(self, *args, **kwargs)

    module.EncoderCacheManager.__init__ = init
