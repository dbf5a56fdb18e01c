"""Makes a small folder laid out like this one, with models, seeds, lengths, cases and prompt kinds of its own:
    python make.py DIR --seed 7        (needs torch, transformers, tokenizers, safetensors, numpy, chess)
`spw verify --reference DIR` must pass on it whatever the seed. resources/reference is what --seed 7 gave.
Everything is computed in float64 with PyTorch and transformers, or by plain Python from the rules in README.md.
"""
import argparse
import hashlib
import json
import math
from collections import deque
from pathlib import Path

import chess
import chess.pgn
import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, LlamaConfig, LlamaForCausalLM

MASKED = -100
corpus = [
    "A prompt of a few rows stands in front of the text, and the model reads it as if it were words.",
    "The quick brown fox jumps over the lazy dog; 1234567890 times, it is said.",
    "O O X O\nO A O O\nO X O O\nB O O X\nW S S D",
    "e2e4 e7e5 g1f3 b8c6 f1b5 a7a6 b5a4 g8f6 e1g1 f8e7",
    "Größe, naïve, façade, 日本, emoji 🙂 and\ttabs\r\n",
]


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def save(path, arrays):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)


def numpy_of(tensor, dtype=np.float64):
    return tensor.detach().numpy().astype(dtype)


# ---- models -----------------------------------------------------------------------------------------------------


def tokenizer_of(vocabulary):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=["<|endoftext|>", "<|padding|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def random_weights(model, generator):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator) * 0.16
            parameter.copy_(noise + 1 if "norm" in name and name.endswith("weight") else noise)


def make_models(folder, generator):
    """Two models that are in no other set: an odd number of heads, one layer more, other widths and bases."""
    made = {}
    for name, vocabulary in (("other-neox", 300), ("other-llama", 310)):
        tokenizer = tokenizer_of(vocabulary)
        size = tokenizer.get_vocab_size()
        if name == "other-neox":
            config = GPTNeoXConfig(
                vocab_size=size + 2, hidden_size=36, num_hidden_layers=2, num_attention_heads=3,
                intermediate_size=80, max_position_embeddings=48, use_parallel_residual=False,
                rope_parameters={"rope_type": "default", "rope_theta": 5000.0, "partial_rotary_factor": 0.5},
                bos_token_id=0, eos_token_id=0,
            )  # fmt: skip
            model = GPTNeoXForCausalLM(config)
        else:
            config = LlamaConfig(
                vocab_size=size, hidden_size=40, num_hidden_layers=4, num_attention_heads=5,
                num_key_value_heads=1, intermediate_size=56, max_position_embeddings=96,
                rope_parameters={"rope_type": "default", "rope_theta": 20000.0},
                bos_token_id=0, eos_token_id=0, rms_norm_eps=1e-6,
            )  # fmt: skip
            model = LlamaForCausalLM(config)
        random_weights(model, generator)
        model.save_pretrained(folder / "models" / name)
        tokenizer.save(str(folder / "models" / name / "tokenizer.json"))
        template = "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}{{ eos_token }}\n{% endfor %}"
        write_json(
            folder / "models" / name / "tokenizer_config.json",
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "eos_token": "<|endoftext|>",
                "chat_template": template,
            },
        )
        made[name] = (model.double().eval(), tokenizer)
        for parameter in model.parameters():
            parameter.requires_grad_(False)
    return made


# ---- whole models -----------------------------------------------------------------------------------------------


def prompted(model, ids, rows, starts):
    """ids [B,T], rows [P,d] or [B,P,d], starts [B] → [B,T+P,d]"""
    embedded = model.get_input_embeddings()(ids)
    lanes = []
    for lane in range(ids.shape[0]):
        own = rows if rows.dim() == 2 else rows[lane]
        s = int(starts[lane])
        lanes.append(torch.cat([embedded[lane, :s], own, embedded[lane, s:]]))
    return torch.stack(lanes)


