"""What is patched in the worker."""

import wheelwright_example.patch.worker.patch_device
import wheelwright_example.patch.worker.patch_sampler
import wheelwright_example.patch.worker.patch_worker  # noqa: F401
