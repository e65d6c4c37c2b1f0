"""Plain boto3 calling Lambda from threads, in a process of its own: the baseline of what AWS calls cost without MCP.

`python -m bench.bare_boto3` reads one JSON order per line and answers each with one JSON line of what it took.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.config import Config

from bench.answers import answer_to, payload_for

POOL = 64


def call(client: Any, function: str, number: int) -> None:
    """Invoke once and check the answer."""
    answer = client.invoke(FunctionName=function, Payload=json.dumps(payload_for(number)))
    body = answer["Payload"].read()
    if "FunctionError" in answer or answer_to(number).encode() not in body:
        raise RuntimeError(f"wrong answer to {number}: {body[:200]!r}")


def run(client: Any, function: str, numbers: Sequence[int], threads: int) -> dict[str, float]:
    """Call once per number from so many threads, and return wall and CPU seconds and the median call's."""
    latencies: list[float] = []
    starting = threading.Barrier(threads + 1)

    def work(own: Sequence[int]) -> None:
        starting.wait()
        for number in own:
            began = time.perf_counter()
            call(client, function, number)
            latencies.append(time.perf_counter() - began)

    workers = [threading.Thread(target=work, args=(numbers[i::threads],)) for i in range(threads)]
    for worker in workers:
        worker.start()
    starting.wait()
    cpu, wall = time.process_time(), time.perf_counter()
    for worker in workers:
        worker.join()
    took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    if len(latencies) != len(numbers):
        raise RuntimeError(f"{len(numbers) - len(latencies)} calls failed")
    return took | {"p50_s": sorted(latencies)[len(latencies) // 2]}


def main() -> None:
    """Carry out orders until standard input ends."""
    config = Config(max_pool_connections=POOL)
    untyped: Any = boto3  # its stubs know only the services whose own stubs are installed
    client = untyped.client("lambda", config=config)
    for line in sys.stdin:
        order = json.loads(line)
        numbers = range(order["first"], order["first"] + order["calls"])
        print(json.dumps(run(client, order["function"], numbers, order["threads"])), flush=True)


if __name__ == "__main__":
    main()