def labels_of(ids, starts, count, pad=0):
    """The seed's labels: masked before the prompt, on it, and from the first pad id behind it on."""
    lanes, tokens = ids.shape
    labels = torch.full((lanes, tokens + count), MASKED, dtype=torch.int64)
    for lane in range(lanes):
        for t in range(int(starts[lane]), tokens):
            if ids[lane, t] == pad:
                break
            labels[lane, t + count] = ids[lane, t]
    return labels


def losses(model, ids, rows, starts, labels):
    """mean loss, and loss of every label in its slot [B,S]"""
    logits = model(inputs_embeds=prompted(model, ids, rows, starts)).logits
    per = nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=MASKED, reduction="none"
    ).view(labels.shape[0], -1)
    per = torch.cat([torch.zeros(labels.shape[0], 1, dtype=per.dtype), per], 1)
    counted = (labels[:, 1:] != MASKED).sum()
    return per.sum() / counted, per


def random_ids(generator, lanes, tokens, size, padded):
    ids = torch.randint(2, size, (lanes, tokens), generator=generator)
    if padded:
        for lane in range(lanes):
            ids[lane, max(3, tokens - 2 * lane) :] = 0
    return ids


def make_gradients(folder, made, generator):
    for name, (model, _) in made.items():
        width, arrays, cases = model.config.hidden_size, {}, []
        for count, tokens, lanes in ((0, 9, 2), (2, 17, 4), (7, 5, 1)):
            for padded in (False, True):
                case = f"prompt{count}_{'short' if padded else 'whole'}"
                ids = random_ids(generator, lanes, tokens, 280, padded)
                starts = torch.randint(0, 3, (lanes,), generator=generator)
                if count == 0:
                    starts = torch.zeros(lanes, dtype=torch.int64)
                rows = torch.randn(count, width, generator=generator).float().double() * 0.3
                rows = rows.float().double().requires_grad_(count > 0)
                labels = labels_of(ids, starts, count)
                loss, per = losses(model, ids, rows, starts, labels)
                arrays |= {
                    f"{case}.token_ids": ids.numpy(),
                    f"{case}.start_indices": starts.numpy(),
                    f"{case}.labels": labels.numpy(),
                    f"{case}.loss": numpy_of(loss).reshape(1),
                    f"{case}.per_token_loss": numpy_of(per),
                }
                if count > 0:
                    loss.backward()
                    arrays[f"{case}.soft_prompt"] = numpy_of(rows, np.float32)
                    arrays[f"{case}.soft_prompt_grad"] = numpy_of(rows.grad)
                cases.append({"case": case, "P": count, "B": lanes, "T": tokens})
        save(folder / "gradients" / f"{name}.safetensors", arrays)
        write_json(folder / "gradients" / f"{name}.json", {"model": name, "cases": cases})


def make_generation(folder, made, generator):
    arrays, cases = {}, []
    for name, (model, tokenizer) in made.items():
        rows = (torch.randn(4, model.config.hidden_size, generator=generator) * 0.3).float()
        arrays[f"{name}.soft_prompt"] = rows.numpy()
        kinds = (("front", "The quick", 3, 0, 11), ("middle", "A prompt of", 4, 1, 7), ("bare", "O X", 0, 0, 5))
        for where, text, count, start, steps in kinds:
            ids, case = tokenizer.encode(text).ids, f"{name}.{where}"
            generated, chosen = [], []
            for _ in range(steps):
                context = torch.tensor([ids + generated])
                embedded = prompted(model, context, rows[:count].double(), [start])
                logits = model(inputs_embeds=embedded).logits[0, -1].detach()
                chosen.append(numpy_of(logits, np.float32))
                generated.append(int(logits.argmax()))
            arrays[f"{case}.logits"] = np.stack(chosen)
            cases.append({
                "case": case, "model": name, "prompt": text, "prompt_ids": ids, "soft_prompt_tokens": count,
                "soft_prompt_start_index": start, "generated_ids": generated,
                "generated_text": tokenizer.decode(generated, skip_special_tokens=False),
                "logits": f"{case}.logits",
            })  # fmt: skip
    save(folder / "generation" / "generation.safetensors", arrays)
    write_json(folder / "generation" / "generation.json", {"cases": cases})


