"""The worker tells what it executes, and how often random numbers begin anew."""

import torch
from vllm.v1.worker import cpu_worker
from vllm.v1.worker.cpu_worker import CPUWorker

from wheelwright_example.recorder import record

_execute_model = CPUWorker.execute_model
_manual_seed = torch.manual_seed
_set_random_seed = cpu_worker.set_random_seed


def execute_model(self, scheduler_output):
    record("CPUWorker.execute_model")
    return _execute_model(self, scheduler_output)


def manual_seed(seed):
    record("torch.manual_seed")
    return _manual_seed(seed)


def set_random_seed(seed, *args):
    record("set_random_seed")
    _set_random_seed(seed, *args)


# Override an inherited method.
CPUWorker.execute_model = execute_model
# Third-party target.
torch.manual_seed = manual_seed
# Rebind at an import site, and nowhere else.
cpu_worker.set_random_seed = set_random_seed
