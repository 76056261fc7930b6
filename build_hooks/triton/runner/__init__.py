"""Runs in another interpreter, next to its Triton: the standard library and Triton only."""

ATTEMPTED = "attempted"
"""The line that the runner writes to standard output after each configuration."""
