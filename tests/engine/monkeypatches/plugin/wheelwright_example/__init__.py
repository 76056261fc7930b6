"""A platform plugin of vLLM 0.32, laid out as vLLM Ascend's is."""

from __future__ import annotations


def register() -> str:
    """Give vLLM the platform's class."""
    return "wheelwright_example.platform.ExamplePlatform"