# ---- soft prompts -----------------------------------------------------------------------------------------------


def dense(state, name, x):
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def residual(state, name, x):
    inner = dense(state, f"{name}.residual_to_hidden", x)
    hidden = dense(state, f"{name}.hidden_to_residual", nn.functional.mish(inner)) + x
    norm = f"{name}.layer_norm"
    return nn.functional.layer_norm(hidden, hidden.shape[-1:], state[f"{norm}.weight"], state[f"{norm}.bias"])


def prompt_rows(kind, meta, state, conditions):
    """→ [P,d] or [B,P,d].  The seed's generators, written from README.md."""
    count = meta["soft_prompt_token_count"]
    mish = nn.functional.mish
    if kind == "direct":
        return state["embedding"]
    lanes = conditions.shape[0]
    if kind == "linear":
        return dense(state, "linear", conditions).view(lanes, count, meta["embedding_size"])
    layers = range(meta["hidden_layer_count"])
    if kind == "mlp":
        first = mish(dense(state, "input_layer.linear", conditions)).view(lanes, count, -1)
        rows = []
        for token in range(count):
            x = first[:, token]
            for layer in layers:
                x = mish(dense(state, f"layers.{layer}.{token}.linear", x))
            rows.append(dense(state, f"to_embedding.{token}", x))
        return torch.stack(rows, 1)
    if kind == "resnet":
        first = mish(dense(state, "to_residual", conditions)).view(lanes, count, -1)
        rows = []
        for token in range(count):
            x = first[:, token]
            for layer in layers:
                x = residual(state, f"residual_layers.{layer}.{token}", x)
            rows.append(dense(state, f"to_embedding.{token}", x))
        return torch.stack(rows, 1)
    bits = state["position_encoding"]
    both = torch.cat([conditions[:, None].expand(-1, count, -1), bits.expand(lanes, -1, -1)], 2)
    x = mish(dense(state, "to_residual", both))
    for layer in layers:
        x = residual(state, f"residual_layers.{layer}", x)
    return dense(state, "to_embedding", x)


def prompt_state(kind, meta, generator):
    """Random parameters by the names of the seed's state dict, float32 values held in float64."""
    count, state = meta["soft_prompt_token_count"], {}

    def put(name, *shape, around=0.0):
        state[name] = ((torch.rand(shape, generator=generator) - 0.5) * 0.6 + around).float().double()

    def linear(name, out, into):
        put(f"{name}.weight", out, into)
        put(f"{name}.bias", out)

    def layer(name, r, w):
        linear(f"{name}.residual_to_hidden", w, r)
        linear(f"{name}.hidden_to_residual", r, w)
        put(f"{name}.layer_norm.weight", r, around=1.0)
        put(f"{name}.layer_norm.bias", r)

    width = meta.get("embedding_size") or meta.get("output_embedding_size")
    if kind == "direct":
        put("embedding", count, width)
        return state
    inputs = meta["input_size"]
    if kind == "linear":
        linear("linear", count * width, inputs)
        return state
    w, deep = meta["hidden_layer_width"], range(meta["hidden_layer_count"])
    if kind == "mlp":
        linear("input_layer.linear", count * w, inputs)
        for token in range(count):
            for i in deep:
                linear(f"layers.{i}.{token}.linear", w, w)
            linear(f"to_embedding.{token}", width, w)
        return state
    r = meta["residual_width"]
    if kind == "resnet":
        linear("to_residual", count * r, inputs)
        for token in range(count):
            for i in deep:
                layer(f"residual_layers.{i}.{token}", r, w)
            linear(f"to_embedding.{token}", width, r)
        return state
    bits = max(0, math.ceil(math.log2(count)))
    state["position_encoding"] = torch.tensor(
        [[float(i >> k & 1) for k in range(bits)] for i in range(count)], dtype=torch.float64
    ).view(count, bits)
    linear("to_residual", r, inputs)  # the seed counts the bits among the inputs
    for i in deep:
        layer(f"residual_layers.{i}", r, w)
    linear("to_embedding", width, r)
    return state


