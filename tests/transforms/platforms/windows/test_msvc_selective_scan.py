"""The scan's launch has an `if` where upstream has lambdas in macros; its body stays upstream's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.trees import MemoryTree
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits
from transforms.platforms.windows.msvc_selective_scan import PATCH

BEFORE = """\
template<int kNThreads, int kNItems, typename input_t, typename weight_t, typename state_t>
void selective_scan_fwd_launch(SSMParamsBase &params, cudaStream_t stream) {
    // One row for each block.
    constexpr int kNRows = 1;
    SWITCH(params.seqlen % (kNThreads * kNItems) == 0, kIsEvenLen, [&] {
        SWITCH(params.z_ptr != nullptr , kHasZ, [&] {
            SWITCH(params.query_start_loc_ptr != nullptr , kVarlen, [&] {
                using Ktraits = Traits<kNRows, kIsEvenLen, kHasZ, kVarlen>;
                constexpr int kSmemSize = Ktraits::kSmemSize;
                dim3 grid(params.batch, params.dim);
                auto kernel = &selective_scan_fwd_kernel<Ktraits>;
                if (kSmemSize >= 48 * 1024) {
#ifdef USE_ROCM
                    HIP(hipFuncSetAttribute(
                        reinterpret_cast<const void*>(kernel), hipLimit, kSmemSize));
#else
                    CUDA(cudaFuncSetAttribute(
                        kernel, cudaLimit, kSmemSize));
#endif
                }
                kernel<<<grid, Ktraits::kNThreads, kSmemSize, stream>>>(params);
                CHECK_LAUNCH();
            });
        });
    });
}

template<typename input_t, typename weight_t, typename state_t>
void selective_scan_fwd_cuda(SSMParamsBase &params, cudaStream_t stream) {
    selective_scan_fwd_launch<32, 4, input_t, weight_t, state_t>(params, stream);
}
"""
BODY = """\
, bool kIsEvenLen, bool kHasZ, bool kVarlen>
void selective_scan_fwd_dispatch(SSMParamsBase &params, cudaStream_t stream) {
    // One row for each block.
    constexpr int kNRows = 1;
    using Ktraits = Traits<kNRows, kIsEvenLen, kHasZ, kVarlen>;
    constexpr int kSmemSize = Ktraits::kSmemSize;
    dim3 grid(params.batch, params.dim);
    auto kernel = &selective_scan_fwd_kernel<Ktraits>;
    if (kSmemSize >= 48 * 1024) {
#ifdef USE_ROCM
        HIP(hipFuncSetAttribute(
            reinterpret_cast<const void*>(kernel), hipLimit, kSmemSize));
#else
        CUDA(cudaFuncSetAttribute(
            kernel, cudaLimit, kSmemSize));
#endif
    }
    kernel<<<grid, Ktraits::kNThreads, kSmemSize, stream>>>(params);
    CHECK_LAUNCH();
}
"""


@pytest.mark.parametrize(
    ("release", "folder"),
    [
        ("0.14.1", "csrc/mamba/mamba_ssm"),
        ("0.23.0", "csrc/libtorch_stable/mamba"),
        ("0.32.0", "csrc/mamba"),
    ],
)
def test_only_the_choice_is_new(release: str, folder: str) -> None:
    edits = [edit for edit in PATCH.edits if admits(edit.versions, release)]
    alone = {"windows/patch": replace(PATCH, edits=edits)}
    path = f"{folder}/selective_scan_fwd.cu"
    tree = MemoryTree.of({path: BEFORE.encode()})
    (outcome,) = match_patches(alone, tree, release)
    assert outcome.status is Status.APPLIED, outcome.problems
    (file,) = apply_sites([outcome], tree)
    after = file.after.decode()
    assert BODY in after
    assert "SWITCH" not in after
    chosen = after[after.index("inline void selective_scan_fwd_launch") :]
    assert chosen.count("selective_scan_fwd_dispatch<") == 8
    assert after.endswith(BEFORE[BEFORE.index("template<typename input_t") :])
    (again,) = match_patches(alone, MemoryTree.of({path: file.after}), release)
    assert not again.sites


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
