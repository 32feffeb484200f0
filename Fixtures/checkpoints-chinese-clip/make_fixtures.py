"""A small Chinese-CLIP as OFA's code and as Hugging Face transformers write it.

    python3 Fixtures/checkpoints-chinese-clip/make_fixtures.py

Versions: ../checkpoints/requirements.txt, and cn_clip 1.6.0 with six 1.17.0 (`pip install --no-deps`: of it only the model and the
tokenizer are used). Writes `ofa/epoch3.pt`, what cn_clip/training/main.py saves (fields `epoch`, `step`, `name`, `state_dict` and
`optimizer`, names with `module.`), `huggingface` (ChineseCLIPModel with the same weights), and goldens.json: what transformers
makes of texts (padded to 52 and masked) and of the pictures of ../demo in float64, where OFA's code must agree to 1e-5, and the
SHA-256 of every tensor of epoch3.pt.
"""
import argparse
import hashlib
import json
import pathlib
import sys

import torch
from cn_clip.clip.bert_tokenizer import FullTokenizer
from cn_clip.clip.model import CLIP
from PIL import Image
from torchvision.transforms import Compose, InterpolationMode, Normalize, Resize, ToTensor
from transformers import BertTokenizer, ChineseCLIPConfig, ChineseCLIPImageProcessor, ChineseCLIPModel

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "checkpoints"))
import fixture_models as models  # noqa: E402
from fixture_names import vision_names  # noqa: E402

SEED = 20221102
CONTEXT = 52
SIDE = 64
TEXTS = ["一只猫", "", "红色的圆", "“猫”和\"狗\"", "iPhone 14手机壳，红色！",
         "一只小猫坐在红色的车上，看着街道上走来走去的人和狗。这是一张很好看的照片，天空是蓝色的，远处有雪山、大海和城市，桌上有一碗米饭。"]
PICTURES = ["cat.jpg", "circle.png", "street.jpg", "sunset.png"]


def renamed(state):
    """OFA's names as transformers' (its convert_chinese_clip_original_pytorch_to_hf.py does the same)."""
    result = vision_names(state)
    result["logit_scale"] = state["logit_scale"]
    result["text_projection.weight"] = state["text_projection"].t().contiguous()
    for name, tensor in state.items():
        if name.startswith("bert.") and not name.startswith("bert.pooler."):
            result["text_model." + name.removeprefix("bert.")] = tensor
    return result


def rows(tensor):
    return [[float(f"{value:.8g}") for value in row] for row in tensor.tolist()]


def features(output):
    return getattr(output, "pooler_output", output)


def check_close(by_ofa, by_transformers):
    """OFA's code norms in float32 only, so the goldens are transformers' in float64; the two must agree."""
    difference = (by_ofa.double() - by_transformers).abs().max().item()
    assert difference < 1e-5, difference


def digest(tensor):
    return hashlib.sha256(tensor.detach().contiguous().numpy().tobytes()).hexdigest()


@torch.no_grad()
def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    torch.manual_seed(0)
    tokens = (HERE.parent / "checkpoints/text-f16/vocab.txt").read_text("utf-8").split("\n")[:-1] + ['"']
    for folder in ["ofa", "huggingface"]:
        (HERE / folder).mkdir(exist_ok=True)
        models.write_vocabulary(HERE / folder / "vocab.txt", tokens)
    tokenizer = FullTokenizer(vocab_file=str(HERE / "ofa/vocab.txt"))
    ofa = CLIP(embed_dim=32, image_resolution=SIDE, vision_layers=1, vision_width=96, vision_patch_size=16, vision_head_width=32,
               vocab_size=len(tokens), text_attention_probs_dropout_prob=0.1, text_hidden_act="gelu", text_hidden_dropout_prob=0.1,
               text_hidden_size=64, text_initializer_range=0.02, text_intermediate_size=128, text_max_position_embeddings=64,
               text_num_attention_heads=2, text_num_hidden_layers=2, text_type_vocab_size=2, tokenizer=tokenizer)
    ofa = models.filled(ofa, SEED)
    state = ofa.state_dict()
    optimizer = torch.optim.AdamW([ofa.logit_scale], lr=1e-5)
    ofa.logit_scale.grad = torch.ones([])
    optimizer.step()
    ofa.logit_scale.fill_(4.6052)
    saved = {"module." + name: tensor for name, tensor in state.items()}
    torch.save({"epoch": 3, "step": 1200, "name": "fixture", "state_dict": saved, "optimizer": optimizer.state_dict()},
               HERE / "ofa/epoch3.pt")

    text = dict(vocab_size=len(tokens), hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128,
                max_position_embeddings=64, type_vocab_size=2, pad_token_id=0)
    vision = dict(hidden_size=96, intermediate_size=384, num_hidden_layers=1, num_attention_heads=3, image_size=SIDE, patch_size=16)
    hf = ChineseCLIPModel(ChineseCLIPConfig(text_config=text, vision_config=vision, projection_dim=32))
    missing, unexpected = hf.load_state_dict(renamed(state), strict=False)
    assert not unexpected and all("_ids" in name for name in missing), (missing, unexpected)
    hf.save_pretrained(HERE / "huggingface")
    # As the published preprocessor_config.json files have it: both sides to the size, no crop.
    ChineseCLIPImageProcessor(size={"height": SIDE, "width": SIDE}, do_center_crop=False).save_pretrained(HERE / "huggingface")

    transform = Compose([Resize((SIDE, SIDE), interpolation=InterpolationMode.BICUBIC), lambda image: image.convert("RGB"), ToTensor(),
                         Normalize((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))])
    ofa, hf = ofa.eval(), hf.double().eval()
    pixels = torch.stack([transform(Image.open(HERE.parent / "demo" / name)) for name in PICTURES])
    images = features(hf.get_image_features(pixels.double()))
    check_close(ofa.encode_image(pixels), images)

    def ofa_ids(sentence):
        # cn_clip/training/data.py _preprocess_text, then cn_clip/clip/utils.py tokenize
        sentence = sentence.lower().replace("“", '"').replace("”", '"')
        ids = tokenizer.convert_tokens_to_ids(tokenizer.tokenize(sentence))[:CONTEXT - 2]
        return [tokenizer.vocab["[CLS]"]] + ids + [tokenizer.vocab["[SEP]"]]

    bert = BertTokenizer(vocab={token: i for i, token in enumerate(tokens)})
    table = {"ofa": [ofa_ids(text) for text in TEXTS],
             "huggingface": [bert(text, truncation=True, max_length=CONTEXT)["input_ids"] for text in TEXTS]}
    texts = {}
    for name, ids in table.items():
        padded = torch.tensor([row + [0] * (CONTEXT - len(row)) for row in ids])
        embeddings = features(hf.get_text_features(input_ids=padded, attention_mask=padded.ne(0).long()))
        check_close(ofa.encode_text(padded), embeddings)
        texts[name] = {"ids": ids, "embeddings": rows(embeddings)}
    goldens = {"texts": TEXTS, "pictures": PICTURES, "towers": texts, "images": rows(images),
               "sha256": {name: digest(tensor) for name, tensor in torch.load(HERE / "ofa/epoch3.pt")["state_dict"].items()}}
    (HERE / "goldens.json").write_text(json.dumps(goldens, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
