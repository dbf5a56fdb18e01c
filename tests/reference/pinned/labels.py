"""Labels as they should be (not the original's): python labels.py > labels.json
For every sixth case of ../batches/preparers.json, from the sentences in README.md: which slot's logits are compared
with which token, at which weight. A token that is not there is never a label, however long the other lanes are.
"""
import json
from pathlib import Path

cases = json.loads((Path(__file__).parent / "../batches/preparers.json").read_text())["cases"]


def rows_of(case):
    count, parameters, task = case["P"], case["parameters"], case["task"]
    samples, starts = case["samples"], case["start_indices"]
    skip = parameters.get("skip_count", 0) if task == "skip_tokens" else 0
    shorter = 1 if task == "favor_future" else skip
    inputs = max(0, max(map(len, samples)) - shorter)
    width, rows = max(1, inputs + count), []
    for lane, (ids, start) in enumerate(zip(samples, starts)):
        for i in range(start, inputs):
            slot = i + count
            if task == "favor_future":
                weight = max(0, slot - (start + count + parameters["token_lookahead_count"]))
                if i + 1 < len(ids) and weight > 0:
                    rows.append([lane * width + slot, ids[i + 1], weight])
                continue
            if i + skip >= len(ids) or slot == 0:
                continue
            repeated = case.get("repeated_token_ids")
            label = repeated[(i - start) % len(repeated)] if repeated else ids[i + skip]
            rows.append([lane * width + slot - 1, label, 1])
    return rows


print("[")
chosen = list(range(0, len(cases), 6))
for n in chosen:
    print(json.dumps({"case": n, "rows": rows_of(cases[n])}, separators=(",", ":")) + ("," if n != chosen[-1] else ""))
print("]")
