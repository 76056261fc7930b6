"""Call UCM before and after the prefills and decodes of multi-head latent attention."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch, Replace

_BEFORE_016 = "vllm.v1.attention.backends.mla.common"
_SINCE_016 = "vllm.model_executor.layers.attention.mla_attention"
_IMPL = f"{_BEFORE_016}.MLACommonImpl.forward"
_LAYER = f"{_SINCE_016}.MLAAttention.forward_impl"
_IMPORT = "from vllm import wheelwright_ucm_sparse"

_PREFILL_BEGINS = """
    if wheelwright_ucm_sparse.on:
        prefill_q, prefill_k_c_normed, prefill_k_pe, output = (
            wheelwright_ucm_sparse.mla.prefill_begins(
                layer, prefill_q, prefill_k_c_normed, prefill_k_pe, output
            )
        )
"""
_PREFILL_FINISHED = """
    if wheelwright_ucm_sparse.on:
        wheelwright_ucm_sparse.mla.prefill_finished(
            layer,
            prefill_q,
            prefill_k_c_normed,
            prefill_k_pe,
            output[num_decode_tokens:],
        )
"""
_DECODE_BEGINS = """
    if wheelwright_ucm_sparse.on:
        k_c_normed, k_pe, output = wheelwright_ucm_sparse.mla.decode_begins(
            layer, decode_ql_nope, decode_q_pe, k_c_normed, k_pe, output
        )
"""
_DECODE_FINISHED = """
    if wheelwright_ucm_sparse.on:
        wheelwright_ucm_sparse.mla.decode_finished(
            layer, decode_ql_nope, decode_q_pe, output[:num_decode_tokens]
        )
"""
# Where each is called, and, for decodes, where the result is written.
_PREFILL_RETURNED = "output[num_decode_tokens:] = self._forward_prefill($$arguments)"
_PREFILL_WRITTEN = "self._forward_prefill($$arguments)"
_DECODE_RETURNED = "output[:num_decode_tokens] = self._forward_decode($$arguments)"
_DECODE_CALLED = "attn_out, lse = self._forward_decode($$arguments)"
_PROJECTED = "output[:num_decode_tokens] = self._v_up_proj(attn_out)"
_PROJECTED_OUT = "self._v_up_proj(attn_out, out=output[:num_decode_tokens])"

PATCH = Patch(
    why=(
        "the attention of DeepSeek and its like computes prefills and decodes of a batch in two ways, and a "
        "sparse method has to choose blocks for each"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="vLLM calls a plugin before and after each layer's attention",
    versions=">=0.9.2",
    edits=[
        AddImport(inside=_BEFORE_016, code=_IMPORT, versions="<0.16"),
        InsertBefore(
            inside=_IMPL, anchor=_PREFILL_RETURNED, code=_PREFILL_BEGINS, versions="<0.12"
        ),
        InsertAfter(
            inside=_IMPL, anchor=_PREFILL_RETURNED, code=_PREFILL_FINISHED, versions="<0.12"
        ),
        InsertBefore(
            inside=_IMPL, anchor=_PREFILL_WRITTEN, code=_PREFILL_BEGINS, versions=">=0.12,<0.16"
        ),
        InsertAfter(
            inside=_IMPL, anchor=_PREFILL_WRITTEN, code=_PREFILL_FINISHED, versions=">=0.12,<0.16"
        ),
        InsertBefore(
            inside=_IMPL, anchor=_DECODE_RETURNED, code=_DECODE_BEGINS, versions="<0.10.2"
        ),
        InsertAfter(
            inside=_IMPL, anchor=_DECODE_RETURNED, code=_DECODE_FINISHED, versions="<0.10.2"
        ),
        InsertBefore(
            inside=_IMPL, anchor=_DECODE_CALLED, code=_DECODE_BEGINS, versions=">=0.10.2,<0.16"
        ),
        # Not before the result is there: UCM's own point is between the two.
        InsertAfter(
            inside=_IMPL, anchor=_PROJECTED, code=_DECODE_FINISHED, versions=">=0.10.2,<0.11"
        ),
        InsertAfter(
            inside=_IMPL, anchor=_PROJECTED_OUT, code=_DECODE_FINISHED, versions=">=0.11,<0.16"
        ),
        # From 0.16 on, the layer does it.
        AddImport(inside=_SINCE_016, code=_IMPORT, versions=">=0.16"),
        Replace(
            inside=_LAYER,
            find="self.impl.forward_mha(q[$begin], k_c_normed[$begin], k_pe[$begin], $$others)",
            replace="""
                prefill_q = q[$begin]
                prefill_k_c = k_c_normed[$begin]
                prefill_k_pe = k_pe[$begin]
                if wheelwright_ucm_sparse.on:
                    prefill_q, prefill_k_c, prefill_k_pe, output = (
                        wheelwright_ucm_sparse.mla.prefill_begins(
                            self, prefill_q, prefill_k_c, prefill_k_pe, output
                        )
                    )
                self.impl.forward_mha(prefill_q, prefill_k_c, prefill_k_pe, $$others)
                if wheelwright_ucm_sparse.on:
                    wheelwright_ucm_sparse.mla.prefill_finished(
                        self, prefill_q, prefill_k_c, prefill_k_pe, output[$begin]
                    )
            """,
            versions=">=0.16",
        ),
        InsertBefore(
            inside=_LAYER,
            anchor="attn_out, lse = self.impl.forward_mqa($$arguments)",
            code="""
                if wheelwright_ucm_sparse.on:
                    k_c_normed, k_pe, output = wheelwright_ucm_sparse.mla.decode_begins(
                        self, mqa_ql_nope, mqa_q_pe, k_c_normed, k_pe, output
                    )
            """,
            versions=">=0.16",
        ),
        InsertAfter(
            inside=_LAYER,
            anchor="self._v_up_proj(attn_out, out=mqa_output_slice)",
            code="""
                if wheelwright_ucm_sparse.on:
                    wheelwright_ucm_sparse.mla.decode_finished(
                        self, mqa_ql_nope, mqa_q_pe, mqa_output_slice
                    )
            """,
            versions=">=0.16",
        ),
    ],
)
