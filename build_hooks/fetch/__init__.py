"""Bring locked artifacts to this machine: the user's index, verified downloads, and the cache."""

from build_hooks.fetch.fetching import fetch

__all__ = ["fetch"]
