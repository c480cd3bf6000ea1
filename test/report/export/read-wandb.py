"""What an offline W&B run holds, as JSON: the file is a log of LevelDB's format with records of wandb's own protocol buffers."""

import json
import struct
import sys
from pathlib import Path

from wandb.proto import wandb_internal_pb2

BLOCK = 32768


def records(path: Path):
    content, at, parts = path.read_bytes(), 7, []
    while at + 7 <= len(content):
        room = BLOCK - at % BLOCK
        if room < 7:
            at += room
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        parts.append(content[at + 7 : at + 7 + length])
        at += 7 + length
        if kind in (1, 4):  # whole, or the last part
            record = wandb_internal_pb2.Record()
            record.ParseFromString(b"".join(parts))
            parts = []
            yield record


runs = []
for path in sorted(Path(sys.argv[1]).glob("wandb/offline-run-*/*.wandb")):
    run = {"config": {}, "history": []}
    for record in records(path):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run |= {"id": record.run.run_id, "name": record.run.display_name, "project": record.run.project}
            run["config"] |= {each.key: json.loads(each.value_json) for each in record.run.config.update if each.key}
        elif kind == "history":
            items = {"/".join(each.nested_key) or each.key: json.loads(each.value_json) for each in record.history.item}
            run["history"].append(items)
        elif kind == "exit":
            run["exitCode"] = record.exit.exit_code
    runs.append(run)
print(json.dumps(runs))
