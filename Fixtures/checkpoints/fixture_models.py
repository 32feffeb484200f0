"""Random but lively towers in the layouts of transformers (BERT) and open_clip (CLIP).

Versions: requirements.txt. Every tensor is drawn from its own generator, seeded by the tower's seed
and the tensor's name, so adding a tensor changes no other one.
"""
import json
import math
import pathlib
import zlib

import numpy as np
import open_clip
import torch
from open_clip.push_to_hf_hub import save_config_for_hf
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForSequenceClassification, BertModel

PICTURE_MEAN = (0.48145466, 0.4578275, 0.40821073)
PICTURE_STD = (0.26862954, 0.26130258, 0.27577711)


def generator(seed, name):
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def drawn(name, shape, seed):
    """One parameter: gains in 0.5...1.5, biases within 0.2, weights scaled by their inputs.

    Attention and MLP weights are larger than usual: attention is then far from uniform and the
    activation function well used, so a mistake in masks, heads, scaling or GELU shows everywhere.
    """
    rng = generator(seed, name)
    leaf = name.rsplit(".", 1)[-1]
    if name == "logit_scale":
        return np.float32(math.log(100))
    if "LayerNorm" in name or ".ln_" in name or name.startswith("ln_"):
        return rng.uniform(0.5, 1.5, shape) if leaf == "weight" else rng.uniform(-0.2, 0.2, shape)
    if leaf in ("bias", "in_proj_bias"):
        return rng.uniform(-0.2, 0.2, shape)
    weights = rng.standard_normal(shape)
    if "embedding" in name:  # tables: the words decide, position and class tokens less
        return weights * (0.08 if "word" in name or "token_embedding" in name else 0.04)
    if leaf == "in_proj_weight":
        return weights * 1.2 / math.sqrt(shape[1])
    if leaf in ("proj", "text_projection"):  # applied from the right: inputs are the rows
        return weights / math.sqrt(shape[0])
    fan_in = math.prod(shape[1:])
    if name == "visual.conv1.weight":  # patches as small as position rows: LayerNorm's eps counts
        return weights * 0.1 / math.sqrt(fan_in)
    lively = (".self.", "attention.output.", ".mlp.", ".out_proj.")
    gain = 1.4 if any(part in name for part in lively) else 1.0
    return weights * gain / math.sqrt(fan_in)


def filled(model, seed):
    """Gives every parameter of `model` its drawn value; returns the model in evaluation mode."""
    state = model.state_dict()
    for name, old in state.items():
        if old.is_floating_point():
            value = np.asarray(drawn(name, tuple(old.shape), seed), np.float32)
            state[name] = torch.from_numpy(value.reshape(tuple(old.shape)))
    model.load_state_dict(state)
    return model.eval()


# Text towers


def bert_config(vocabulary_size, **changes):
    values = dict(
        vocab_size=vocabulary_size, hidden_size=128, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=512, hidden_act="gelu", max_position_embeddings=128, type_vocab_size=2,
        layer_norm_eps=1e-12, initializer_range=0.02, pad_token_id=0,
    )
    return BertConfig(**(values | changes), attn_implementation="eager")


def bert(config, seed):
    return filled(BertModel(config), seed)


def classifier_from(text_model, labels, seed):
    """The text tower inside BertForSequenceClassification: `bert.` names and a classifier."""
    values = text_model.config.to_dict()
    names = {i: f"LABEL_{i}" for i in range(labels)}
    values |= {"id2label": names, "label2id": {name: i for i, name in names.items()}}
    config = BertConfig(**values, attn_implementation="eager")
    model = filled(BertForSequenceClassification(config), seed)
    model.bert.load_state_dict(text_model.state_dict())
    return model.eval()


def save_text(model, folder, vocabulary, dtype=None, **options):
    """`save_pretrained` of a copy in `dtype`, with vocab.txt beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = type(model)(model.config)
    copy.load_state_dict(model.state_dict())
    copy = copy.eval().to(dtype or torch.float32)
    copy.save_pretrained(folder, **options)
    write_vocabulary(folder / "vocab.txt", vocabulary)


def save_prefixed(model, folder, vocabulary):
    """Names as BertForPreTraining wrote them years ago: `bert.` and the position_ids buffer."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"bert.{name}": value.contiguous() for name, value in model.state_dict().items()}
    positions = torch.arange(model.config.max_position_embeddings)[None]
    tensors["bert.embeddings.position_ids"] = positions
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(folder)
    write_vocabulary(folder / "vocab.txt", vocabulary)


def rounded(model, dtype):
    """A copy whose parameters went through `dtype` and came back as float32."""
    copy = type(model)(model.config)
    copy.load_state_dict({k: v.to(dtype).float() for k, v in model.state_dict().items()})
    return copy.eval()


def read_tensors(folder):
    """All tensors of a folder of safetensors, following the index file of a sharded one."""
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return load_file(next(iter(sorted(folder.glob("*.safetensors")))))
    tensors = {}
    for name, shard in json.loads(index.read_text())["weight_map"].items():
        tensors[name] = load_file(folder / shard)[name]
    return tensors


# Image towers


def clip_config(embed_dim, vision, quick_gelu, english_width):
    """A model_cfg of open_clip with a one-layer English text transformer."""
    config = {"embed_dim": embed_dim}
    if quick_gelu:
        config["quick_gelu"] = True
    config["vision_cfg"] = vision
    config["text_cfg"] = {"context_length": 8, "vocab_size": 32, "width": english_width, "heads": 1,
                          "layers": 1, "mlp_ratio": 1.0}
    return config


def clip(name, config, seed, scratch):
    """Registers `config` with open_clip under `name` and creates the model through its factory."""
    path = pathlib.Path(scratch) / f"{name}.json"
    path.write_text(json.dumps(config))
    open_clip.add_model_config(path)
    return filled(open_clip.create_model(name, pretrained=None, precision="fp32"), seed)


def is_half_in_openai(name):
    """The parameters that OpenAI's convert_weights turns to float16."""
    parts = ("conv1.", "in_proj_", "out_proj.", "c_fc.", "c_proj.")
    return name in ("visual.proj", "text_projection") or any(p in name for p in parts)


def half_where_openai(model, keep_half):
    """The state dict with OpenAI's float16 parameters rounded, and stored as half if asked."""
    tensors = {}
    for name, value in model.state_dict().items():
        half = is_half_in_openai(name)
        tensors[name] = value.half() if half else value
        if half and not keep_half:
            tensors[name] = tensors[name].float()
    return tensors


def save_clip(model, config, folder, tensors=None, with_config=True):
    """What open_clip's save_for_hf writes, without the English tokenizer's files."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.contiguous() for k, v in (tensors or model.state_dict()).items()}
    save_file(tensors, folder / "open_clip_model.safetensors")
    if with_config:
        save_config_for_hf(model, folder / "open_clip_config.json", config)


# Vocabulary


def read_vocabulary(path):
    """Tokens in order; lines end at byte 0x0A only (U+2028 may be a token)."""
    lines = path.read_bytes().split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line.decode() for line in lines]


def write_vocabulary(path, tokens):
    path.write_bytes(("\n".join(tokens) + "\n").encode())
