"""What all tests of the compiler share."""

import pytest
from hypothesis import settings

# Failing assertions of the helper module say what they compared.
pytest.register_assert_rewrite("tests.transforms.trees")

# The time of one example says nothing on a machine that others use as well.
settings.register_profile("compiler", deadline=None)
settings.load_profile("compiler")
