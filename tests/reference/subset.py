"""Takes from the full reference data what the tests of this repository read: python subset.py FULL
FULL has reference/, models/ and data/. Nothing is changed, only left out: arrays and files that nothing reads, and
all but the first documents of two text samples. Needs Python 3 alone, and zstd on the PATH.
"""
import gzip
import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

here = Path(__file__).parent
full = Path(sys.argv[1])

# folder → arrays that nothing reads, by the part of their name that tells them
unread = {
    "gradients": (".logits", ".lane_prompt_grad"),
    "sampling": ("softmax",),
    "trajectories": ("micro_loss", "first_gradient64", "final.", "trained_token_count"),
}
unread_exactly = {"trajectories": ("loss",)}
folders = (
    "batches chess generation gradients pathfinding sampling snapshots soft_prompts tokenization trajectories"
).split()
published = ("decoded-event-files.json", "published-tensorboard-runs.tar.zst", "ATTRIBUTION.txt")
models = ("tiny-llama", "tiny-llama-tied", "tiny-neox", "tiny-neox-serial", "tokenizers")
documents = 12


def is_unread(folder, name):
    if name in unread_exactly.get(folder, ()):
        return True
    return any(part in name for part in unread.get(folder, ()))


def copy_arrays(source, target, folder):
    raw = source.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    kept, body = {}, b""
    for name, entry in header.items():
        if name == "__metadata__" or is_unread(folder, name):
            continue
        begin, end = entry["data_offsets"]
        kept[name] = {**entry, "data_offsets": [len(body), len(body) + end - begin]}
        body += raw[8 + size + begin : 8 + size + end]
    text = json.dumps(kept, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    target.write_bytes(struct.pack("<Q", len(text)) + text + body)


def copy_folder(folder):
    for source in sorted((full / "reference" / folder).rglob("*")):
        target = here / folder / source.relative_to(full / "reference" / folder)
        if source.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".safetensors" and folder in unread:
            copy_arrays(source, target, folder)
        else:
            shutil.copyfile(source, target)


def copy_texts():
    target = here / "data"
    target.mkdir(exist_ok=True)
    shutil.copyfile(full / "data/lichess_sample.pgn.zst", target / "lichess_sample.pgn.zst")
    pile = subprocess.run(
        ["zstd", "-dc", full / "data/pile_sample.jsonl.zst"], capture_output=True, check=True
    ).stdout
    first = b"".join(pile.splitlines(keepends=True)[:documents])
    packed = subprocess.run(["zstd", "-19", "-c"], input=first, capture_output=True, check=True)
    (target / "pile_sample.jsonl.zst").write_bytes(packed.stdout)
    with gzip.open(full / "data/redpajama_v2_sample.json.gz") as lines:
        first = b"".join(line for _, line in zip(range(documents), lines))
    (target / "redpajama_v2_sample.json.gz").write_bytes(gzip.compress(first, 9, mtime=0))


for name in folders:
    copy_folder(name)
(here / "published").mkdir(exist_ok=True)
for name in published:
    shutil.copyfile(full / "reference/published" / name, here / "published" / name)
for name in models:
    shutil.copytree(full / "models" / name, here / "models" / name, dirs_exist_ok=True)
copy_texts()
