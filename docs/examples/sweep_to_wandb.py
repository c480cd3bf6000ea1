"""Hands a sweep to Weights & Biases by its own package, from the Parquet tables: one W&B run per run.

    gcnc export runs/lr --to parquet
    WANDB_MODE=offline python docs/examples/sweep_to_wandb.py runs/lr/export/parquet --project lr     # pandas, pyarrow, wandb
    wandb sync wandb/offline-run-*                                                                     # later, with an account

Without WANDB_MODE=offline the runs go straight to the server. A run's id is the hash of its config, so that a second upload
finds the first. Values are those of metrics.jsonl, in float64; accuracies are shares of 1.
"""

import argparse
from pathlib import Path

import pandas as pd
import wandb

CONFIG = "config."


def rows_by_step(tables: dict[str, pd.DataFrame], name: str) -> dict[int, dict[str, float]]:
    """What was measured of the run, by the training step: `train/loss`, `sourceTrain/cdnv`, `fewshot/target/embedding/5way-5shot/ridge`."""
    steps: dict[int, dict[str, float]] = {}

    def put(step: int, key: str, value: object) -> None:
        if pd.notna(value):
            steps.setdefault(int(step), {})[key] = value

    for row in tables["epochs"].query("run == @name").to_dict("records"):
        for key in ("epoch", "trainLoss", "trainAccuracy", "learningRate"):
            put(row["step"], f"train/{key}", row[key])
    measures = tables["measures"].query("run == @name").dropna(axis="columns", how="all")
    numbers = [key for key in measures.select_dtypes("number") if not key.startswith((CONFIG, "gc"))]
    for row in measures.to_dict("records"):
        # A set's own name is for its embedding; layers stand under theirs where the config asks for them.
        place = row["split"] if row["layer"] == "embedding" else f"{row['split']}/{row['layer']}"
        for key in numbers:
            if key not in ("step", "epoch"):
                put(row["step"], f"{place}/{key}", row[key])
    for row in tables["fewshot"].query("run == @name").to_dict("records"):
        place = f"fewshot/{row['split']}/{row['layer']}/{row['ways']}way-{row['shots']}shot/{row['readout']}"
        for key in ("accuracy", "accuracyLow", "accuracyHigh"):
            put(row["step"], f"{place}/{key}", row[key])
    return steps


def upload(folder: Path, project: str) -> int:
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("runs", "epochs", "measures", "fewshot")}
    for row in tables["runs"].to_dict("records"):
        name = row["run"]
        config = {key.removeprefix(CONFIG): value for key, value in row.items() if key.startswith(CONFIG)}
        run = wandb.init(project=project, name=name, id=name.split("-")[-1], group=row["sweep"], config=config, resume="allow")
        for step, values in sorted(rows_by_step(tables, name).items()):
            run.log(values, step=step)
        run.summary["state"] = row["state"]
        run.finish(exit_code=0 if row["state"] == "done" else 1)
    return len(tables["runs"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of gcnc export --to parquet")
    parser.add_argument("--project", required=True)
    given = parser.parse_args()
    print(f"{upload(given.folder, given.project)} runs")
