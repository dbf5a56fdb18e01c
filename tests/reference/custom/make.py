"""Goldens of "Bring your own behaviour", made with transformers in float64.

    python make.py MODELS_FOLDER      # holds tiny-llama, tiny-neox and workbench-demo-chat

For each model it writes MODEL.jsonl (200 records: pairs and conversations) and MODEL.json: the soft prompt, and for each
record which ids it becomes, which of them are labels, Σ nll over them, and what the model itself writes. The rules are
written here once more, by offsets of characters; nothing is shared with the program that is tested.
"""
import json
import os
import random
import sys

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
LENGTH = 96  # training.length
PROMPT_ROWS = 2
WORDS = "the city of hats cat dog river stone green light seven 42 3.50 naïve 北京 yes, no; def f(x): return {\"a\": [1]} "
WORDS = WORDS.split(" ")


class Model:
    def __init__(self, folder, name):
        path = os.path.join(folder, name)
        self.name = name
        self.net = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float64, attn_implementation="eager")
        # tokenizer.json as it is: LlamaTokenizer would build its own
        self.tok = PreTrainedTokenizerFast.from_pretrained(path)
        if not self.tok.chat_template:
            self.tok.chat_template = open(os.path.join(HERE, "chat_template.jinja"), encoding="utf8").read()
        special = {i for i, t in self.tok.added_tokens_decoder.items() if t.special}
        self.special = special
        self.eos, self.bos = self.tok.eos_token_id, self.tok.bos_token_id
        generator = torch.Generator().manual_seed(7)
        table = self.net.get_input_embeddings().weight.detach()
        rows = torch.randint(10, table.shape[0] - 80, (PROMPT_ROWS,), generator=generator)
        # float32, as the program keeps it
        self.soft = (table[rows] * 1.5).float()

    def encode(self, text):
        """ids and [from, to) of each in characters, nothing added"""
        made = self.tok(text, add_special_tokens=False, return_offsets_mapping=True)
        return made["input_ids"], made["offset_mapping"]

    def lead(self):
        with_special = self.tok("a")["input_ids"]
        plain = self.tok("a", add_special_tokens=False)["input_ids"]
        return with_special[: with_special.index(plain[0])]

    def logits(self, ids):
        rows = self.net.get_input_embeddings()(torch.tensor([ids]))
        soft = self.soft.double()[None]
        return self.net(inputs_embeds=torch.cat([soft, rows], 1)).logits[0]

    @torch.no_grad()
    def log_probs(self, ids):
        """[len(ids)]: log p of each id after the soft prompt and all before it; and the most probable id there"""
        logs = torch.log_softmax(self.logits(ids), -1)[PROMPT_ROWS - 1 : -1]
        return [logs[i, token].item() for i, token in enumerate(ids)], logs.argmax(-1).tolist()


def shared(a, b):
    n = 0
    while n < len(a) and n < len(b) and a[n] == b[n]:
        n += 1
    return n


def pair_ids(model, prompt, completion):
    """ids, spans, repairs"""
    ids, _ = model.encode(prompt + completion)
    before, _ = model.encode(prompt)
    lead, told = model.lead(), []
    at = shared(ids, before) if prompt else 0
    if lead and ids[: len(lead)] == lead and prompt:
        told.append("start")
    else:
        ids, at = lead + ids, at + len(lead)
    if at == 0:
        # nothing stands before the first label
        ids, at = [model.bos] + ids, 1
        told.append("empty")
    if ids[-1] == model.eos and len(ids) > at:
        told.append("end")
    else:
        ids = ids + [model.eos]
    return ids, [[at, len(ids)]], told


def chat_ids(model, messages):
    def render(some, opened):
        return model.tok.apply_chat_template(some, tokenize=False, add_generation_prompt=opened)

    text = render(messages, False)
    ids, offsets = model.encode(text)
    spans = []
    for i, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        before, through = render(messages[:i], True), render(messages[: i + 1], False)
        assert text.startswith(before) and text.startswith(through)
        words = message["content"]
        if text.find(words, len(before)) != len(before):
            words = words.strip()
        end = text.index(words, len(before)) + len(words)
        start = shared(ids, model.encode(before)[0])
        marks = [k for k, (a, b) in enumerate(offsets) if ids[k] in model.special and a >= end and b <= len(through)]
        if marks:
            spans.append([start, marks[0] + 1])
        else:
            spans.append([start, max(k for k, (a, b) in enumerate(offsets) if a < end) + 1])
    return ids, spans, []


