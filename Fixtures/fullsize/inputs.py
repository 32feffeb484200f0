"""What stands before the encoders, timed in Python on one thread: torchvision on Pillow, and Hugging Face's tokenizers.

    python3 Fixtures/fullsize/inputs.py picture DIR    write DIR/640.jpg, 640 x 480
    python3 Fixtures/fullsize/inputs.py time DIR       time that picture to a tensor, and 1,000 texts to ids

Versions: ../checkpoints/requirements.txt. Lines are those that `taiyi-bench --peer` reads, median and fastest; the texts are
those of its `tokenize`. DIR/text/vocab.txt is what fullsize.py writes.
"""
import io
import pathlib
import statistics
import sys
import time

from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
FORMS = ["一只小猫坐在红色的车上，看着街道上走来走去的人", "今天天气很好，我们去公园散步。", "iPhone 14手机壳，红色！",
         "一张城市街道的照片，远处有雪山、大海和城市"]


def measured(name, case, runs, body):
    body()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        body()
        seconds.append(time.perf_counter() - start)
    print(f"{name}  {case}: {1e3 * statistics.median(seconds):.3f} / {1e3 * min(seconds):.3f} ms", flush=True)


def times(folder):
    import torch
    from tokenizers import BertWordPieceTokenizer
    from torchvision import transforms

    torch.set_num_threads(1)
    data = (folder / "640.jpg").read_bytes()
    preprocess = transforms.Compose([
        transforms.Resize(224, interpolation=transforms.InterpolationMode.BICUBIC), transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))])
    measured("torchvision", "decode and preprocess 640×480", 100,
             lambda: preprocess(Image.open(io.BytesIO(data)).convert("RGB")))
    tokenizer = BertWordPieceTokenizer(str(folder / "text/vocab.txt"), lowercase=True)
    texts = [FORMS[i % len(FORMS)] + str(i) for i in range(1000)]
    measured("tokenizers", "tokenize 1000 texts", 20, lambda: [tokenizer.encode(text).ids for text in texts])


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("picture", "time"):
        raise SystemExit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    if sys.argv[1] == "picture":
        picture = Image.open(HERE.parent / "demo/street.jpg").convert("RGB")
        picture.resize((640, 480), Image.BICUBIC).save(folder / "640.jpg", quality=90)
    else:
        times(folder)
