"""Names of the vision transformer in open_clip and OpenAI's code, as Hugging Face transformers has them."""

NAMES = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "attn.out_proj": "self_attn.out_proj", "mlp.c_fc": "mlp.fc1",
         "mlp.c_proj": "mlp.fc2"}


def vision_names(tensors):
    """open_clip's visual.* as transformers' vision_model.* and visual_projection."""
    plain = {"class_embedding": "embeddings.class_embedding", "conv1.weight": "embeddings.patch_embedding.weight",
             "positional_embedding": "embeddings.position_embedding.weight"}
    result = {}
    for name, tensor in tensors.items():
        if not name.startswith("visual."):
            continue
        name = name.removeprefix("visual.")
        if name == "proj":
            result["visual_projection.weight"] = tensor.t().contiguous()
        elif name in plain:
            result["vision_model." + plain[name]] = tensor
        elif name.startswith("ln_"):
            side = {"ln_pre": "pre_layrnorm", "ln_post": "post_layernorm"}[name.split(".")[0]]
            result[f"vision_model.{side}.{name.split('.')[1]}"] = tensor
        else:
            _, _, layer, rest = name.split(".", 3)
            prefix = f"vision_model.encoder.layers.{layer}."
            if rest.startswith("attn.in_proj_"):
                for part, values in zip("qkv", tensor.chunk(3)):
                    result[f"{prefix}self_attn.{part}_proj.{rest.removeprefix('attn.in_proj_')}"] = values.contiguous()
            else:
                stem, leaf = rest.rsplit(".", 1)
                result[f"{prefix}{NAMES[stem]}.{leaf}"] = tensor
    return result
