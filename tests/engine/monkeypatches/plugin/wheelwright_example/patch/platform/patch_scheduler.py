"""The scheduler tells what it does, keeps its requests in another queue, and ends them itself."""

from collections import deque

from vllm.v1.core.sched import request_queue, scheduler, utils
from vllm.v1.core.sched.request_queue import RequestQueue
from vllm.v1.core.sched.scheduler import Scheduler
from vllm.v1.request import RequestStatus

from wheelwright_example.recorder import record

# Module attribute, and an attribute on a class.
scheduler.EXAMPLE_LABEL = "a module's"
Scheduler.example_label = "a class's"
# Save the original, for what takes its place.
Scheduler._example_update_after_schedule = Scheduler._update_after_schedule


def _update_after_schedule(self, scheduler_output):
    record(f"Scheduler._update_after_schedule, {scheduler.EXAMPLE_LABEL}, {self.example_label}")
    self._example_update_after_schedule(scheduler_output)


def has_unfinished_requests(self):
    record("Scheduler.has_unfinished_requests")
    return self.get_num_unfinished_requests() > 0


def check_stop(request, max_model_len):
    record("check_stop")
    if request.num_tokens >= max_model_len or request.num_output_tokens >= request.max_tokens:
        request.status = RequestStatus.FINISHED_LENGTH_CAPPED
        return True
    return False


class ExampleRequestQueue(deque, RequestQueue):
    """A first-come-first-served queue that tells who comes."""

    def add_request(self, request):
        record("FCFSRequestQueue.add_request")
        self.append(request)

    def pop_request(self):
        return self.popleft()

    def peek_request(self):
        return self[0]

    def prepend_request(self, request):
        self.appendleft(request)

    def prepend_requests(self, requests):
        self.extendleft(requests)

    def remove_request(self, request):
        self.remove(request)

    def remove_requests(self, requests):
        gone = set(requests)
        kept = [item for item in self if item not in gone]
        self.clear()
        self.extend(kept)

    def __bool__(self):
        return len(self) > 0

    def __len__(self):
        return super().__len__()

    def __iter__(self):
        return super().__iter__()


# Wrap the original that was saved; override an inherited method.
Scheduler._update_after_schedule = _update_after_schedule
Scheduler.has_unfinished_requests = has_unfinished_requests
# Replace a function, and rebind it where it was imported by name.
utils.check_stop = check_stop
scheduler.check_stop = check_stop
# Replace a class.
request_queue.FCFSRequestQueue = ExampleRequestQueue
