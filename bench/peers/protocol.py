"""A job in a process of its own: the first line of stdin describes it, every `go` is one measurement, `end` the last."""

import json
import sys


def peak_bytes():
    """Most memory that this process ever held."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def say(answer):
    print(json.dumps(answer), flush=True)


def serve(open_job):
    """open_job: job -> (what is known at once, a function that measures)."""
    opened, measure = open_job(json.loads(sys.stdin.readline()))
    say(opened)
    for line in sys.stdin:
        if line.strip() != "go":
            say({"peakBytes": peak_bytes()})
            return
        say(measure())
    # who asked has ended
