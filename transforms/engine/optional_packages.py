"""The packages that only some patches need, so that a build installs them only for these."""

from __future__ import annotations

OPTIONAL_PACKAGES = {
    "libcst": "libcst>=1.8",
    "tree_sitter": "tree-sitter>=0.25",
    "tree_sitter_cmake": "tree-sitter-cmake>=0.7.2",
    "tree_sitter_cuda": "tree-sitter-cuda>=0.21",
}
"""For each module, the requirement that brings it."""

CPP_GUARD = (OPTIONAL_PACKAGES["tree_sitter"], OPTIONAL_PACKAGES["tree_sitter_cuda"])
"""What the check of edited C++ and CUDA needs."""
