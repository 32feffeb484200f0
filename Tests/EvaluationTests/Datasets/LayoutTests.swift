import Foundation
import TensorCore
import TestSupport
import Testing

@testable import Evaluation

/// Every layout, read from Fixtures/datasets.
@Suite struct LayoutTests {
  private func open(_ specification: String) throws -> Dataset {
    try Dataset.open(
      specification.replacingOccurrences(of: "@", with: Fixture.path("datasets/")))
  }

  private func names(_ dataset: Dataset) -> [String] {
    (0..<dataset.pictures.count).map { dataset.pictures.name($0) }
  }

  private func classes(_ dataset: Dataset) throws -> Dataset.Classification {
    guard case .classification(let task) = dataset.task else {
      throw CocoaError(.coderInvalidValue)
    }
    return task
  }

  private func pairs(_ dataset: Dataset) throws -> Dataset.Retrieval {
    guard case .retrieval(let task) = dataset.task else { throw CocoaError(.coderInvalidValue) }
    return task
  }

  /// The picture's bytes are those of the file, and their count is what the set says.
  private func expectBytes(_ dataset: Dataset, _ index: Int, _ path: String) throws {
    let bytes = try dataset.pictures.bytes(index).array
    #expect(bytes == (try Fixture.bytes(Fixture.path("datasets/" + path))))
    #expect(dataset.pictures.byteCount(index) == bytes.count)
  }

  @Test func imageNetByWordNetID() throws {
    let dataset = try open(
      "imagefolder:@imagenet,classnames=@imagenet/names.txt,wnids=@imagenet/wnids.txt,"
        + "templates=@imagenet/templates.txt")
    let task = try classes(dataset)
    #expect(task.labels == ["丁鲷", "金鱼", "大白鲨", "虎鲨"])
    #expect(task.templates == ["一张{c}的照片。", "{}\u{2028}的画"])
    #expect(task.labelOf == [0, 0, 1, 3])
    #expect(names(dataset)[2] == "n01443537/ILSVRC2012_val_00000236.JPEG")
    try expectBytes(dataset, 3, "imagenet/val/n01491361/ILSVRC2012_val_00002922.JPEG")
  }