def cut(model, ids, spans):
    """at most LENGTH tokens: a prompt loses its beginning; a completion that is too long by itself loses its end"""
    if len(ids) <= LENGTH:
        return ids, spans, []
    first = spans[0][0]
    lead = 1 if ids[0] == model.bos and first > 0 else 0
    prompt, rest = first - lead, len(ids) - first
    # a token stands before the first label
    least = 1 if lead == 0 and first > 0 else 0
    fits = lead + least + rest <= LENGTH
    kept = min(prompt, LENGTH - lead - rest if fits else max(least, (LENGTH - lead) // 2))
    drop = prompt - kept
    short = (ids[:lead] + ids[lead + drop :])[:LENGTH]
    moved = [[a - drop, min(b - drop, LENGTH)] for a, b in spans if a - drop < LENGTH]
    told = ["prompt"] if drop else []
    if spans[-1][1] - drop > LENGTH:
        told.append("completion")
    elif len(ids) - drop > LENGTH:
        told.append("rest")
    return short, moved, told


def golden(model, record):
    if "messages" in record:
        ids, spans, told = chat_ids(model, record["messages"])
    else:
        ids, spans, told = pair_ids(model, record["prompt"], str(record["completion"]))
    ids, spans, lost = cut(model, ids, spans)
    logs, likeliest = model.log_probs(ids)
    labels = [i for a, b in spans for i in range(a, b)]
    row = {"ids": ids, "spans": spans, "told": told + lost, "nll": -sum(logs[i] for i in labels)}
    if "completion" in lost:
        return row
    a, b = spans[-1]
    row["logProb"] = sum(logs[i] for i in range(a, b))
    stops = {model.eos} | {i for i in ids[b - 1 : b] if i in model.special}
    # greedy text equals the target up to its first stop token, and the model stops there, too
    ended = ids[b - 1] in stops
    last = next((k for k in range(a, b) if ids[k] in stops), b)
    row["exact"] = all(likeliest[k] == ids[k] for k in range(a, last)) and (not ended or likeliest[last] in stops)
    if "alternatives" in record:
        options = [str(record["completion"]), *record["alternatives"]]
        made = [pair_ids(model, record["prompt"], option) for option in options]
        at = min(spans[0][0] for _, spans, _ in made)
        sums = [sum(model.log_probs(ids)[0][at:]) for ids, _, _ in made]
        sizes = [len(ids) - at for ids, _, _ in made]
        lengths = [len(option.encode()) for option in options]

        def best(scores):
            return all(scores[0] > other for other in scores[1:])

        row["choice"] = {
            "total": best(sums),
            "perToken": best([s / n for s, n in zip(sums, sizes)]),
            "perByte": best([s / n for s, n in zip(sums, lengths)]),
            "sums": sums,
        }
    return row


def words(draw, low, high):
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(low, high))).strip()


def pairs(model, draw):
    """what people's files hold: joined with a blank, without one, JSON, numbers, special tokens, nothing to ask"""
    bos, eos = model.tok.bos_token, model.tok.eos_token
    for k in range(70):
        prompt, completion = words(draw, 1, 12) + f" {k}", words(draw, 1, 8) or "x"
        shape = k % 7
        if shape == 0:
            yield {"prompt": prompt, "completion": " " + completion}
        elif shape == 1:
            yield {"prompt": prompt + " ", "completion": completion, "alternatives": [completion[:1], words(draw, 2, 5) or "y"]}
        elif shape == 2:
            yield {"prompt": '{"city": "' + str(k), "completion": 'Paris"}', "alternatives": ['Par', 'Rome"}', 'Paris"}, {"']}
        elif shape == 3:
            yield {"prompt": f"{k}*{k}=", "completion": k * k * 10**15 + k}
        elif shape == 4:
            yield {"prompt": bos + prompt, "completion": completion + eos}
        elif shape == 5:
            yield {"prompt": prompt + "\n\n", "completion": "\n" + completion}
        else:
            yield {"prompt": "", "completion": f"{completion} {k}"}
    for k in range(5):
        yield {"prompt": f"{k} " + words(draw, 90, 110), "completion": " it slept"}
        yield {"prompt": f"short {k}", "completion": " " + words(draw, 90, 110)}


