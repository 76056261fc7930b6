"""What is true of this machine."""

from __future__ import annotations

from pathlib import Path

HAS_DEVICE = Path("/dev/example0").exists()
