"""Choose Mamba's scan kernel by template arguments, not by lambdas in macros in lambdas."""

from transforms.edits import Patch, cpp

_PARAMETERS = "int kNThreads, int kNItems, typename input_t, typename weight_t, typename state_t"
_LAUNCH = f"template<{_PARAMETERS}>\nvoid selective_scan_fwd_launch"
_DISPATCH = (
    f"template<{_PARAMETERS}, bool kIsEvenLen, bool kHasZ, bool kVarlen>\n"
    "void selective_scan_fwd_dispatch"
)
_SWITCHES = """
    $switch(params.seqlen % (kNThreads * kNItems) == 0, kIsEvenLen, [&] {
        $switch(params.z_ptr != nullptr, kHasZ, [&] {
            $switch(params.query_start_loc_ptr != nullptr, kVarlen, [&] {
                using Ktraits = $$traits;
                constexpr int kSmemSize = $$size;
                dim3 grid($$grid);
                auto kernel = &selective_scan_fwd_kernel<Ktraits>;
                if (kSmemSize >= 48 * 1024) {
    #ifdef USE_ROCM
                    $hip_check(hipFuncSetAttribute(
                        reinterpret_cast<const void*>(kernel), $hip_limit, kSmemSize));
    #else
                    $cuda_check(cudaFuncSetAttribute(kernel, $cuda_limit, kSmemSize));
    #endif
                }
                kernel<<<grid, Ktraits::kNThreads, kSmemSize, stream>>>(params);
                $launch_check();
            });
        });
    });
"""
_WITHOUT_SWITCHES = """
    using Ktraits = $$traits;
    constexpr int kSmemSize = $$size;
    dim3 grid($$grid);
    auto kernel = &selective_scan_fwd_kernel<Ktraits>;
    if (kSmemSize >= 48 * 1024) {
    #ifdef USE_ROCM
        $hip_check(hipFuncSetAttribute(
            reinterpret_cast<const void*>(kernel), $hip_limit, kSmemSize));
    #else
        $cuda_check(cudaFuncSetAttribute(
            kernel, $cuda_limit, kSmemSize));
    #endif
    }
    kernel<<<grid, Ktraits::kNThreads, kSmemSize, stream>>>(params);
    $launch_check();
"""
_NEXT = """
    template<typename input_t, typename weight_t, typename state_t>
    void selective_scan_fwd_cuda(SSMParamsBase &params, cudaStream_t stream) { $$body }
"""
_CHOICE = """
    template<int kNThreads, int kNItems, typename input_t, typename weight_t, typename state_t>
    inline void selective_scan_fwd_launch(SSMParamsBase &params, cudaStream_t stream) {
        const bool is_even_len = params.seqlen % (kNThreads * kNItems) == 0;
        const bool has_z = params.z_ptr != nullptr;
        const bool is_varlen = params.query_start_loc_ptr != nullptr;
        if (is_even_len && has_z && is_varlen) {
            selective_scan_fwd_dispatch<kNThreads, kNItems, input_t, weight_t, state_t, true, true, true>(params, stream);
        } else if (is_even_len && has_z) {
            selective_scan_fwd_dispatch<kNThreads, kNItems, input_t, weight_t, state_t, true, true, false>(params, stream);
        } else if (is_even_len && is_varlen) {
            selective_scan_fwd_dispatch<kNThreads, kNItems, input_t, weight_t, state_t, true, false, true>(params, stream);
        } else if (is_even_len) {
            selective_scan_fwd_dispatch<kNThreads, kNItems, input_t, weight_t, state_t, true, false, false>(params, stream);
        } else if (has_z && is_varlen) {
            selective_scan_fwd_dispatch<kNThreads, kNItems, input_t, weight_t, state_t, false, true, true>(params, stream);
        } else if (has_z) {
            selective_scan_fwd_dispatch<kNThreads, kNItems, input_t, weight_t, state_t, false, true, false>(params, stream);
        } else if (is_varlen) {
            selective_scan_fwd_dispatch<kNThreads, kNItems, input_t, weight_t, state_t, false, false, true>(params, stream);
        } else {
            selective_scan_fwd_dispatch<kNThreads, kNItems, input_t, weight_t, state_t, false, false, false>(params, stream);
        }
    }

"""
_BEFORE_0_23 = "csrc/mamba/mamba_ssm/selective_scan_fwd.cu"
_BEFORE_0_32 = "csrc/libtorch_stable/mamba/selective_scan_fwd.cu"
_SINCE_0_32 = "csrc/mamba/selective_scan_fwd.cu"

PATCH = Patch(
    why=(
        "selective_scan_fwd.cu does not compile with MSVC: the #ifdef in the arguments of BOOL_SWITCH is "
        "text of the argument there, and a constexpr bool that a lambda captures is no constant in it"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="selective_scan_fwd_launch passes no lambda to a macro",
    versions=">=0.14.1",
    # What is left is upstream's, with its branch for ROCm, and instantiates the same eight kernels.
    edits=[
        cpp.Replace(path=_BEFORE_0_23, find=_LAUNCH, replace=_DISPATCH, versions="<0.23"),
        cpp.Replace(path=_BEFORE_0_23, find=_SWITCHES, replace=_WITHOUT_SWITCHES, versions="<0.23"),
        cpp.InsertBefore(path=_BEFORE_0_23, anchor=_NEXT, code=_CHOICE, versions="<0.23"),
        cpp.Replace(path=_BEFORE_0_32, find=_LAUNCH, replace=_DISPATCH, versions=">=0.23,<0.32"),
        cpp.Replace(
            path=_BEFORE_0_32, find=_SWITCHES, replace=_WITHOUT_SWITCHES, versions=">=0.23,<0.32"
        ),
        cpp.InsertBefore(path=_BEFORE_0_32, anchor=_NEXT, code=_CHOICE, versions=">=0.23,<0.32"),
        cpp.Replace(path=_SINCE_0_32, find=_LAUNCH, replace=_DISPATCH, versions=">=0.32"),
        cpp.Replace(path=_SINCE_0_32, find=_SWITCHES, replace=_WITHOUT_SWITCHES, versions=">=0.32"),
        cpp.InsertBefore(path=_SINCE_0_32, anchor=_NEXT, code=_CHOICE, versions=">=0.32"),
    ],
)
