"""``python -m bench.check``: ``careledger check`` of one case with its start-up, as a ratio to a Python that does nothing."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

CASE = Path(__file__).parent.parent / "examples" / "first_case.yaml"
LIMIT_S = 0.5


def seconds(command: list[str], times: int) -> tuple[list[float], float]:
    """What each of some runs takes, start-up included, the fastest first; and the processor seconds of one."""
    taken = []
    as_installed = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=as_installed)  # leaves compiled modules behind
    before = os.times()
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=as_installed)
        taken.append(time.perf_counter() - start)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return sorted(taken), spent / times


def main() -> None:
    """Measure and print; exit status 1 when the fastest run takes longer than it may."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=11)
    told = options.parse_args()
    empty, empty_cpu = seconds([sys.executable, "-c", "pass"], told.times)
    found, cpu = seconds([str(Path(sys.executable).with_name("careledger")), "check", str(CASE)], told.times)
    middle, floor = statistics.median(found), statistics.median(empty)
    print(
        f"check of one case: {middle * 1000:.0f} ms at the median, {found[0] * 1000:.0f} ms the fastest, "
        f"{middle / floor:.1f} times an empty Python ({floor * 1000:.0f} ms); it may take {LIMIT_S * 1000:.0f} ms; "
        f"processor {cpu * 1000:.0f} ms, {cpu / empty_cpu:.1f} times"
    )
    sys.exit(int(found[0] > LIMIT_S))


if __name__ == "__main__":
    main()
