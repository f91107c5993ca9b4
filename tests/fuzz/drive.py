"""Drives the targets with atheris, one process each, and writes down how often each one ran."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

OUT = Path("build/fuzz")
RSS_MB = 1024
"""A target that holds more memory than this is a finding."""


def main() -> None:
    """``drive SECONDS [TARGET ...]`` runs them all; ``drive --one TARGET ...`` is one target's own process."""
    if sys.argv[1] == "--one":
        _fuzz(sys.argv[2], sys.argv[3:])
        return
    from tests.fuzz.targets import TARGETS

    failed = [name for name in sys.argv[2:] or list(TARGETS) if not _driven(name, int(sys.argv[1]))]
    if failed:
        sys.exit(f"found something in {', '.join(failed)}: see {OUT}/found")


def _driven(name: str, seconds: int) -> bool:
    from tests.fuzz.targets import seeds

    corpus, found = OUT / "corpus" / name, OUT / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    for place, seed in enumerate(seeds(name)):
        (corpus / f"seed{place:02}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-rss_limit_mb={RSS_MB}", "-timeout=10", "-max_len=16384"]
    command = [sys.executable, "-m", "tests.fuzz.drive", "--one", name, str(corpus), *options]
    command += ["-print_final_stats=1", f"-artifact_prefix={found}/{name}-"]
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    (OUT / f"{name}.log").write_text(ran.stdout + ran.stderr)
    _recorded(name, ran.stderr, ran.returncode)
    return ran.returncode == 0


def _recorded(name: str, log: str, code: int) -> None:
    """One line a run in ``runs.ndjson``: the figures that docs/fuzzing.md adds up."""
    stats = {key: int(value) for key, value in re.findall(r"stat::(\w+):\s+(\d+)", log)}
    executions = stats.get("number_of_executed_units") or max(map(int, re.findall(r"^#(\d+)", log, re.M)), default=0)
    edges = max(map(int, re.findall(r"cov: (\d+)", log)), default=0)
    row = {"target": name, "executions": executions, "edges": edges, "exit": code, "peak_mb": stats.get("peak_rss_mb")}
    with (OUT / "runs.ndjson").open("a") as lines:
        lines.write(json.dumps(row) + "\n")
    print(row, flush=True)


def _fuzz(name: str, options: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["careledger"]):
        from tests.fuzz import targets
    atheris.Setup([name, *options], targets.guarded(targets.TARGETS[name]))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
