"""The packages that only some patches need, so that a build installs them only for these."""

from __future__ import annotations

OPTIONAL_PACKAGES = {"libcst": "libcst>=1.8"}
"""For each module, the requirement that brings it."""
