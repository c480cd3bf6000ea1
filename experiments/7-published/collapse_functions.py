"""The neural collapse functions of two public repositories on what `gcnc embed` writes, beside what `gcnc measure` says.

    GCNC_DATA_DIR=<folder of cifar-10> python experiments/7-published/collapse_functions.py RUN RHUBARBWU TDING1

RUN is the run's folder of collapse-functions.yaml; RHUBARBWU and TDING1 are clones of rhubarbwu/neural-collapse and tding1/Neural-Collapse
(torch, numpy, scipy, safetensors). All in float64. The second repository's functions take a network, images and a GPU: here its network hands on
embeddings, and `.cuda()` is nothing. Writes results/collapse-functions.json beside this file.

Not compared, as the definitions differ: the other repositories measure NC3 by the simplex that weights times means form, gcnc by the distance of the
two as Papyan, Han and Donoho have it; their weights' ETF is of the classifier, which gcnc does not measure.
"""
import ast
import json
import pathlib
import subprocess
import sys
import tempfile
import types

import numpy as np
import scipy.linalg
import torch
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

torch.set_default_dtype(torch.float64)
torch.Tensor.cuda = lambda self, *_: self


def gcnc(*args):
    return subprocess.run([str(ROOT / "gcnc"), *map(str, args)], check=True, stdout=subprocess.PIPE, text=True).stdout


def of_rhubarbwu(clone, features, labels, weights, bias):
    sys.path.insert(0, str(clone))
    from neural_collapse.accumulate import CovarAccumulator, DecAccumulator, MeanAccumulator, VarNormAccumulator
    from neural_collapse.measure import clf_ncc_agreement, covariance_ratio, mean_norms, simplex_etf_error, variability_cdnv

    size = (len(weights), features.shape[1])
    means = MeanAccumulator(*size, dtype=torch.float64)
    means.accumulate(features, labels)
    centres, centre = means.compute()
    covariance = CovarAccumulator(*size, dtype=torch.float64, M=centres)
    covariance.accumulate(features, labels, centres)
    norms = VarNormAccumulator(*size, dtype=torch.float64, M=centres)
    norms.accumulate(features, labels, centres)
    # Its linear classifier has no bias: a feature of 1 with the bias as weight, and 0 in the means, which moves no nearest mean.
    wide, wide_weights = torch.cat([features, torch.ones(len(features), 1)], 1), torch.cat([weights, bias[:, None]], 1)
    wide_centres = torch.cat([centres, torch.zeros(len(weights), 1)], 1)
    decisions = DecAccumulator(size[0], size[1] + 1, dtype=torch.float64, M=wide_centres, W=wide_weights)
    decisions.accumulate(wide, labels, wide_weights, wide_centres)
    lengths = mean_norms(centres, centre)
    within = covariance.compute()
    return {
        "cdnv": variability_cdnv(norms.compute()[0], centres),
        "nc1": covariance_ratio(within, centres, centre),
        "nc1TraceRatio": covariance_ratio(within, centres, centre, "quotient"),
        "nc2Equinorm": float(lengths.std(correction=0) / lengths.mean()),
        "simplexEtfError": simplex_etf_error(centres, centre),
        "nc4Disagreement": 1 - clf_ncc_agreement(decisions),
    }


def of_tding1(clone, features, labels):
    tree = ast.parse((clone / "validate_NC.py").read_text())
    names = {"compute_info", "compute_Sigma_W", "compute_Sigma_B", "compute_ETF", "CIFAR10_TRAIN_SAMPLES"}
    kept = [
        node
        for node in tree.body
        if getattr(node, "name", None) in names or (isinstance(node, ast.Assign) and node.targets[0].id in names)
    ]
    theirs = {"torch": torch, "np": np, "AverageMeter": Meter, "compute_accuracy": lambda *_, **__: (torch.zeros(1),) * 2}
    exec(compile(ast.Module(kept, []), "validate_NC.py", "exec"), theirs)
    args = types.SimpleNamespace(device="cpu", dataset="cifar10")
    hook = types.SimpleNamespace(outputs=[], clear=lambda: hook.outputs.clear())

    def network(inputs):
        hook.outputs.append([inputs])
        return [inputs]

    def batches():
        # It adds to a class's first features in place: they are copies.
        return [(each.clone(), of) for each, of in zip(features.split(1000), labels.split(1000))]

    centre, centres, _, _ = theirs["compute_info"](args, network, hook, batches())
    within = theirs["compute_Sigma_W"](args, network, hook, centres, batches())
    between = theirs["compute_Sigma_B"](centres, centre)
    stacked = torch.stack([centres[label] - centre for label in sorted(centres)])
    return {
        # As its main does.
        "nc1": float(np.trace(within @ scipy.linalg.pinv(between)) / len(centres)),
        "simplexEtfError": theirs["compute_ETF"](stacked),
    }


class Meter:
    avg = 0

    def update(self, *_):
        pass


def main():
    run, rhubarbwu, tding1 = map(pathlib.Path, sys.argv[1:4])
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "embeddings.npz"
        gcnc("embed", run, "--split", "sourceTrain", "--out", file)
        said = json.loads(gcnc("measure", run, "--split", "sourceTrain", "--examples", 1, "--directional-pairs", 0, "--json"))
        arrays = np.load(file)
        features = torch.tensor(arrays["embeddings"].astype(np.float64))
        labels = torch.tensor(arrays["labels"].astype(np.int64))
    weights = load_file(sorted((run / "checkpoints").iterdir(), key=lambda each: int(each.name))[-1] / "weights.safetensors")
    matrix, bias = (torch.tensor(weights[f"fc.{part}"].astype(np.float64)) for part in ("weight", "bias"))
    figures = {}
    for whose, theirs in (
        ("rhubarbwu", of_rhubarbwu(rhubarbwu, features, labels, matrix, bias)),
        ("tding1", of_tding1(tding1, features, labels)),
    ):
        for key, value in theirs.items():
            ours = said["neuralCollapse"][key]
            print(whose, key, value, ours)
            figures[f"{key}, {whose}"] = {"value": ours, "published": value, "distance": abs(ours - value) / abs(value)}
    path = HERE / "results" / "collapse-functions.json"
    path.write_text(json.dumps({"accuracy": said["accuracy"], "figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
