"""whole-run.yaml by PyTorch, NumPy and scikit-learn: bench/whole-run/compare.ts runs it.

    GCNC_DATA_DIR=FOLDER python bench/whole-run/whole-run.py EPOCHS

Training of ResNet-18 at width 32 on the source classes of CIFAR-FS in bfloat16 autocast, channels_last; embeddings of source and target; CDNV and
NC1 to NC4; geometric complexity by one vector-Jacobian product an example; 1,000 episodes by scikit-learn. Prints one JSON object.
"""

import json
import math
import os
import re
import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
WIDTH, BATCH, RATE, EXAMPLES, EPISODES, WAYS, QUERIES = 32, 64, 0.05, 512, 1000, 5, 15
torch.manual_seed(0)
rng = np.random.default_rng(0)


def read_split():
    """Class names by part, of the project's own file."""
    text = re.sub(r"#.*", "", (ROOT / "src/data/splits/cifar-fs.yaml").read_text())
    return {part: re.findall(r"[\w-]+", names) for part, names in re.findall(r"(\w+):\s*\[([^\]]*)\]", text)}


def read_images():
    folder = Path(os.environ["GCNC_DATA_DIR"]) / "cifar-100-binary"
    names = (folder / "fine_label_names.txt").read_text().split()
    raw = np.concatenate([np.fromfile(folder / f"{part}.bin", np.uint8).reshape(-1, 3074) for part in ("train", "test")])
    return raw[:, 2:].reshape(-1, 3, 32, 32), raw[:, 1].astype(np.int64), names


def of_classes(images, labels, names, chosen, counts=None):
    """Images of the chosen classes, and their labels as places among these."""
    places = {names.index(name): place for place, name in enumerate(chosen)}
    rows = np.flatnonzero(np.isin(labels, list(places)))
    return images[rows], np.array([places[label] for label in labels[rows]])


def resnet18(classes):
    net = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=classes)
    net.inplanes, net.conv1, net.maxpool, net.bn1 = WIDTH, nn.Conv2d(3, WIDTH, 3, 1, 1, bias=False), nn.Identity(), nn.BatchNorm2d(WIDTH)
    for stage in range(4):
        setattr(net, f"layer{stage + 1}", net._make_layer(BasicBlock, WIDTH * 2**stage, 2, stride=1 if stage == 0 else 2))
    net.fc = nn.Linear(WIDTH * 8, classes)
    return net


def augmented(images):
    """Random crop after padding by 4 pixels, and horizontal flip."""
    padded = np.pad(images, ((0, 0), (0, 0), (4, 4), (4, 4)))
    result = np.empty_like(images)
    for at, (top, left, flip) in enumerate(zip(rng.integers(0, 9, len(images)), rng.integers(0, 9, len(images)), rng.random(len(images)) < 0.5)):
        one = padded[at, :, top : top + 32, left : left + 32]
        result[at] = one[:, :, ::-1] if flip else one
    return result


images, labels, names = read_images()
split = read_split()
source, source_labels = of_classes(images, labels, names, split["source"])
target, target_labels = of_classes(images, labels, names, split["target"])
# gcnc trains on the 500 training images of each class, which come first in the files; its test part is measured too.
is_train = np.isin(labels, [names.index(name) for name in split["source"]]).nonzero()[0] < 50000
train, train_labels = source[is_train], source_labels[is_train]
test, test_labels = source[~is_train], source_labels[~is_train]
scale = train.astype(np.float32) / 255
mean, deviation = scale.mean((0, 2, 3)), scale.std((0, 2, 3))
del scale


def tensor(batch):
    normalized = (batch.astype(np.float32) / 255 - mean[:, None, None]) / deviation[:, None, None]
    return torch.from_numpy(normalized).to(memory_format=torch.channels_last)


