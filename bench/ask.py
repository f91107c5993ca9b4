"""``python -m bench.ask``: every question of the tests, answered and timed; as a ratio to one engine check too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from careledger.engine.check import answer_case
from careledger.facts.case import read_cases
from careledger.library.ask import ask
from careledger.policy import load_policy
from careledger.policy.strict_yaml import load_path

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 11, 23)
CHECKS = 20


def main() -> None:
    """Measure; prints two lines."""
    questions = [
        row["q"]
        for path in sorted((ROOT / "tests/library/ask/questions").glob("*.yaml"))
        for row in load_path(path).data
    ]
    first = _ms(lambda: ask(questions[0], on=TODAY))
    case = read_cases(ROOT / "examples" / "first_case.yaml")[0]
    policy = load_policy()
    answer_case(case, policy)
    check = statistics.median(_ms(lambda: answer_case(case, policy)) for _ in range(CHECKS))
    times = sorted(_ms(lambda text=text: ask(text, on=TODAY)) for text in questions)  # type: ignore[misc]
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(
        f"ask: {len(times)} questions, p50 {p50:.1f} ms, p95 {p95:.1f} ms, worst {times[-1]:.1f} ms; the first {first:.0f} ms"
    )
    print(f"ask: one engine check {check:.1f} ms; p95 is {p95 / check:.1f} checks, worst {times[-1] / check:.1f}")


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
