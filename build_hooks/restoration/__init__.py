"""Give upstream's files back: from a wheel or sdist, or in place in an installation."""
