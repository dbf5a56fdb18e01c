# The clients of other tools against a running server: python clients.py URL MODEL TOKENIZER. Prints one JSON object.
import json
import os
import sys
import tempfile
from pathlib import Path

url, model, tokenizer = sys.argv[1:4]
os.environ.update(
    LOCAL_BASE_URL=url, LOCAL_API_KEY="none", OPENAI_API_KEY="none", HF_HUB_OFFLINE="1", TQDM_DISABLE="1"
)

choices = [
    {"ctx": "The capital of France is", "choices": ["Paris", "Rome"]},
    {"ctx": "1. e4 e5 2. Nf3", "choices": ["Nc6 3. Bb5 a6", "d6", "Qh4 4. Nxe5"]},
    {"ctx": "Water is", "choices": ["wet", "dry", "blue on a clear day"]},
]


def with_openai():
    from openai import OpenAI

    client = OpenAI(base_url=url, api_key="none", max_retries=0)
    whole = client.completions.create(model=model, prompt="Once", max_tokens=6, temperature=0)
    stream = client.completions.create(model=model, prompt="Once", max_tokens=6, temperature=0, stream=True)
    messages = [{"role": "user", "content": "Say hello."}]
    chat = client.chat.completions.create(model=model, messages=messages, max_tokens=6, temperature=0)
    return {
        "models": [m.id for m in client.models.list()],
        "text": whole.choices[0].text,
        "streamed": "".join(event.choices[0].text for event in stream),
        "chat": chat.choices[0].message.content,
    }


def with_inspect(folder):
    from inspect_ai import Task, eval as evaluate
    from inspect_ai.dataset import Sample
    from inspect_ai.scorer import includes

    samples = [Sample(input="Say hello.", target="e"), Sample(input="What is 1 + 1?", target="e")]
    task = Task(dataset=samples, scorer=includes())
    [log] = evaluate(
        task,
        model=f"openai-api/local/{model}",
        log_dir=str(folder),
        display="none",
        max_tokens=12,
        temperature=0,
    )
    return {"status": log.status, "completions": [s.output.completion for s in log.samples or []]}


def with_lm_eval(folder):
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    data = folder / "choices.jsonl"
    data.write_text("\n".join(json.dumps(line) for line in choices))
    (folder / "choices.yaml").write_text(
        f"""task: choices
dataset_path: json
dataset_kwargs:
  data_files: {data}
test_split: train
output_type: multiple_choice
doc_to_text: "{{{{ctx}}}}"
doc_to_target: 0
doc_to_choice: "{{{{choices}}}}"
metric_list:
  - metric: acc
"""
    )
    found = simple_evaluate(
        model="local-completions",
        model_args=f"model={model},base_url={url}/completions,tokenizer={tokenizer},num_concurrent=2",
        tasks=["choices"],
        task_manager=TaskManager(include_path=str(folder)),
        bootstrap_iters=0,
    )
    return [
        {"context": arguments[0], "continuation": arguments[1], "logProb": response[0]}
        for sample in found["samples"]["choices"]
        for arguments, [response] in zip(sample["arguments"], sample["resps"])
    ]


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    answers = {
        "openai": with_openai(),
        "inspect": with_inspect(folder / "logs"),
        "lmEval": with_lm_eval(folder),
    }
print("\n" + json.dumps(answers))