def metas(count, inputs, width):
    hidden = {"hidden_layer_count": 1, "hidden_layer_width": 10}
    shape = {"soft_prompt_token_count": count, "output_embedding_size": width}
    bits = max(0, math.ceil(math.log2(count)))
    return {
        "direct": ("DirectSoftPrompt", {"soft_prompt_token_count": count, "embedding_size": width}),
        "linear": ("LinearSoftPrompt", {"soft_prompt_token_count": count, "input_size": inputs, "embedding_size": width}),
        "mlp": ("MLPSoftPrompt", shape | {"input_size": inputs} | hidden),
        "resnet": ("ResnetSoftPrompt", shape | {"input_size": inputs, "residual_width": 6} | hidden),
        "shared_resnet": ("SharedResnetSoftPrompt", shape | {"input_size": inputs + bits, "residual_width": 6} | hidden),
    }


def trained_of(state):
    return {name: value for name, value in state.items() if name != "position_encoding"}


def make_soft_prompts(folder, generator):
    cases, lanes, width = [], 3, 18
    for kind, (kind_name, meta) in metas(5, 3, width).items():
        case = "p5_in3"
        state = prompt_state(kind, meta, generator)
        for value in trained_of(state).values():
            value.requires_grad_()
        inputs = torch.randn(lanes, 3, generator=generator).float().double().requires_grad_()
        cotangent = torch.randn(lanes, 5, width, generator=generator).float().double()
        output = prompt_rows(kind, meta, state, inputs).expand(lanes, -1, -1)
        (output * cotangent).sum().backward()
        arrays = {f"{case}.param.{n}": numpy_of(v, np.float32) for n, v in state.items()}
        arrays |= {f"{case}.grad.{n}": numpy_of(v.grad) for n, v in trained_of(state).items()}
        arrays |= {f"{case}.output": numpy_of(output), f"{case}.cotangent": numpy_of(cotangent, np.float32)}
        if kind != "direct":
            arrays |= {f"{case}.input": numpy_of(inputs, np.float32), f"{case}.input_grad": numpy_of(inputs.grad)}
        save(folder / "soft_prompts" / f"{kind}.safetensors", arrays)
        cases.append({
            "kind": kind, "type": kind_name, "case": case, "tensor_file": f"{kind}.safetensors", "P": 5,
            "input_size": 0 if kind == "direct" else 3, "batch": lanes, "seed_metadata": meta,
        })  # fmt: skip
    write_json(folder / "soft_prompts" / "soft_prompts.json", {"cases": cases})


# ---- trajectories -----------------------------------------------------------------------------------------------


