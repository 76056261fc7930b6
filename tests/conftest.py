"""For all tests: properties are judged by their examples, and Ctrl-C means what it means."""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

# Failing assertions of the helper module say what they compared; whoever imports it comes later.
pytest.register_assert_rewrite("tests.transforms.trees")

settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("untimed")

# A shell starts what runs in its background deaf to Ctrl-C, and every process below inherits that:
# what is told to stop would run for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of bytes by its parameter: every xdist worker must find the same names.

    pytest would write the bytes out, and those of an archive hold the second it was made in.
    """
    return argname if isinstance(val, bytes) else None
