"""Makes mini-ImageNet's folders from ImageNet's training images and the lists of Ravi and Larochelle (ICLR 2017).

    python mini_imagenet.py ILSVRC/Data/CLS-LOC/train LISTS mini-imagenet [--size 84]     (pillow, numpy)

The first folder holds `n01532829/n01532829_10.JPEG` and so on. LISTS holds train.csv, val.csv and test.csv with the columns filename and label, as
twitter-research/meta-learning-lstm publishes them. A name such as n0153282900000005.jpg means the fifth of the class's images in the order of their
numbers, so the folders of the 100 classes must be complete. Images are averaged over the area of each new pixel, whatever their shape, as the
generator of yaoyao-liu/mini-imagenet-tools does (OpenCV's INTER_AREA, within a level), and written as PNG, without loss. --size 0 copies the files instead.
"""
import argparse
import csv
import pathlib
import re
import shutil
import sys

import numpy as np
from PIL import Image

PARTS = ["train", "val", "test"]


def stop(message):
    sys.exit(f"mini_imagenet.py: {message}")


def shares(length, new_length):
    """[new_length, length]: how much of each new pixel an old one covers; rows sum to 1."""
    edges = np.arange(new_length + 1) * (length / new_length)
    old = np.arange(length)
    overlap = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    return np.clip(overlap, 0, None) * (new_length / length)


def averaged(picture, size):
    pixels = np.asarray(picture.convert("RGB"), np.float64)
    rows = np.einsum("ih,hwc->iwc", shares(pixels.shape[0], size), pixels)
    square = np.einsum("jw,iwc->ijc", shares(pixels.shape[1], size), rows)
    # Half a level is rounded up; the small number undoes the sums' own rounding.
    return Image.fromarray(np.floor(square + 0.5 + 1e-9).astype(np.uint8))


def read_list(path):
    """Names by class, in the list's order."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"filename", "label"} <= rows[0].keys():
        stop(f"{path}: expected rows of filename,label")
    classes = {}
    for row in rows:
        match = re.fullmatch(r"(n\d{8})(\d{8})\.jpg", row["filename"])
        if match is None or match[1] != row["label"]:
            stop(f"{path}: {row['filename']},{row['label']}: expected a name such as n0153282900000005.jpg and its class")
        classes.setdefault(row["label"], {})[row["filename"]] = int(match[2])
    return classes


def images_of(folder):
    """A class's files, in the order of their numbers."""
    if not folder.is_dir():
        stop(f"{folder}: is not there")
    numbered = {}
    for path in folder.iterdir():
        match = re.fullmatch(rf"{folder.name}_(\d+)\.JPEG", path.name)
        if match is None:
            stop(f"{path}: expected {folder.name}_<number>.JPEG; another file would shift the positions")
        numbered[int(match[1])] = path
    return [numbered[number] for number in sorted(numbered)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("imagenet", type=pathlib.Path)
    parser.add_argument("lists", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=84)
    given = parser.parse_args()
    if given.out.exists():
        stop(f"{given.out}: is there already")
    lists = {part: read_list(given.lists / f"{part}.csv") for part in PARTS}
    seen = {}
    for part, classes in lists.items():
        for label in classes:
            if label in seen:
                stop(f"{label} is in {seen[label]}.csv and in {part}.csv")
            seen[label] = part
    sizes = {}
    for part, classes in lists.items():
        for label, names in classes.items():
            files = images_of(given.imagenet / label)
            sizes[label] = len(files)
            if not 1 <= min(names.values()) <= max(names.values()) <= len(files):
                stop(f"{given.imagenet / label}: holds {len(files)} images, and {part}.csv asks for number {max(names.values())}")
            (given.out / part / label).mkdir(parents=True)
            for name, position in names.items():
                place = given.out / part / label / name
                if given.size == 0:
                    shutil.copyfile(files[position - 1], place)
                else:
                    with Image.open(files[position - 1]) as picture:
                        averaged(picture, given.size).save(place.with_suffix(".png"))
        print(f"{part}: {len(classes)} classes, {sum(map(len, classes.values()))} images")
    fewest = min(sizes, key=sizes.get)
    print(f"ImageNet's folders hold {sizes[fewest]} ({fewest}) to {max(sizes.values())} images; the original ones 732 to 1300")


main()
