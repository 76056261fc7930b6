"""Edits that match a release which their bounds leave out, and why that is right."""

from __future__ import annotations

# What matches a release that the bounds leave out, one of these releases, and why that is right:
# the code that an edit is anchored to is older than what it guards against, or lives on where
# another edit holds the point.
EXCEPTIONS = {
    "ascend/mamba_context_parallel edit 1": ("0.26.0", "from 0.26 on upstream does it itself"),
    "ascend/structured_output_backend edit 1": (
        "0.26.0",
        "from 0.26 on a grammar that does not compile fails its request only",
    ),
    "ascend/structured_output_backend edit 2": (
        "0.26.0",
        "from 0.26 on a grammar that does not compile fails its request only",
    ),
    "musa/all2all_explicit_destroy edit 1": (
        "0.16.0",
        "`explicitly_destroy` is passed from 0.17 on",
    ),
    "musa/all2all_explicit_destroy edit 2": (
        "0.16.0",
        "`explicitly_destroy` is passed from 0.17 on",
    ),
    "musa/deep_gemm_e8m0 edit 1": (
        "0.11.0",
        "before 0.11.1 the setting counts on capability 9 and 10 only",
    ),
    "musa/torch_profiler_activity edit 10": (
        "0.16.0",
        "imports torch for an edit that is needed from 0.31 on",
    ),
    "profile/block_pool edit 5": (
        "0.33.0",
        "from 0.23 on edits 6 to 8 stand where all that was freed is known",
    ),
    "profile/forward_v2 edit 2": ("0.16.0", "from 0.16 on edit 3 stands where every step begins"),
    "windows/cmake_cublas edit 1": (
        "0.22.1",
        "from 0.22 on another target calls cuBLAS",
    ),
    "windows/cmake_cublas edit 2": (
        "0.16.0",
        "it calls cuBLAS from 0.17 to 0.20",
    ),
    "windows/cmake_cublas edit 3": ("0.21.0", "it calls cuBLAS from 0.22 on"),
    "windows/generators_without_rm edit 2": ("0.33.0", "the file is back there: edit 6 is for it"),
    "windows/generators_without_rm edit 6": (
        "0.16.0",
        "it was there before: edit 2 is for it",
    ),
    "windows/msvc_attributes edit 1": ("0.33.0", "the file is back there: edit 3 is for it"),
    "windows/msvc_attributes edit 3": ("0.21.0", "it was there before: edit 1 is for it"),
    "windows/msvc_else_if_chains edit 2": ("0.33.0", "the file is back there: edit 6 is for it"),
    "windows/msvc_else_if_chains edit 6": ("0.16.0", "it was there before: edit 2 is for it"),
    "ucm-sparse/block_table edit 1": ("0.33.0", "from 0.11 on edit 2 adds the method"),
    "ucm-sparse/block_table edit 2": ("0.9.2", "before 0.11 edit 1 adds the method"),
    "ucm-sparse/hash_cache edit 4": (
        "0.28.0",
        "before 0.29 edits 2 and 3 stand where all kinds of cache come by",
    ),
    "ucm-sparse/kv_cache_coordinator edit 5": (
        "0.14.1",
        "before 0.16 no draft model has tokens of its own",
    ),
    "ucm-sparse/kv_cache_coordinator edit 7": (
        "0.14.1",
        "before 0.16 no draft model has tokens of its own",
    ),
    "ucm-sparse/kv_cache_manager edit 2": (
        "0.33.0",
        "from 0.11.1 on edit 3 writes it without Optional",
    ),
    "ucm-sparse/kv_cache_manager edit 3": (
        "0.9.2",
        "before 0.11.1 edit 2 writes it as Python 3.9 has it",
    ),
    "ucm-sparse/runner_inputs edit 9": (
        "0.18.1",
        "before 0.19 edit 7 shortens the lengths where they are made",
    ),
    "ucm-sparse/scheduler edit 4": ("0.33.0", "from 0.14 on edit 5 stands before running requests"),
    "ucm-sparse/scheduler edit 5": ("0.10.0", "before 0.14 edit 4 stands before running requests"),
    "ucm/load_error_output edit 2": ("0.11.0", "from 0.11 on edit 3 adds the field behind another"),
    "ucm/load_error_output edit 4": (
        "0.33.0",
        "from 0.11.1 on upstream recovers from failed loads itself",
    ),
    "ucm/load_error_output edit 7": (
        "0.33.0",
        "from 0.11.1 on upstream recovers from failed loads itself",
    ),
    "ucm/load_error_recovery edit 3": ("0.11.0", "from 0.10.1 on edit 4 stands there"),
    "ucm/load_error_recovery edit 4": ("0.9.2", "before 0.10.1 edit 3 stands there"),
    "ucm/load_error_recovery edit 6": (
        "0.33.0",
        "from 0.11.1 on upstream recovers from failed loads itself",
    ),
    "ucm/load_error_recovery edit 7": (
        "0.17.1",
        "from 0.11.1 on upstream recovers from failed loads itself",
    ),
    "ucm/load_error_report edit 2": (
        "0.29.0",
        "from 0.11.1 on upstream recovers from failed loads itself",
    ),
    "ucm/load_error_report edit 6": ("0.11.0", "from 0.10.1 on edit 2 reports in the mixin"),
    "ucm/load_error_report edit 7": (
        "0.33.0",
        "from 0.11.1 on upstream recovers from failed loads itself",
    ),
    "ucm/load_errors edit 4": (
        "0.33.0",
        "from 0.11.1 on upstream recovers from failed loads itself",
    ),
    "ucm/load_errors edit 5": (
        "0.33.0",
        "from 0.11.1 on upstream recovers from failed loads itself",
    ),
    "ucm/output_counts edit 6": ("0.33.0", "from 0.11.1 on upstream counts outputs itself"),
    "ucm/scheduler_connector edit 5": ("0.11.0", "before 0.11.1 load_error_recovery forgets them"),
}
