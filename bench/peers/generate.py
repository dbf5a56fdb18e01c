"""Generating with transformers.generate after a soft prompt. Run by `npm run bench -- --peers`."""

from time import perf_counter, process_time

import torch
from protocol import serve
from transformers import AutoModelForCausalLM
from transformers.generation.streamers import BaseStreamer


class FirstToken(BaseStreamer):
    """When the first token came: transformers puts the ids of the prompt before, here none."""

    def __init__(self):
        self.at = None

    def put(self, value):
        if value.numel() > 0:
            self.at = self.at or perf_counter()

    def end(self):
        pass


@torch.inference_mode()
def open_job(job):
    work = job["work"]
    torch.manual_seed(1)
    if job["threads"] > 0:
        torch.set_num_threads(job["threads"])
    began = perf_counter()
    model = AutoModelForCausalLM.from_pretrained(job["folder"], dtype=torch.float32)
    model.eval()
    opening = 1000 * (perf_counter() - began)
    lanes, prompt, tokens = work["lanes"], work["prompt"], work["tokens"]
    embed = model.get_input_embeddings()
    rows = 0.1 * torch.randn(1, prompt, model.config.hidden_size)

    @torch.inference_mode()
    def measure():
        ids = torch.randint(0, model.config.vocab_size, (lanes, work["slots"] - prompt))
        hidden = torch.cat((rows.expand(lanes, -1, -1), embed(ids)), 1)
        streamer = FirstToken() if lanes == 1 else None
        began, cpu = perf_counter(), process_time()
        model.generate(
            inputs_embeds=hidden,
            attention_mask=torch.ones(hidden.shape[:2], dtype=torch.long),
            max_new_tokens=tokens,
            min_new_tokens=tokens,
            do_sample=True,
            top_p=0.7,
            top_k=0,
            streamer=streamer,
            pad_token_id=0,
        )
        seconds = perf_counter() - began
        cpu_ms = 1000 * (process_time() - cpu)
        first = {} if streamer is None else {"firstTokenMs": 1000 * (streamer.at - began)}
        return {"ms": 1000 * seconds, "cpuMs": cpu_ms, "perSecond": lanes * tokens / seconds, **first}

    measure()
    return {"openingMs": opening}, measure


serve(open_job)