def make_trajectories(folder, made, generator):
    cases, steps, accumulation, lanes, longest = [], 14, 3, 2, 11
    options = {"learning_rate": 0.004, "weight_decay": 0.02, "betas": [0.8, 0.95], "epsilon": 1e-6}
    for name, kind in (("other-neox", "mlp"), ("other-neox", "direct"), ("other-llama", "shared_resnet"), ("other-llama", "linear")):
        model, _ = made[name]
        kind_name, meta = metas(3, 2, model.config.hidden_size)[kind]
        state = prompt_state(kind, meta, generator)
        trained = list(trained_of(state).values())
        for value in trained:
            value.requires_grad_()
        arrays = {f"initial.{n}": numpy_of(v, np.float32) for n, v in state.items()}
        optimizer = torch.optim.AdamW(
            trained, lr=options["learning_rate"], betas=tuple(options["betas"]),
            eps=options["epsilon"], weight_decay=options["weight_decay"],
        )  # fmt: skip
        total = steps * accumulation
        lengths = torch.randint(6, longest + 1, (total,), generator=generator)
        ids = torch.zeros(total, lanes, longest, dtype=torch.int64)
        starts = torch.randint(0, 4, (total, lanes), generator=generator)
        conditions = torch.randn(total, lanes, 2, generator=generator).float()
        all_losses, norms = [], []
        for step in range(steps):
            optimizer.zero_grad()
            mean = 0.0
            for i in range(step * accumulation, (step + 1) * accumulation):
                own = random_ids(generator, lanes, int(lengths[i]), 280, bool(i % 2))
                ids[i, :, : own.shape[1]] = own
                rows = prompt_rows(kind, meta, state, conditions[i].double())
                labels = labels_of(own, starts[i], 3)
                loss, _ = losses(model, own, rows, starts[i], labels)
                (loss / accumulation).backward()
                mean += float(loss.detach()) / accumulation
            all_losses.append(mean)
            norms.append(math.sqrt(sum(float((p.grad**2).sum()) for p in trained)))
            optimizer.step()
            if step + 1 in (3, 8):
                arrays |= {f"after{step + 1}_64.{n}": numpy_of(v, np.float32) for n, v in state.items()}
        for n, value in state.items():
            arrays[f"final64.{n}"] = numpy_of(value)
            if n == "position_encoding":
                continue
            moments = optimizer.state[value]
            arrays[f"adam_m64.{n}"] = numpy_of(moments["exp_avg"], np.float32)
            arrays[f"adam_v64.{n}"] = numpy_of(moments["exp_avg_sq"], np.float32)
        arrays |= {
            "microbatch.ids": ids.numpy(), "microbatch.length": lengths.numpy(),
            "microbatch.start_indices": starts.numpy(),
            "loss64": np.array(all_losses), "gradient_norm64": np.array(norms),
        }  # fmt: skip
        if kind != "direct":
            arrays["microbatch.conditions"] = conditions.numpy()
        file = f"{name}_{kind}.safetensors"
        save(folder / "trajectories" / file, arrays)
        cases.append({
            "model": name, "case": kind, "tensor_file": file, "type": kind_name, "seed_metadata": meta,
            "batch_lanes_per_micro_batch": lanes, "accumulation_steps": accumulation, "optimizer_steps": steps,
            "pad_token_id": 0, **options,
        })  # fmt: skip
    write_json(folder / "trajectories" / "trajectories.json", {"cases": cases})


# ---- sampling ---------------------------------------------------------------------------------------------------


def probabilities(logits, history, options):
    x = logits.astype(np.float64).copy()
    penalty = options.get("repetition_penalty", 1)
    for i in set(int(h) for h in history if h >= 0):
        x[i] = x[i] / penalty if x[i] >= 0 else x[i] * penalty
    x /= options.get("temperature", 1)
    top = options.get("top_k", 0)
    if top:
        x[x < np.sort(x)[-top]] = -np.inf
    if options.get("top_p", 1) < 1:
        p = np.exp(x - x.max())
        p /= p.sum()
        order = np.argsort(-p, kind="stable")
        before = np.cumsum(p[order]) - p[order]
        x[order[before > options["top_p"]]] = -np.inf
    if options.get("min_p", 0) > 0:
        p = np.exp(x - x.max())
        x[p < options["min_p"]] = -np.inf
    p = np.exp(x - x.max())
    return p / p.sum()


def make_sampling(folder, rng):
    vectors, size = 9, 61
    logits = (rng.normal(size=(vectors, size)) * 3).astype(np.float32)
    history = np.full((vectors, 6), -1, dtype=np.int64)
    for i in range(vectors):
        history[i, : i % 7] = rng.integers(0, size, i % 7)
    configurations = [
        {"name": "cool", "temperature": 0.6},
        {"name": "few", "top_k": 5, "repetition_penalty": 1.4},
        {"name": "nucleus", "top_p": 0.8, "temperature": 1.3},
        {"name": "mixed", "top_k": 20, "top_p": 0.95, "min_p": 0.1, "repetition_penalty": 1.1},
    ]
    arrays = {"logits": logits, "history": history}
    for c in configurations:
        rows = [probabilities(logits[i], history[i], c) for i in range(vectors)]
        arrays[f"probabilities.{c['name']}"] = np.stack(rows).astype(np.float32)
        c["kept_counts"] = [int((row > 0).sum()) for row in rows]
    save(folder / "sampling" / "sampling.safetensors", arrays)
    write_json(
        folder / "sampling" / "sampling.json",
        {"vectors": vectors, "vocabulary": size, "configurations": configurations},
    )