def chats(model, draw):
    for k in range(60):
        asked = [{"role": "user", "content": words(draw, 1, 6) + f" {k}"}]
        if k % 4 == 1:
            asked.insert(0, {"role": "system", "content": words(draw, 1, 4) or "s"})
        answer = words(draw, 1, 6) or "z"
        if k % 5 == 2:
            answer = f" {answer}\n"
        messages = asked + [{"role": "assistant", "content": answer}]
        if k % 3 == 0:
            messages += [{"role": "user", "content": f"and {k}?"}, {"role": "assistant", "content": words(draw, 1, 4) or "w"}]
        if k % 10 == 9:
            messages += [{"role": "user", "content": "bye"}]
        yield {"messages": messages}


@torch.no_grad()
def greedy_together(model, prompts, most):
    """what the model writes after prompts of one length, and whether it came to its end token"""
    ids = torch.tensor(prompts)
    table = model.net.get_input_embeddings()
    soft = model.soft.double()[None].expand(len(prompts), -1, -1)
    for _ in range(most):
        logits = model.net(inputs_embeds=torch.cat([soft, table(ids)], 1)).logits[:, -1]
        ids = torch.cat([ids, logits.argmax(-1, keepdim=True)], 1)
    for row in ids[:, len(prompts[0]) :].tolist():
        end = row.index(model.eos) if model.eos in row else len(row)
        yield row[:end], end < len(row)


def own_answers(model, draw, wanted):
    """records whose answer is what the model itself writes, so that exact matches are among them"""
    trained = model.name.endswith("chat")
    by_length, found = {}, 0
    for k in range(60 if trained else 1200):
        asked = [{"role": "user", "content": words(draw, 1, 5) + f" {k}"}]
        text = model.tok.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        chat = k % 2 == 0
        prompt = text if trained else words(draw, 1, 9) + f" {k}"
        made, [[at, _]], _ = pair_ids(model, prompt, "x")
        ids = model.encode(text)[0] if chat else made[:at]
        by_length.setdefault(len(ids), []).append((ids, asked if chat else prompt))
    for group in by_length.values():
        for from_, (written, stopped) in zip(group, greedy_together(model, [g[0] for g in group], 40 if trained else 12)):
            ids, asked = from_
            answer = model.tok.decode(written)
            if found == wanted or not answer.strip() or not stopped or len(ids) + len(written) > LENGTH - 4:
                continue
            chat = isinstance(asked, list)
            record = {"messages": asked + [{"role": "assistant", "content": answer}]} if chat else {"prompt": asked, "completion": answer}
            if golden(model, record).get("exact"):
                found += 1
                yield record


def fill(model, draw, records):
    """up to 200"""
    k = 0
    while len(records) < 200:
        k += 1
        records.append({"prompt": f"item {k} {words(draw, 1, 5)}", "completion": " " + (words(draw, 1, 4) or "v")})
    return records


def main(folder):
    for name in ("tiny-llama", "tiny-neox", "workbench-demo-chat"):
        model = Model(folder, name)
        draw = random.Random(18)
        written = [*pairs(model, draw), *chats(model, draw)]
        # first, so that a test of a part of them has exact matches
        records = fill(model, draw, [*own_answers(model, draw, 40), *written])
        rows = [golden(model, record) for record in records]
        with open(os.path.join(HERE, f"{name}.jsonl"), "w", encoding="utf8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        with open(os.path.join(HERE, f"{name}.json"), "w", encoding="utf8") as file:
            file.write('{"length":%d,"soft":%s,"records":[\n' % (LENGTH, json.dumps(model.soft.tolist())))
            file.write(",\n".join(json.dumps(row, separators=(",", ":")) for row in rows))
            file.write("\n]}\n")
        exact = sum(bool(row.get("exact")) for row in rows)
        print(name, len(rows), "records,", exact, "exact,", sum("logProb" not in row for row in rows), "cut")


if __name__ == "__main__":
    main(sys.argv[1])
