"""``python -m bench``: every bench, one after the other, each in a process of its own. See docs/benchmarks.md."""

from __future__ import annotations

import subprocess
import sys

BENCHES = ("bench.close", "bench.claims", "bench.oversight", "bench.ask", "bench.web", "bench.cockpit")


def main() -> None:
    """Run them all; the last status that is not 0 is given back."""
    status = 0
    for name in BENCHES:
        print(f"\n== {name}", flush=True)
        status = subprocess.run([sys.executable, "-m", name], check=False).returncode or status
    sys.exit(status)


if __name__ == "__main__":
    main()
