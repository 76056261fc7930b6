"""Do not wait for a message for ever after its notification was lost."""

from transforms.edits import InsertAfter, Patch, Replace, ReplaceText

_MODULE = "vllm.distributed.device_communicators.shm_broadcast"
_PATH = "vllm/distributed/device_communicators/shm_broadcast.py"
_READ_TIMEOUT = f"{_MODULE}.MessageQueue.ReadTimeoutWithWarnings"

PATCH = Patch(
    why=(
        "A reader of the shared-memory queue sleeps until it is notified, and notifications are sent with best "
        "effort: one lost, and the worker hangs. An exception in a reader leaves its slot unread, and the writer "
        "hangs. On every device: it is upstream's own change, word for word."
    ),
    upstream="https://github.com/vllm-project/vllm/pull/45224",
    drop_when="no release before 0.27 is built",
    # 0.27.0 has it: there the tool says `obsolete`.
    versions=">=0.23,<0.27",
    replaces=(
        "vllm.distributed.device_communicators.shm_broadcast:MessageQueue.ReadTimeoutWithWarnings.timeout_ms",
        "vllm.distributed.device_communicators.shm_broadcast:MessageQueue.acquire_read",
    ),
    edits=[
        InsertAfter(
            inside=_MODULE,
            anchor="VLLM_RINGBUFFER_WARNING_INTERVAL = envs.VLLM_RINGBUFFER_WARNING_INTERVAL",
            code="""
                # How long an idle reader sleeps before it looks at the written flag again.
                SHM_READER_RECHECK_INTERVAL_MS = 5000
            """,
        ),
        Replace(
            inside=_READ_TIMEOUT,
            find="def timeout_ms(self) -> int | None:",
            replace="def timeout_ms(self) -> int:",
        ),
        ReplaceText(
            path=_PATH,
            find="Returns a timeout that is:",
            replace="Returns a timeout, capped at the recheck interval, that is:",
        ),
        ReplaceText(
            path=_PATH,
            find="- None if the timeout is None",
            replace="- recheck interval if the timeout is None",
        ),
        Replace(
            inside=_READ_TIMEOUT,
            find="""
                warning_wait_time = self.warning_wait_time_ms
                if self.timeout is None:
                    return warning_wait_time
            """,
            replace="""
                wait_ms = SHM_READER_RECHECK_INTERVAL_MS
                if self.warning_wait_time_ms is not None:
                    wait_ms = min(wait_ms, self.warning_wait_time_ms)
                if self.timeout is None:
                    return wait_ms
            """,
        ),
        Replace(
            inside=_READ_TIMEOUT,
            find="""
                if warning_wait_time and warning_wait_time < time_left_ms:
                    return warning_wait_time
                return time_left_ms
            """,
            replace="return min(wait_ms, time_left_ms)",
        ),
        Replace(
            inside=f"{_MODULE}.MessageQueue.acquire_read",
            find="""
                with self.buffer.get_data(self.current_idx) as buf:
                    yield buf
                metadata_buffer[self.local_reader_rank + 1] = 1
                memory_fence()
                self.current_idx = (self.current_idx + 1) % self.buffer.max_chunks
                self._spin_condition.record_read()
            """,
            replace="""
                with self.buffer.get_data(self.current_idx) as buf:
                    try:
                        yield buf
                    finally:
                        # caller has read from the buffer; set the read flag.
                        metadata_buffer[self.local_reader_rank + 1] = 1
                        # Memory fence ensures the read flag is visible to the writer.
                        # Without this, writer may not see our read completion and
                        # could wait indefinitely for all readers to finish.
                        memory_fence()
                        next_idx = self.current_idx + 1
                        self.current_idx = next_idx % self.buffer.max_chunks
                        self._spin_condition.record_read()
            """,
            as_written=True,
        ),
    ],
)
