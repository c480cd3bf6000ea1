"""scikit-learn's and easyfsl's loops over the episodes that bench/fewshot.ts wrote; that file runs this one.

    python bench/fewshot.py FOLDER     (with embeddings.npz and episodes.json)
Prints one JSON object: seconds and mean accuracy by loop. Needs scikit-learn; easyfsl (with PyTorch) where it is installed.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neighbors import NearestCentroid

folder = Path(sys.argv[1])
arrays = np.load(folder / "embeddings.npz")
x, y = arrays["embeddings"], arrays["labels"]
episodes = json.loads((folder / "episodes.json").read_text())
ways, shots, queries = episodes["ways"], episodes["shots"], episodes["queries"]
by_class = [np.flatnonzero(y == c) for c in range(y.max() + 1)]
drawn = []
for classes, members in zip(episodes["classes"], episodes["members"]):
    rows = np.stack([by_class[c][m] for c, m in zip(classes, members)])
    drawn.append((rows[:, :queries].ravel(), rows[:, queries:].ravel()))


def timed(start, cpu, count, accuracy):
    return {
        "seconds": time.perf_counter() - start,
        "cpuSeconds": time.process_time() - cpu,
        "episodes": count,
        "accuracy": accuracy,
    }


def scikit_learn(make):
    support_labels, query_labels = np.repeat(np.arange(ways), shots), np.repeat(np.arange(ways), queries)
    for query, support in drawn[:100]:
        make().fit(x[support], support_labels).predict(x[query])
    start, cpu = time.perf_counter(), time.process_time()
    accuracies = [
        (make().fit(x[support], support_labels).predict(x[query]) == query_labels).mean() for query, support in drawn
    ]
    return timed(start, cpu, len(drawn), float(np.mean(accuracies)))


def easyfsl(make, tasks):
    """Its own sampler, loader and evaluate(); its random tasks, as it takes no list."""
    import random

    import torch
    from easyfsl.datasets import FeaturesDataset
    from easyfsl.samplers import TaskSampler
    from easyfsl.utils import evaluate
    from torch.utils.data import DataLoader, Sampler

    if Sampler.__init__ is object.__init__:  # easyfsl 1.5 passes the argument that PyTorch removed
        Sampler.__init__ = lambda self, data_source=None: None
    random.seed(0)
    data = FeaturesDataset(y.tolist(), torch.from_numpy(x), [str(c) for c in range(len(by_class))])
    sampler = TaskSampler(data, n_way=ways, n_shot=shots, n_query=queries, n_tasks=tasks)
    loader = DataLoader(data, batch_sampler=sampler, collate_fn=sampler.episodic_collate_fn)
    warm = TaskSampler(data, n_way=ways, n_shot=shots, n_query=queries, n_tasks=5)
    evaluate(make(), DataLoader(data, batch_sampler=warm, collate_fn=warm.episodic_collate_fn), "cpu", use_tqdm=False)
    start, cpu = time.perf_counter(), time.process_time()
    accuracy = evaluate(make(), loader, device="cpu", use_tqdm=False)
    return timed(start, cpu, tasks, accuracy)


result = {
    "versions": {"scikit-learn": sklearn.__version__},
    "scikitLearn": {
        "nearest-mean": scikit_learn(NearestCentroid),
        "ridge": scikit_learn(RidgeClassifier),
        "logistic": scikit_learn(lambda: LogisticRegression(max_iter=10_000)),
        "logisticToConvergence": scikit_learn(lambda: LogisticRegression(tol=1e-8, max_iter=10_000)),
    },
}
try:
    from importlib.metadata import version

    from easyfsl.methods import Finetune, PrototypicalNetworks, SimpleShot

    result["versions"] |= {name: version(name) for name in ["easyfsl", "torch"]}
    count = len(drawn)
    # easyfsl has no logistic regression: Finetune (a linear classifier by 200 Adam steps) is the nearest, and slow.
    result["easyfsl"] = {
        "nearest-mean": easyfsl(PrototypicalNetworks, count),
        "cosine": easyfsl(SimpleShot, count),
        "logistic": easyfsl(Finetune, max(1, count // 20)),
    }
except ImportError as error:
    result["easyfsl"] = None
    print(f"easyfsl left out: {error}", file=sys.stderr)
print(json.dumps(result))
