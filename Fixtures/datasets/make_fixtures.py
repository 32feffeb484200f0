"""Tiny data sets in the layouts people have on disk; pictures and captions are our own. Pillow 13.0.0.

    python3 Fixtures/datasets/make_fixtures.py

Layouts: CLIP_benchmark's builder.py and webdataset_builder.py, Chinese-CLIP's README, the data sets' own pages.
"""
import base64
import io
import json
import pathlib
import shutil
import tarfile

from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent


def picture(number, kind="JPEG"):
    """Eight by eight pixels of a colour of their own."""
    data = io.BytesIO()
    Image.new("RGB", (8, 8), (37 * number % 256, 90 * number % 256, 151 * number % 256)).save(data, kind)
    return data.getvalue()


def write(path, data):
    path = HERE / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def tar(path, members, form=tarfile.USTAR_FORMAT):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=form) as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    write(path, data.getvalue())


def main():
    for old in HERE.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    # ImageNet: class folders, one empty of pictures but for a file of macOS; 3 of 4 classes are there.
    for number, (wnid, name) in enumerate([("n01440764", "ILSVRC2012_val_00000293.JPEG"), ("n01440764", "ILSVRC2012_val_00002138.JPEG"),
                                           ("n01443537", "ILSVRC2012_val_00000236.JPEG"), ("n01491361", "ILSVRC2012_val_00002922.JPEG")]):
        write(f"imagenet/val/{wnid}/{name}", picture(number))
    write("imagenet/val/n01440764/._ILSVRC2012_val_00000293.JPEG", b"\0\5\x16\7")
    write("imagenet/names.txt", "\ufeff丁鲷\r\n金鱼\r\n大白鲨\r\n虎鲨\r\n")
    write("imagenet/wnids.txt", "n01440764\nn01443537\nn01484850\nn01491361\n")
    write("imagenet/templates.txt", "一张{c}的照片。\n\n{}\u2028的画\n")
    write("imagenet/lists.json", json.dumps({"source": "none", "classnames": ["丁鲷", "金鱼", "大白鲨", "虎鲨"], "templates": ["{c}的照片"]}, ensure_ascii=False))
    # CLIP_benchmark's tars, two shards; one with pax headers and a long name.
    long = "folder/" + "x" * 120
    tar("webdataset/classes/test/0.tar", [("s0000000.jpg", picture(5)), ("s0000000.cls", b"1"), ("s0000001.png", picture(6, "PNG")), ("s0000001.cls", b"0\n")])
    tar("webdataset/classes/test/1.tar", [(long + ".jpg", picture(7)), (long + ".cls", b"2")], tarfile.PAX_FORMAT)
    write("webdataset/classes/test/nshards.txt", "2\n")
    write("webdataset/classes/classnames.txt", "猫\n狗\n鸟\n")
    write("webdataset/classes/zeroshot_classification_templates.txt", "{c}的照片\n")
    tar("webdataset/pairs/test/0.tar", [("s0000000.jpg", picture(8)), ("s0000000.txt", "一只猫\n猫在睡觉".encode()),
                                         (long + ".jpg", picture(9)), (long + ".txt", "一只狗\r\n".encode())], tarfile.GNU_FORMAT)
    write("webdataset/pairs/dataset_type.txt", "retrieval\n")
    # Flickr30k-CNA and Flickr30k-CN.
    for number, name in enumerate(["1007129816", "1009434119"]):
        write(f"flickr30k/images/{name}.jpg", picture(10 + number))
    write("flickr30k/flickr30k_cna_test.txt", "1007129816#0\t戴帽子的男人\r\n1007129816#1\t一个男人戴着橙色帽子，看着镜头\r\n1009434119\t黑白相间的狗在草地上奔跑\n")
    write("flickr30k/flickr30k_test_zh.txt", "image,caption\n1007129816.jpg,戴帽子的男人\n1009434119.jpg,狗, 在草地上\n")
    write("flickr30k/seg.flickr30kzhmbosontest.caption.txt",
          "1007129816#zhm#0 一个:m 戴:v 帽子:n 的:ude 男人:n\n1009434119#zhm#0 狗:n 在:p 草地:n  奔跑:v\n")
    # COCO-CN.
    root = "coco-cn/coco-cn-version1805v1.1"
    write(f"{root}/coco-cn_test.txt", "COCO_val2014_000000000042\nCOCO_train2014_000000000009\n")
    write(f"{root}/coco-cn_val.txt", "COCO_val2014_000000000073\n")
    write(f"{root}/imageid.human-written-caption.txt", "COCO_val2014_000000000042#0\t一只狗睡在鞋架上\nCOCO_val2014_000000000073#0\t两辆摩托车\n"
          "COCO_train2014_000000000009#0\t装着西兰花的饭盒\nCOCO_val2014_000000000042#1\t狗和鞋\n")
    write(f"{root}/imageid.manually-translated-caption.txt", "COCO_val2014_000000000042#0\t狗睡在鞋子中间\n")
    for number, name in enumerate(["val2014/COCO_val2014_000000000042", "val2014/COCO_val2014_000000000073", "train2014/COCO_train2014_000000000009"]):
        write(f"coco-cn/images/{name}.jpg", picture(20 + number))
    # Wukong: one picture is missing, one caption is quoted.
    write("wukong/wukong_test.csv", 'dir,text,token,url,alt_id\n000.jpg,红色连衣裙,x,http://a/1,1\n001.jpg,"白色, ""纯棉"" T恤\n两件装",x,http://a/2,2\n002.jpg,丢失的图片,x,http://a/3,3\n')
    write("wukong/wukong50k_release.csv", "url,caption\nhttps://example.org/pictures/000.jpg?,无\nhttps://example.org/pictures/000.jpg,红色连衣裙\n")
    for number in range(2):
        write(f"wukong/images/{number:03d}.jpg", picture(30 + number))
    # MUGE: both base64 alphabets, an id as a number, a text with two pictures, a picture without a text.
    rows = [("1", base64.b64encode(picture(40)).decode()), ("a2", base64.urlsafe_b64encode(picture(41)).decode().rstrip("=")), ("3", base64.b64encode(picture(42)).decode())]
    write("muge/valid_imgs.tsv", "".join(f"{i}\t{data}\n" for i, data in rows))
    write("muge/valid_texts.jsonl", json.dumps({"text_id": 8428, "text": "高级感托特包斜挎", "image_ids": ["a2"]}, ensure_ascii=False) + "\n"
          + json.dumps({"query_id": 8429, "query_text": "洗发水", "item_ids": [1, "a2"]}, ensure_ascii=False) + "\n")
    # ELEVATER as Chinese-CLIP packs it: one digit for up to ten classes.
    write("elevater/test/0/a.jpg", picture(50))
    write("elevater/test/2/b.png", picture(51, "PNG"))
    write("elevater/label_cn.txt", "苹果派\n猪排\n提拉米苏\n")
    write("elevater/templates.json", json.dumps({"food_templates": ["一种叫{c}的菜的照片"], "normal_templates": ["{c}的图片"]}, ensure_ascii=False))


if __name__ == "__main__":
    main()
