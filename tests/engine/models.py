"""Make the models that the engine runs on: random weights, a few layers, a vocabulary of 512 words.

    python models.py FOLDER

It runs inside of the engine's environment, as a plain file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    PreTrainedTokenizerFast,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperProcessor,
    WhisperTokenizer,
)

if TYPE_CHECKING:
    from transformers import PreTrainedModel

VOCABULARY = 512
# Heads of 64: the attention of the CPU engine knows no smaller ones.
SHAPE: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "max_position_embeddings": 512,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
EXPERTS: dict[str, Any] = {"num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": None}
SOUND: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "d_model": 128,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 256,
    "decoder_ffn_dim": 256,
    "max_target_positions": 128,
}
# What is said to Whisper, beside bytes.
_WORDS = ("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>")


def main(folder: Path) -> None:
    """Make `FOLDER/llama`, `FOLDER/mixtral` (with experts) and `FOLDER/whisper` (encodes)."""
    torch.manual_seed(0)
    save(LlamaForCausalLM(LlamaConfig(**SHAPE)), folder / "llama")
    save(MixtralForCausalLM(MixtralConfig(**SHAPE, **EXPERTS)), folder / "mixtral")
    save_whisper(folder / "whisper")


def save(model: PreTrainedModel, folder: Path) -> None:
    """Write a model, and a tokenizer for which a word is a token."""
    model.to(torch.bfloat16).save_pretrained(folder)
    words = {"<unk>": 0, "<s>": 1, "</s>": 2}
    words |= {f"w{number}": number for number in range(len(words), VOCABULARY)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))  # noqa: S106 - a word
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)


def save_whisper(folder: Path) -> None:
    """Write a model with an encoder, and what makes its input of sounds and words."""
    alphabet = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *_WORDS]
    vocabulary = {word: number for number, word in enumerate(alphabet)}
    end, start = vocabulary[_WORDS[0]], vocabulary[_WORDS[1]]
    ends = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), end)
    config = WhisperConfig(**SOUND, **ends, decoder_start_token_id=start)
    WhisperForConditionalGeneration(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer = WhisperTokenizer(vocab=vocabulary, merges=[])
    tokenizer.add_special_tokens({"additional_special_tokens": list(_WORDS[1:])})
    WhisperProcessor(WhisperFeatureExtractor(), tokenizer).save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
