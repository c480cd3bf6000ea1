"""Draws a sweep's main figure from its Parquet tables: swept number -> source GC -> target CDNV -> few-shot accuracy.

    gcnc export runs/lr --to parquet
    python docs/examples/sweep_figure.py runs/lr/export/parquet --out lr.png        # pandas, pyarrow, matplotlib
    python docs/examples/sweep_figure.py runs/lr/export/parquet --json              # the means alone: pandas, pyarrow

One small point per run, one large point per configuration (the mean over its seeds). Only runs that are done count, at their last
checkpoint. Accuracies are in per cent.
"""

import argparse
import json
from pathlib import Path

import pandas as pd


def read_runs(folder: Path, shots: int | None, readout: str | None) -> tuple[pd.DataFrame, str]:
    """One row per run that is done: `swept`, `sourceGc`, `targetCdnv`, `accuracy`; and the swept key."""
    measures = pd.read_parquet(folder / "measures.parquet").query("final and state == 'done'")
    fewshot = pd.read_parquet(folder / "fewshot.parquet").query(
        "final and state == 'done' and split == 'target' and layer == 'embedding'"
    )
    swept = swept_key(measures)
    shots = fewshot["shots"].max() if shots is None else shots
    readout = fewshot["readout"].iloc[-1] if readout is None else readout
    accuracy = fewshot.query("shots == @shots and readout == @readout").set_index("run")["accuracy"]
    # The embedding's row stands first; further layers follow where the config asks for them.
    embedding = measures.drop_duplicates(["run", "split"])
    source = embedding.query("split == 'sourceTrain'").set_index("run")
    target = embedding.query("split == 'target'").set_index("run")
    runs = pd.DataFrame(
        {
            "swept": source[swept],
            "sourceGc": source["geometricComplexity"],
            "targetCdnv": target["cdnv"],
            "accuracy": 100 * accuracy,
        }
    )
    return runs, swept.removeprefix("config.")


def swept_key(table: pd.DataFrame) -> str:
    """The one number of the config, other than the seed, that differs between runs."""
    numbers = table.select_dtypes("number")
    varied = [key for key in numbers if key.startswith("config.") and numbers[key].nunique() > 1]
    varied = [key for key in varied if key != "config.seed"]
    if len(varied) != 1:
        raise SystemExit(f"one number must vary between the runs; these do: {', '.join(varied) or 'none'}")
    return varied[0]


def draw(runs: pd.DataFrame, swept: str, out: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    means = runs.groupby("swept").mean().reset_index()
    labels = {
        "swept": swept.split(".")[-1],
        "sourceGc": "source geometric complexity",
        "targetCdnv": "target CDNV",
        "accuracy": "few-shot accuracy (%)",
    }
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    for axis, (x, y) in zip(axes, [("swept", "sourceGc"), ("sourceGc", "targetCdnv"), ("targetCdnv", "accuracy")]):
        axis.scatter(runs[x], runs[y], s=12, alpha=0.5)
        axis.scatter(means[x], means[y], s=60, c=range(len(means)), cmap="viridis", zorder=3)
        for _, mean in means.iterrows():
            axis.annotate(f"{mean['swept']:g}", (mean[x], mean[y]), xytext=(5, 5), textcoords="offset points")
        axis.set(xlabel=labels[x], ylabel=labels[y])
    if means["swept"].min() > 0:
        axes[0].set_xscale("log")
    figure.savefig(out, dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of gcnc export --to parquet")
    parser.add_argument("--shots", type=int, help="the most where not given")
    parser.add_argument("--readout", help="the record's last where not given")
    parser.add_argument("--out", type=Path, default=Path("sweep.png"))
    parser.add_argument("--json", action="store_true", help="print the means of the configurations, and draw nothing")
    given = parser.parse_args()
    runs, swept = read_runs(given.folder, given.shots, given.readout)
    if given.json:
        print(json.dumps({"swept": swept, "means": runs.groupby("swept").mean().reset_index().to_dict("records")}))
    else:
        draw(runs, swept, given.out)
        print(given.out)
