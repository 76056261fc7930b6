"""What is patched in the main process, in this order."""

import wheelwright_example.patch.platform.patch_engine_core
import wheelwright_example.patch.platform.patch_engine_core_watch
import wheelwright_example.patch.platform.patch_environment
import wheelwright_example.patch.platform.patch_hook
import wheelwright_example.patch.platform.patch_kv_cache
import wheelwright_example.patch.platform.patch_others
import wheelwright_example.patch.platform.patch_processors
import wheelwright_example.patch.platform.patch_request
import wheelwright_example.patch.platform.patch_scheduler  # noqa: F401
