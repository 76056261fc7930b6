"""Which files are C, C++ or CUDA."""

from __future__ import annotations

CPP = (".cu", ".cuh", ".h", ".hpp", ".cpp", ".cc", ".c", ".inl")
"""How the names of such files end."""
