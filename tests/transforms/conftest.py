"""What all tests of the compiler share."""

from hypothesis import settings

# The time of one example says nothing on a machine that others use as well.
settings.register_profile("compiler", deadline=None)
settings.load_profile("compiler")
