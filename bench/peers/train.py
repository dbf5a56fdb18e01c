"""Optimizer steps of a soft prompt as others take them. Run by `npm run bench -- --peers`.

peft:     PEFT's prompt tuning around a transformers model, in float32 and in bfloat16
frozen:   PyTorch, weights that ask for no gradient, prompt rows put before the embedded text
compile:  the same through torch.compile
original: the same, but the weights ask for gradients that nobody uses, as soft_prompting does
"""

from time import perf_counter, process_time

import torch
from protocol import serve
from transformers import AutoModelForCausalLM


def load(folder, dtype):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
    model.train()
    return model


def peft_step(model, work):
    from peft import PromptTuningConfig, TaskType, get_peft_model

    config = PromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=work["prompt"])
    tuned = get_peft_model(model, config)
    trained = [p for p in tuned.parameters() if p.requires_grad]

    def loss_of(ids):
        return tuned(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids).loss

    return trained, loss_of


def plain_step(model, work, frozen, compiled):
    for parameter in model.parameters():
        parameter.requires_grad = not frozen
    prompt = torch.nn.Parameter(0.1 * torch.randn(work["prompt"], model.config.hidden_size))
    embed = model.get_input_embeddings()
    count = work["prompt"]

    def loss_of(ids):
        rows = prompt.unsqueeze(0).expand(ids.shape[0], -1, -1)
        with torch.no_grad():
            text = embed(ids)
        hidden = torch.cat((rows, text), 1)
        logits = model(inputs_embeds=hidden, use_cache=False).logits[:, count - 1 : -1]
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids.flatten())

    return [prompt], torch.compile(loss_of) if compiled else loss_of


def open_job(job):
    work, side = job["work"], job["side"]
    torch.manual_seed(1)
    if job["threads"] > 0:
        torch.set_num_threads(job["threads"])
    began = perf_counter()
    model = load(job["folder"], torch.bfloat16 if side.endswith("bfloat16") else torch.float32)
    opening = 1000 * (perf_counter() - began)
    if side.startswith("peft"):
        trained, loss_of = peft_step(model, work)
    else:
        trained, loss_of = plain_step(model, work, side != "original", side == "compile")
    optimizer = torch.optim.AdamW(trained, lr=1e-3)
    size = (work["lanes"], work["slots"] - work["prompt"])
    ids = torch.randint(0, model.config.vocab_size, size)

    def measure():
        began, cpu = perf_counter(), process_time()
        optimizer.zero_grad()
        if side == "original":
            model.zero_grad()
        loss = loss_of(ids)
        loss.backward()
        optimizer.step()
        loss.item()
        return {"ms": 1000 * (perf_counter() - began), "cpuMs": 1000 * (process_time() - cpu)}

    first = measure()["ms"]
    return {"openingMs": opening, "firstMs": opening + first}, measure


serve(open_job)