# ---- texts ------------------------------------------------------------------------------------------------------


def make_tokenization(folder, made):
    strings = ["", " ", "fox", "  two  spaces", *corpus, "<|endoftext|> in the middle", "zzz\n\n\nqqq"]
    write_json(folder / "tokenization" / "strings.json", {"count": len(strings), "strings": strings})
    chats = []
    for name, (_, tokenizer) in made.items():
        cases = []
        for text in strings:
            ids = tokenizer.encode(text).ids
            cases.append({
                "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False),
                "decoded_skip_special": tokenizer.decode(ids, skip_special_tokens=True),
            })  # fmt: skip
        write_json(
            folder / "tokenization" / f"{name}.json",
            {
                "tokenizer": name, "vocabulary_size_with_added_tokens": tokenizer.get_vocab_size(),
                "decode_only": [{"ids": [0, 5, 7], "decoded": tokenizer.decode([0, 5, 7], skip_special_tokens=False)}],
                "cases": cases,
            },
        )  # fmt: skip
        text = "[user] Hello.<|endoftext|>\n[assistant] Good day!<|endoftext|>\n"
        chats.append({
            "tokenizer": name, "add_generation_prompt": False, "text": text,
            "messages": [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Good day!"}],
            "text_without_last_5_characters": text[:-5],
            "ids_of_text_without_last_5_characters": tokenizer.encode(text[:-5]).ids,
        })  # fmt: skip
    write_json(folder / "tokenization" / "chat_template.json", {"cases": chats})


def make_batches(folder, made, generator):
    """Autoregressive, skip and repetition: the rules of README.md, one case a task, tokenizer and number of rows."""
    cases = []
    for name, (_, tokenizer) in made.items():
        ids = random_ids(generator, 3, 10, 280, False)
        repeated = tokenizer.encode("Ho!").ids
        tasks = (("autoregressive", {}, 0), ("skip_tokens", {"skip_count": 3}, 3), ("trivial_repetition", {"string": "Ho!"}, 0))
        for task, parameters, skip in tasks:
            for count in (0, 2):
                starts = [0, 0, 0] if count == 0 else [0, 4, 7]
                kept = 10 - skip
                slots, labels = [], []
                for lane in range(3):
                    s, row = starts[lane], ids[lane].tolist()
                    slots.append(row[: min(s, kept)] + [-(j + 1) for j in range(count)] + row[min(s, kept) : kept])
                    wanted = [MASKED] * (kept + count)
                    for t in range(s, kept):
                        wanted[t + count] = repeated[(t - s) % len(repeated)] if task == "trivial_repetition" else row[t + skip]
                    labels.append(wanted)
                case = {
                    "task": task, "parameters": parameters, "tokenizer": name, "batch": "whole", "P": count,
                    "samples": ids.tolist(), "start_indices": starts, "slots": slots, "labels": labels,
                    "trained_token_count": 30, "loss_label_shift": 1,
                    "contributing_label_count": sum(label != MASKED for row in labels for label in row[1:]),
                }  # fmt: skip
                if task == "trivial_repetition":
                    case["repeated_token_ids"] = repeated
                cases.append(case)
    write_json(folder / "batches" / "preparers.json", {"cases": cases})
    sequences = [torch.randint(2, 280, (length,), generator=generator).tolist() for length in (5, 12, 3, 9, 4)]
    write_json(folder / "batches" / "persistent_batches.json", {"cases": [fresh_lanes(sequences, 2, 6)]})


def fresh_lanes(sequences, lanes, length):
    """Every lane takes a new sequence each time and drops what is too long."""
    batches = []
    for first in range(0, len(sequences) - lanes + 1, lanes):
        own = [s[:length] for s in sequences[first : first + lanes]]
        widest = max(map(len, own))
        batches.append([s + [0] * (widest - len(s)) for s in own])
    return {
        "batch_size": lanes, "sample_length_in_tokens": length, "discard_truncated_samples": True,
        "sequences": sequences, "batches": batches,
        "sequences_consumed_after_each_batch": [lanes * (i + 1) for i in range(len(batches))],
    }  # fmt: skip


# ---- boards -----------------------------------------------------------------------------------------------------

steps = {"N": (-1, 0), "W": (0, -1), "E": (0, 1), "S": (1, 0)}


def distances_of(board):
    rows, columns = len(board), len(board[0])
    target = next((r, c) for r in range(rows) for c in range(columns) if board[r][c] == "B")
    found, queue = {target: 0}, deque([target])
    while queue:
        r, c = queue.popleft()
        for dr, dc in steps.values():
            there = (r + dr, c + dc)
            inside = 0 <= there[0] < rows and 0 <= there[1] < columns
            if inside and there not in found and board[there[0]][there[1]] != "X":
                found[there] = found[(r, c)] + 1
                queue.append(there)
    return found


def direction(found, r, c):
    """Towards the neighbour that is nearest to the target, the first of N, W, E, S; "." from where it is out of reach."""
    if (r, c) not in found:
        return "."
    distance = {k: found.get((r + dr, c + dc), 999) for k, (dr, dc) in steps.items()}
    nearest = min("NWES", key=lambda k: distance[k])
    return nearest if distance[nearest] < 999 else "."


def make_pathfinding(folder, rng):
    boards, optimal = [], []
    for index in range(8):
        size = 6
        cells = np.array(["O"] * (size * size), dtype=object)
        places = rng.permutation(size * size)
        cells[places[0]], cells[places[1]] = "A", "B"
        cells[places[2 : 2 + rng.integers(0, 16)]] = "X"
        board = cells.reshape(size, size)
        found = distances_of(board)
        at = tuple(int(x[0]) for x in np.where(board == "A"))
        length, moves, hits, here = found.get(at), [], 0, at
        if length is None:
            moves = ["U"]
        else:
            moves.append("N") if here[0] == 0 else None
            hits = len(moves)
            while found[here] > 0:
                letter = next(k for k in "NWES" if found.get((here[0] + steps[k][0], here[1] + steps[k][1]), 99) < found[here])
                here = (here[0] + steps[letter][0], here[1] + steps[letter][1])
                moves.append(letter)
            moves.append("D")
        text = "\n".join(" ".join(row) for row in board)
        boards.append({
            "index": index, "board": text, "moves": " ".join(moves), "wall_hit_count": hits, "extra_move_count": hits,
            "solvable": length is not None, "move_count": len(moves) - 1, "optimal_length": length,
        })  # fmt: skip
        optimal.append({
            "board": text,
            "distances": [[found.get((r, c), -1) for c in range(size)] for r in range(size)],
            "optimal_moves": [
                "".join(direction(found, r, c) for c in range(size))
                for r in range(size)
            ],
        })  # fmt: skip
    target = folder / "pathfinding"
    write_json(target / "boards_six_by_six.json", {"width": 6, "height": 6, "insert_spaces": True, "cases": boards})
    write_json(target / "optimal_moves.json", {"cases": optimal})


# ---- chess ------------------------------------------------------------------------------------------------------


def random_game(rng, plies):
    board = chess.Board()
    while board.ply() < plies and any(board.legal_moves):
        moves = sorted(board.legal_moves, key=lambda move: move.uci())
        board.push(moves[rng.integers(len(moves))])
    return board


def pgn_of(board, event, elos):
    game = chess.pgn.Game.from_board(board)
    game.headers.update({"Event": event, "WhiteElo": str(elos[0]), "BlackElo": str(elos[1])})
    return f"{game}\n\n"


def make_chess(folder, made, rng):
    source, pgn, cases, blitz = "other_games.pgn", "", [], []
    for index in range(24):
        board = random_game(rng, int(rng.integers(1, 90)))
        event = "Rated Blitz game" if index % 3 else "Rated Bullet game"
        elos = [int(x) for x in rng.integers(600, 2900, 2)]
        pgn += pgn_of(board, event, elos)
        uci = " ".join(move.uci() for move in board.move_stack)
        normalized = [(elo - 1000) / 2000 for elo in elos]
        processed = {"uci": uci, "elos": elos, "normalized_elos": normalized}
        if index % 3:
            blitz.append(processed)
        cases.append({
            "index": index, "elos": elos, "processed": processed if index % 3 else None, "mainline_uci": uci,
            "fen": board.fen(), "checkmate": board.is_checkmate(), "stalemate": board.is_stalemate(),
            "in_check": board.is_check(), "legal_move_count": board.legal_moves.count(),
        })  # fmt: skip
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / source).write_text(pgn)
    write_json(folder / "chess" / "games.json", {"source": source, "cases": cases})
    pairs = [{"elos": [a, b], "normalized": [(a - 1000) / 2000, (b - 1000) / 2000]} for a, b in ((0, 3200), (999, 1001))]
    write_json(folder / "chess" / "elo_normalization.json", {"pairs": pairs})
    batches, lanes, longest = [], 5, 40
    for name, (_, tokenizer) in made.items():
        for batch in range(2):
            own = blitz[batch * lanes : (batch + 1) * lanes]
            ids = [tokenizer.encode(game["uci"]).ids[:longest] for game in own]
            widest = max(map(len, ids))
            batches.append({
                "tokenizer": name, "batch_index": batch, "batch_size": lanes,
                "maximum_sample_length_in_tokens": longest,
                "conditions": [game["normalized_elos"] for game in own],
                "token_ids": [row + [0] * (widest - len(row)) for row in ids],
            })  # fmt: skip
    write_json(folder / "batches" / "chess_batches.json", {"source": source, "cases": batches})


