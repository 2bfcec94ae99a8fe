"""Models as large as a thumbnail, built, saved and loaded like the real ones; about a second.

The traps: a codec starts with empty codebooks, so that every code sounds alike, and a decoder with
almost flat logits, so that greedy decoding is one code for ever. Both are filled here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = [
    "instrumental", "bpm", "with", "and", "warm", "calm", "deep", "house", "piano", "electric",
    "ambient", "lo-fi", "hip", "hop", "jazz", "bass", "sub", "pads", "synth", "analog", "kick",
    "drum", "slow", "wide", "stereo", "techno", "melodic", "focused", "dark", "reverb", "long",
]  # fmt: skip


def tokenizer() -> Any:
    """Return a T5 tokenizer with a fixed vocabulary: trained ones differ from run to run."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces += [(f"▁{word}", -2.0) for word in WORDS]
    pieces += [(char, -8.0) for char in "▁abcdefghijklmnopqrstuvwxyz0123456789,.-'"]
    made = Tokenizer(models.Unigram(pieces, unk_id=2))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=256,
    )


def build_musicgen(folder: Path, *, channels: int = 2, melody: bool = False) -> Path:
    """Save a MusicGen of about a megabyte into `folder`."""
    import torch
    from transformers import (
        EncodecConfig,
        MusicgenConfig,
        MusicgenDecoderConfig,
        MusicgenForConditionalGeneration,
        MusicgenMelodyConfig,
        MusicgenMelodyDecoderConfig,
        MusicgenMelodyForConditionalGeneration,
        T5Config,
    )

    torch.manual_seed(1)
    words = tokenizer()
    text = T5Config(
        vocab_size=len(words), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2,
        decoder_start_token_id=0,
    )  # fmt: skip
    codec = EncodecConfig(
        audio_channels=1, sampling_rate=32000, upsampling_ratios=[8, 5, 4, 4], num_filters=4,
        hidden_size=16, codebook_size=64, codebook_dim=16, num_lstm_layers=1,
        target_bandwidths=[50 * 6 * 4 / 1000], normalize=False, use_causal_conv=False,
    )  # fmt: skip
    shape = {
        "vocab_size": 64, "num_codebooks": 4 * channels, "audio_channels": channels,
        "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "ffn_dim": 64,
        "pad_token_id": 64, "bos_token_id": 64, "dropout": 0.0,
    }  # fmt: skip
    if melody:
        config = MusicgenMelodyConfig(
            text_encoder=text, audio_encoder=codec,
            decoder=MusicgenMelodyDecoderConfig(**shape), num_chroma=12, chroma_length=5,
        )  # fmt: skip
        model = MusicgenMelodyForConditionalGeneration(config)
    else:
        config = MusicgenConfig(
            text_encoder=text, audio_encoder=codec, decoder=MusicgenDecoderConfig(**shape)
        )
        model = MusicgenForConditionalGeneration(config)
    _make_lively(model)
    model.generation_config.update(
        decoder_start_token_id=64, pad_token_id=64, bos_token_id=64, do_sample=False,
        guidance_scale=3.0, max_length=1500,
    )  # fmt: skip
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def _make_lively(model: Any) -> None:
    import torch

    source = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for layer in model.audio_encoder.quantizer.layers:
            embed = layer.codebook.embed
            embed.copy_(torch.randn(embed.shape, generator=source))
        # What comes of biases is the same on both sides, and codes are to be heard.
        for name, bias in model.audio_encoder.decoder.named_parameters():
            if "bias" in name:
                bias.zero_()
        for name, weight in model.decoder.named_parameters():
            if weight.ndim == 2:
                scale = 1.2 if "embed" in name else 3.0 / weight.shape[1] ** 0.5
                weight.copy_(torch.randn(weight.shape, generator=source) * scale)


def build_acestep(folder: Path) -> Path:
    """Save an ACE-Step pipeline of all its parts into `folder`."""
    import torch
    from diffusers import (
        AceStepConditionEncoder,
        AceStepPipeline,
        AceStepTransformer1DModel,
        AutoencoderOobleck,
        FlowMatchEulerDiscreteScheduler,
    )
    from transformers import Qwen3Config, Qwen3Model

    torch.manual_seed(3)
    words = tokenizer()
    shape = {
        "hidden_size": 32, "intermediate_size": 32, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16,
    }  # fmt: skip
    pipeline = AceStepPipeline(
        vae=AutoencoderOobleck(
            encoder_hidden_size=8, downsampling_ratios=[2, 4, 4, 6, 10],
            channel_multiples=[1, 1, 1, 1, 1], decoder_channels=8, decoder_input_channels=8,
            audio_channels=2, sampling_rate=48000,
        ),
        text_encoder=Qwen3Model(
            Qwen3Config(vocab_size=len(words), num_hidden_layers=1, max_position_embeddings=512,
                        **shape)
        ),
        tokenizer=words,
        transformer=AceStepTransformer1DModel(
            num_hidden_layers=2, in_channels=24, audio_acoustic_hidden_dim=8, is_turbo=True, **shape
        ),
        condition_encoder=AceStepConditionEncoder(
            text_hidden_dim=32, timbre_hidden_dim=8, num_lyric_encoder_hidden_layers=1,
            num_timbre_encoder_hidden_layers=1, **shape
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    )  # fmt: skip
    pipeline.save_pretrained(folder)
    return folder