net = resnet18(64).to(memory_format=torch.channels_last)
sgd = torch.optim.SGD(net.parameters(), lr=RATE, momentum=0.9, weight_decay=5e-4)
steps = EPOCHS * (len(train) // BATCH)
step, losses = 0, []
for _ in range(EPOCHS):
    losses = []
    order = rng.permutation(len(train))
    for start in range(0, len(order) - BATCH + 1, BATCH):
        rows = order[start : start + BATCH]
        for group in sgd.param_groups:
            group["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * step / steps))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(net(tensor(augmented(train[rows]))), torch.from_numpy(train_labels[rows]))
        sgd.zero_grad(set_to_none=True)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
        step += 1

net.eval()
head = net.fc
net.fc = nn.Identity()
for parameter in net.parameters():
    parameter.requires_grad_(False)


def embeddings(images):
    with torch.inference_mode():
        return np.concatenate([net(tensor(images[at : at + 256])).numpy() for at in range(0, len(images), 256)])


def collapse(x, y, weights=None, bias=None):
    """CDNV, NC1 (trace of within times the pseudo-inverse of between), NC2, and with a classifier NC3 and NC4."""
    x = x.astype(np.float64)
    classes = np.unique(y)
    means = np.stack([x[y == c].mean(0) for c in classes])
    variances = np.array([((x[y == c] - m) ** 2).sum(1).mean() for c, m in zip(classes, means)])
    distances = ((means[:, None] - means[None]) ** 2).sum(2)
    pairs = ~np.eye(len(classes), dtype=bool)
    cdnv = ((variances[:, None] + variances[None])[pairs] / (2 * distances[pairs])).mean()
    centred = means - means.mean(0)
    between = centred.T @ centred / len(classes)
    within = sum((x[y == c] - m).T @ (x[y == c] - m) / (y == c).sum() for c, m in zip(classes, means)) / len(classes)
    found = {"cdnv": cdnv, "nc1": np.trace(within @ np.linalg.pinv(between)) / len(classes)}
    norms = np.linalg.norm(centred, axis=1)
    cosines = (centred @ centred.T / np.outer(norms, norms))[pairs]
    found |= {"nc2Norms": norms.std() / norms.mean(), "nc2Angles": np.abs(cosines + 1 / (len(classes) - 1)).mean()}
    if weights is not None:
        found["nc3"] = np.linalg.norm(weights / np.linalg.norm(weights) - centred / np.linalg.norm(centred))
        nearest = (((x[:, None] - means[None]) ** 2).sum(2) if len(x) < 2000 else (x**2).sum(1)[:, None] - 2 * x @ means.T + (means**2).sum(1)).argmin(1)
        found["nc4"] = (nearest != (x @ weights.T + bias).argmax(1)).mean()
    return found


def complexity(images, y):
    """Mean squared Frobenius norm of the Jacobian, by one probe for each of some examples, balanced over classes."""
    classes = np.unique(y)
    rows = np.concatenate([rng.choice(np.flatnonzero(y == c), -(-EXAMPLES // len(classes)), replace=False) for c in classes])[:EXAMPLES]
    total = 0.0
    for start in range(0, len(rows), BATCH):
        x = tensor(images[rows[start : start + BATCH]]).requires_grad_(True)
        output = net(x)
        probe = torch.randint(0, 2, output.shape).to(output.dtype) * 2 - 1
        (gradient,) = torch.autograd.grad(output, x, probe)
        total += (gradient.double() ** 2).sum().item()
    return total / len(rows)


results = {}
weights, bias = head.weight.detach().double().numpy(), head.bias.detach().double().numpy()
for name, part, part_labels in (("sourceTrain", train, train_labels), ("sourceTest", test, test_labels), ("target", target, target_labels)):
    x = embeddings(part)
    is_source = name != "target"
    results[name] = collapse(x, part_labels, weights if is_source else None, bias if is_source else None)
    results[name]["geometricComplexity"] = complexity(part, part_labels)
    if is_source:
        results[name]["accuracy"] = float(((x @ weights.T + bias).argmax(1) == part_labels).mean())

# x is the target's now.
by_class = [np.flatnonzero(target_labels == c) for c in range(20)]
accuracies = {}
for shots in (1, 5):
    rights = {"logistic": [], "nearest-mean": []}
    for _ in range(EPISODES):
        drawn = [rng.choice(by_class[c], shots + QUERIES, replace=False) for c in rng.choice(20, WAYS, replace=False)]
        support, query = np.concatenate([rows[:shots] for rows in drawn]), np.concatenate([rows[shots:] for rows in drawn])
        support_labels, query_labels = np.repeat(np.arange(WAYS), shots), np.repeat(np.arange(WAYS), QUERIES)
        model = LogisticRegression(max_iter=1000).fit(x[support], support_labels)
        rights["logistic"].append((model.predict(x[query]) == query_labels).mean())
        means = x[support].reshape(WAYS, shots, -1).mean(1)
        nearest = ((x[query][:, None] - means[None]) ** 2).sum(2).argmin(1)
        rights["nearest-mean"].append((nearest == query_labels).mean())
    accuracies[shots] = {name: float(np.mean(values)) for name, values in rights.items()}

print(
    json.dumps(
        {
            "testAccuracy": results["sourceTest"]["accuracy"],
            "geometricComplexity": results["sourceTrain"]["geometricComplexity"],
            "fiveShot": accuracies[5]["logistic"],
        }
    )
)
