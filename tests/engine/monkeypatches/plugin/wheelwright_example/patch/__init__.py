"""The patches: `platform` for the main process, `worker` for each worker."""

# * Platform Patch:
# =================
# ** 1. File: platform/patch_engine_core.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.engine.core.HANDSHAKE_TIMEOUT_MINS`,
#      `vllm.v1.engine.core.EngineCore.__init__`,
#      `vllm.v1.engine.core.EngineCoreProc.run_engine_core`
#    Why:
#       Nobody sees when EngineCore begins, and it gives up too soon.
#    How:
#       Count its beginnings, and wait for seven minutes.
#    Related PR (if no, explain why):
#       No: an example.
#    Future Plan:
#       EngineCore tells when it begins.
#
# ** 2. File: platform/patch_environment.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.envs.environment_variables`
#    Why:
#       The device cannot read what is not copied.
#    How:
#       Raise the threshold.
#    Related PR (if no, explain why):
#       No: it is about this device.
#    Future Plan:
#       The device reads memory of others.
#
# ** 3. File: platform/patch_kv_cache.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.core.kv_cache_manager.KVCacheManager`
#    Why:
#       Nobody sees who asks for blocks.
#    How:
#       Count.
#    Related PR (if no, explain why):
#       No: an example.
#    Future Plan:
#       vLLM counts it.
#
# ** 4. File: platform/patch_others.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.engine.llm_engine.LLMEngine.__init__`
#    Why:
#       The engine's steps are not counted.
#    How:
#       Count them, by other ways than an assignment at import.
#    Related PR (if no, explain why):
#       No: an example.
#    Future Plan:
#       vLLM counts them.
#
# ** 5. File: platform/patch_processors.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.engine.input_processor.InputProcessor.process_inputs`
#    Why:
#       Requests are not counted.
#    How:
#       Count them.
#    Related PR (if no, explain why):
#       No: an example.
#    Future Plan:
#       vLLM counts them.
#
# ** 6. File: platform/patch_request.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.request.Request`
#    Why:
#       Clients of an older API know no reason `length`.
#    How:
#       Say `stop`.
#    Related PR (if no, explain why):
#       No: upstream's way is right.
#    Future Plan:
#       No client of the older API is left.
#
# ** 7. File: platform/patch_scheduler.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.core.sched.scheduler.Scheduler`,
#      `vllm.v1.core.sched.utils.check_stop`,
#      `vllm.v1.core.sched.request_queue.FCFSRequestQueue`
#    Why:
#       The scheduler's work is not counted.
#    How:
#       Count it.
#    Related PR (if no, explain why):
#       No: an example.
#    Future Plan:
#       vLLM counts it.
#
# * Worker Patch:
# =================
# ** 1. File: worker/patch_device.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.worker.cpu_worker.CPUWorker.determine_available_memory`
#    Why:
#       Without the device its memory is counted in vain.
#    How:
#       Count how often.
#    Related PR (if no, explain why):
#       No: an example.
#    Future Plan:
#       vLLM does not ask without a device.
#
# ** 2. File: worker/patch_sampler.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.sample.sampler.Sampler.greedy_sample`
#    Why:
#       Samples are not counted.
#    How:
#       Count them.
#    Related PR (if no, explain why):
#       No: an example.
#    Future Plan:
#       vLLM counts them.
#
# ** 3. File: worker/patch_worker.py**
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#   1. `vllm.v1.worker.cpu_worker.CPUWorker.execute_model`
#    Why:
#       The worker's steps are not counted.
#    How:
#       Count them.
#    Related PR (if no, explain why):
#       No: an example.
#    Future Plan:
#       vLLM counts them.