  @Test func imageNetWithoutNamesAndFromJSON() throws {
    #expect(
      try classes(open("imagefolder:@imagenet/val")).labels
        == ["n01440764", "n01443537", "n01491361"])
    let task = try classes(
      open(
        "imagefolder:@imagenet,classnames=@imagenet/lists.json,wnids=@imagenet/wnids.txt,"
          + "templates=@imagenet/lists.json"))
    #expect(task.labels[3] == "虎鲨" && task.templates == ["{c}的照片"])
  }

  @Test func elevaterFolders() throws {
    let dataset = try open(
      "elevater:@elevater,templates=@elevater/templates.json,dataset=food_templates")
    let task = try classes(dataset)
    #expect(task.labels == ["苹果派", "猪排", "提拉米苏"] && task.labelOf == [0, 2])
    #expect(task.templates == ["一种叫{c}的菜的照片"])
    #expect(names(dataset) == ["0/a.jpg", "2/b.png"])
    #expect(
      try classes(
        open("imagefolder:@elevater,classnames=@elevater/label_cn.txt")
      ).labelOf == [0, 2])
  }

  @Test func webDatasetWithClasses() throws {
    let dataset = try open("webdataset:@webdataset/classes")
    let task = try classes(dataset)
    #expect(task.labels == ["猫", "狗", "鸟"] && task.templates == ["{c}的照片"])
    #expect(task.labelOf == [1, 0, 2])
    let long = "folder/" + String(repeating: "x", count: 120)
    #expect(names(dataset) == ["0.tar:s0000000.jpg", "0.tar:s0000001.png", "1.tar:\(long).jpg"])
    #expect(try dataset.pictures.bytes(0).array.starts(with: [0xFF, 0xD8]))
    #expect(try dataset.pictures.bytes(1).array.starts(with: [0x89, 0x50]))
    #expect(try dataset.pictures.bytes(2).array.starts(with: [0xFF, 0xD8]))
  }

  @Test func webDatasetWithCaptions() throws {
    let dataset = try open("webdataset:@webdataset/pairs")
    let task = try pairs(dataset)
    #expect(task.captions == ["一只猫", "猫在睡觉", "一只狗"] && task.pictureOf == [0, 0, 1])
    #expect(names(dataset)[1].hasSuffix("xxx.jpg"))
    #expect(try pairs(open("webdataset:@webdataset/pairs/test/0.tar")).captions == task.captions)
  }

  @Test func flickr30kCNA() throws {
    let dataset = try open(
      "flickr30k-cna:@flickr30k/flickr30k_cna_test.txt,images=@flickr30k/images")
    let task = try pairs(dataset)
    #expect(task.captions == ["戴帽子的男人", "一个男人戴着橙色帽子，看着镜头", "黑白相间的狗在草地上奔跑"])
    #expect(task.pictureOf == [0, 0, 1] && names(dataset) == ["1007129816.jpg", "1009434119.jpg"])
    try expectBytes(dataset, 1, "flickr30k/images/1009434119.jpg")
    let other = try pairs(
      open("flickr30k-cna:@flickr30k/flickr30k_test_zh.txt,images=@flickr30k/images"))
    #expect(other.captions == ["戴帽子的男人", "狗, 在草地上"] && other.pictureOf == [0, 1])
  }

  @Test func flickr30kCNLosesItsTags() throws {
    let task = try pairs(
      open(
        "flickr30k-cn:@flickr30k/seg.flickr30kzhmbosontest.caption.txt,images=@flickr30k/images"))
    #expect(task.captions == ["一个戴帽子的男人", "狗在草地，奔跑"] && task.pictureOf == [0, 1])
  }

  @Test func cocoCN() throws {
    let root = "coco-cn:@coco-cn/coco-cn-version1805v1.1,images=@coco-cn/images"
    let dataset = try open(root)
    let task = try pairs(dataset)
    #expect(task.captions == ["一只狗睡在鞋架上", "装着西兰花的饭盒", "狗和鞋"] && task.pictureOf == [0, 1, 0])
    #expect(
      names(dataset) == [
        "val2014/COCO_val2014_000000000042.jpg", "train2014/COCO_train2014_000000000009.jpg",
      ])
    #expect(try pairs(open(root + ",split=val")).captions == ["两辆摩托车"])
    #expect(try pairs(open(root + ",captions=manually-translated")).captions == ["狗睡在鞋子中间"])
  }

  @Test func wukongSkipsMissingPictures() throws {
    let dataset = try open("csv:@wukong/wukong_test.csv,images=@wukong/images")
    let task = try pairs(dataset)
    #expect(task.captions == ["红色连衣裙", "白色, \"纯棉\" T恤\n两件装"])
    #expect(task.pictureOf == [0, 1] && names(dataset) == ["000.jpg", "001.jpg"])
    #expect(dataset.notes == ["1 of 3 rows are skipped: no such picture"])
    let other = try open(
      "csv:@wukong/wukong50k_release.csv,images=@wukong/images,image=url,caption=caption")
    #expect(try pairs(other).captions == ["红色连衣裙"])
    #expect(other.notes == ["1 of 2 rows are skipped: no such picture"])
  }

  @Test func mugeDecodesBothAlphabets() throws {
    let dataset = try open("muge:@muge")
    let task = try pairs(dataset)
    #expect(names(dataset) == ["1", "a2"])
    #expect(task.captions == ["高级感托特包斜挎", "洗发水", "洗发水"] && task.pictureOf == [1, 0, 1])
    #expect(
      dataset.notes.count == 2 && dataset.notes[1] == "1 pictures without a text are left out")
    for index in 0..<2 {
      let bytes = try dataset.pictures.bytes(index).array
      #expect(bytes.starts(with: [0xFF, 0xD8]) && bytes.suffix(2) == [0xFF, 0xD9])
    }
  }
}
