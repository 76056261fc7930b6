"""UCM is called before and after MLA's prefills, and before and after its decodes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, run
from tests.transforms.platforms.ucm_sparse.loaded import Loaded, off, switched_on, without_imports
from transforms.platforms.ucm_sparse.mla_attention import PATCH

if TYPE_CHECKING:
    from collections.abc import Sequence

OLD = "vllm.v1.attention.backends.mla.common"
NEW = "vllm.model_executor.layers.attention.mla_attention"

_PREFILL = "self._forward_prefill(prefill_q, prefill_k_c_normed, prefill_k_pe"
_PREFILL_RETURNED = f"output[num_decode_tokens:] = {_PREFILL})"
_PREFILL_WRITTEN = f"{_PREFILL}, output=output[num_decode_tokens:])"
# How prefills and decodes are called, and what writes the decodes' result.
CALLS = {
    "0.9.2": (
        _PREFILL_RETURNED,
        "output[:num_decode_tokens] = self._forward_decode(decode_ql_nope, decode_q_pe)",
        "pass",
    ),
    "0.10.2": (
        _PREFILL_RETURNED,
        "attn_out, lse = self._forward_decode(decode_ql_nope, decode_q_pe)",
        "output[:num_decode_tokens] = self._v_up_proj(attn_out)",
    ),
    "0.11.2": (
        _PREFILL_RETURNED,
        "attn_out, lse = self._forward_decode(decode_ql_nope, decode_q_pe)",
        "self._v_up_proj(attn_out, out=output[:num_decode_tokens])",
    ),
    "0.14.1": (
        _PREFILL_WRITTEN,
        "attn_out, lse = self._forward_decode(decode_ql_nope, decode_q_pe)",
        "self._v_up_proj(attn_out, out=output[:num_decode_tokens])",
    ),
}
IMPL = """
import torch


class MLACommonImpl:
    def forward(self, layer, q, k_c_normed, k_pe, output):
        num_decode_tokens = 1
        prefill_q = q[num_decode_tokens:]
        prefill_k_c_normed = k_c_normed[num_decode_tokens:]
        prefill_k_pe = k_pe[num_decode_tokens:]
        {prefill}
        decode_ql_nope, decode_q_pe = "nope", "pe"
        {decode}
        {project}
        return output
"""
LAYER = """
import torch


class MLAAttention:
    def forward_impl(self, q, k_c_normed, k_pe, kv_cache, output):
        num_mqa_tokens = 1
        self.impl.forward_mha(  # type: ignore[attr-defined]
            q[num_mqa_tokens:],
            k_c_normed[num_mqa_tokens:],
            k_pe[num_mqa_tokens:],
            kv_cache,
            output=output[num_mqa_tokens:],
        )
        mqa_ql_nope, mqa_q_pe = "nope", "pe"
        mqa_output_slice = output[:num_mqa_tokens]
        attn_out, lse = self.impl.forward_mqa(mqa_q_pe, kv_cache, self)
        self._v_up_proj(attn_out, out=mqa_output_slice)
        return output
"""


class Methods:
    """What upstream's attention calls, in the place of its kernels."""

    def __init__(self, log: list[Any]) -> None:
        """Note the calls in a list."""
        self.log = log
        self.layer_name = "layer"
        self.kv_cache = "kv"

    def _forward_prefill(self, *arguments: Any, output: object = None) -> Any:
        self.log.append(("prefill", *arguments))
        return arguments[0] if output is None else None

    def _forward_decode(self, *arguments: object) -> tuple[str, str]:
        self.log.append(("decode", *arguments))
        return "d", "e"

    def _v_up_proj(self, result: object, out: object = None) -> Any:
        self.log.append(("project", result))
        return [0] if out is None else None

    @property
    def impl(self) -> SimpleNamespace:
        """The backend, which from 0.16 on only computes."""
        return SimpleNamespace(
            forward_mha=lambda *arguments, **_: self.log.append(("prefill", *arguments[:3])),
            forward_mqa=lambda *_: self._forward_decode("nope", "pe"),
        )


def _text(release: str) -> str:
    if release in CALLS:
        prefill, decode, project = CALLS[release]
        text = IMPL.format(prefill=prefill, decode=decode, project=project)
        return patched(PATCH, release, OLD, text)
    return patched(PATCH, release, NEW, LAYER)


def _forward(release: str, log: list[Any], package: object) -> list[Any]:
    text = without_imports(_text(release)).replace("import torch\n", "")
    module = run(text, wheelwright_ucm_sparse=package)
    output = [7, 8, 9]
    if release in CALLS:
        impl = type("Impl", (module.MLACommonImpl, Methods), {})(log)
        impl.forward(Methods(log), [1, 2, 3], [4, 5, 6], [7, 8, 9], output)
    else:
        layer = type("Layer", (module.MLAAttention, Methods), {})(log)
        layer.forward_impl([1, 2, 3], [4, 5, 6], [7, 8, 9], "kv", output)
    return output


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """Give the package with tensors that are lists: `cat` joins what is printed."""
    found = switched_on(monkeypatch)

    def joined(latent: object, rotary: object) -> str:
        return f"{latent}+{rotary}"

    found.start()
    monkeypatch.setattr(found.package.mla, "_joined", joined)

    def begin(query: Any, key: Any, value: Any, *others: Any) -> Sequence[Any]:
        agent = found.package.agents.current
        agent.calls.append(("attention_begin", query, key, value, *others))
        return query, key, value, others[2]

    monkeypatch.setattr(found.package.agents.current, "attention_begin", begin)
    return found


@pytest.mark.parametrize("release", [*CALLS, "0.16.0", "0.23.0", "0.33.0"])
def test_each_way_has_its_two_points(release: str, loaded: Loaded) -> None:
    agent = loaded.package.agents.current
    output = _forward(release, agent.calls, loaded.package)
    expected = [
        ("attention_begin", [2, 3], [5, 6], [8, 9]),
        ("prefill", [2, 3], [5, 6], [8, 9]),
        ("attention_finished", [2, 3], [5, 6], [8, 9]),
        ("attention_begin", "nope+pe", [4, 5, 6], [7, 8, 9]),
        ("decode", "nope", "pe"),
        *([("project", "d")] if release != "0.9.2" else []),
        ("attention_finished", "nope+pe", "nope", "pe"),
    ]
    assert [call[:4] for call in agent.calls] == expected
    begins = [call for call in agent.calls if call[0] == "attention_begin"]
    context = loaded.context
    assert [call[4:] for call in begins] == [
        ("layer", context, output, "prefill", None),
        ("layer", context, output, "decode", None, "nope", "pe"),
    ]
    finished = [call for call in agent.calls if call[0] == "attention_finished"]
    assert [(call[5], call[7]) for call in finished] == [("layer", "prefill"), ("layer", "decode")]


@pytest.mark.parametrize("release", [*CALLS, "0.16.0", "0.33.0"])
def test_nothing_is_called_where_it_is_off(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[Any] = []
    _forward(release, log, off(monkeypatch))
    assert [call[0] for call in log] == ["prefill", "decode", "project"][: len(log)]
    assert log[0] == ("prefill", [2, 3], [5, 6], [8, 9])