# ---- snapshots --------------------------------------------------------------------------------------------------


def make_snapshots(folder, generator):
    target = folder / "snapshots"
    (target / "malformed").mkdir(parents=True, exist_ok=True)
    snapshots = []
    for kind, (kind_name, meta) in metas(6, 2, 20).items():
        state = {name: value.float() for name, value in prompt_state(kind, meta, generator).items()}
        training = {
            "training_step_index": 77, "accumulation_step_count": 1, "batch_lanes_per_step": 3,
            "maximum_sample_length_in_tokens": 50, "learning_rate": 0.5, "weight_decay": 0.0,
        }  # fmt: skip
        metadata = {
            "model_name": "other-neox", "soft_prompt_type": kind_name, "soft_prompt_metadata": meta,
            "training_metadata": training, "dataset_name": "elsewhere",
        }  # fmt: skip
        file = f"six_{kind}.pt"
        torch.save((state, metadata), target / file)
        entries = []
        for name, value in state.items():
            array = value.numpy()
            entries.append({"name": name, "shape": list(array.shape), "sha256": hashlib.sha256(array.tobytes()).hexdigest()})
        snapshots.append({"file": file, "metadata": metadata, "state": entries})
    (target / "malformed" / "half.pt").write_bytes((target / "six_mlp.pt").read_bytes()[:700])
    malformed = [{"file": "half.pt", "why": "cut in the middle"}]
    write_json(target / "expected.json", {"snapshots": snapshots, "malformed": malformed})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    generator = torch.Generator().manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    made = make_models(options.folder, generator)
    make_gradients(options.folder, made, generator)
    make_generation(options.folder, made, generator)
    make_soft_prompts(options.folder, generator)
    make_trajectories(options.folder, made, generator)
    make_sampling(options.folder, rng)
    make_tokenization(options.folder, made)
    make_batches(options.folder, made, generator)
    make_pathfinding(options.folder, rng)
    make_chess(options.folder, made, rng)
    make_snapshots(options.folder, generator)


main()
