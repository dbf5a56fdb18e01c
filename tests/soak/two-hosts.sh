#!/bin/sh
# Two machines that share a home, imitated by two PID and UTS namespaces; both run the same sweep, and one after the other is
# killed in the middle and started again. Wanted: both end with exit code 0, one folder a cell, and no step that was logged
# twice or left out. By hand, as root, after a build: tests/soak/two-hosts.sh [tries] [at once]
# A machine's runs are free two minutes after its death, so a try takes about five minutes; many run beside each other.
cd "$(dirname "$0")/../.." || exit 2
tries=${1:-50} together=${2:-10} steps=200
all=$(mktemp -d)

machine() { # NAME HOME: a process in namespaces of its own; "exec" so that killing it kills the namespace
  exec unshare --pid --uts --fork --mount-proc --kill-child sh -c "hostname $1; exec env SPW_HOME='$2' node out/main/cli.js sweep \
    --experiment autoregressive --model tests/reference/models/tiny-neox --data demo --tokens 0 1 2 --seed 1 2 --steps $steps --lanes 2 --accumulation 1 \
    --length 32 --checkpoint-every 10 --final-test-batches 1 --test-every 0 --results 0 --metric-samples 0"
}

try() { # NUMBER: prints one line, and fails where a run was trained twice
  home=$all/$1
  mkdir -p "$home"
  # many tries share one machine
  echo '{"threads": 1}' > "$home/settings.json"
  machine one "$home" > "$home.one" 2>&1 & one=$!
  machine two "$home" > "$home.two" 2>&1 & two=$!
  for victim in one two one; do
    # a moment that differs from try to try: 1 to 8 s
    sleep "$(awk -v s="$1$victim" 'BEGIN { for (i = 1; i <= length(s); i++) h = (h * 31 + index("0123456789enotw", substr(s, i, 1))) % 997; print 1 + 7 * h / 997 }')"
    eval "pid=\$$victim"
    kill -9 "$pid" 2> /dev/null
    wait "$pid" 2> /dev/null
    machine "$victim" "$home" > "$home.$victim" 2>&1 & eval "$victim=$!"
  done
  wait "$one"; a=$?
  wait "$two"; b=$?
  node -e '
    const { readdirSync, readFileSync } = require("node:fs")
    const [, home, wanted, a, b] = process.argv
    const ids = readdirSync(`${home}/runs`).filter(id => !id.startsWith("."))
    let wrong = 0
    let trained = 0
    for (const id of ids) {
      const folder = `${home}/runs/${id}`
      const { state } = JSON.parse(readFileSync(`${folder}/state.json`, "utf8"))
      const { training } = JSON.parse(readFileSync(`${folder}/spec.json`, "utf8"))
      let lines = []
      try { lines = readFileSync(`${folder}/metrics.jsonl`, "utf8").trim().split("\n").map(JSON.parse) } catch {}
      const logged = lines.filter(l => l.values?.Loss !== undefined || l.Loss !== undefined).map(l => l.step)
      const isWhole = logged.length === training.steps && logged.every((step, i) => step === logged[0] + i)
      if (training.steps > 0) trained += 1
      if (state.kind !== "done" || !isWhole) wrong += 1
    }
    const right = a === "0" && b === "0" && ids.length === Number(wanted) && wrong === 0
    console.log(`${right ? "right" : "WRONG"}: exit ${a} ${b}, ${ids.length} folders of ${wanted}, ${trained} trained, ${wrong} not once (${home})`)
    process.exit(right ? 0 : 1)' "$home" 6 "$a" "$b"
}

i=0
while [ $i -lt "$tries" ]; do
  pids=
  for _ in $(seq "$together"); do
    [ $i -lt "$tries" ] || break
    i=$((i + 1))
    try $i > "$all/$i.said" 2>&1 & pids="$pids $!"
  done
  for pid in $pids; do wait "$pid"; done
  cat "$all"/*.said | grep -c '^right' | sed "s/\$/ of $i tries right/"
done
right=$(cat "$all"/*.said | grep -c '^right')
grep -hv '^right' "$all"/*.said
echo "$right of $tries tries: each cell trained once ($all)"
[ "$right" -eq "$tries" ] && rm -rf "$all"
