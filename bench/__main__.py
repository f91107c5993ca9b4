"""``python -m bench``: every bench at its full size, one after the other, each in a process of its own. See docs/benchmarks.md.

``--small`` measures small sizes in a few minutes, ``--spark`` closes on Spark too.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime

FULL: dict[str, tuple[str, ...]] = {
    "bench.close": ("--flat", "50000"),
    "bench.check": (),
    "bench.claims": (),
    "bench.oversight": ("--lines", "1000000", "--study-lines", "10000000"),
    "bench.ask": (),
    "bench.web": (),
    "bench.cockpit": (),
}
SMALL: dict[str, tuple[str, ...]] = {
    "bench.close": ("--patients", "20000", "--entries", "200000", "--flat", "2000"),
    "bench.check": ("--times", "3"),
    "bench.claims": ("--claims", "1000"),
    "bench.oversight": ("--lines", "50000", "--study-lines", "100000"),
    "bench.ask": (),
    "bench.web": ("--patients", "500", "--entries", "20000", "--rounds", "3"),
    "bench.cockpit": ("--patients", "500", "--entries", "6000"),
}


def main() -> None:
    """Run them all; the last status that is not 0 is given back."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--small", action="store_true", help="small sizes, in a few minutes")
    options.add_argument("--spark", action="store_true", help="close on Spark too, and compare every file")
    told = options.parse_args()
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}"
    )
    status = 0
    for name, sizes in (SMALL if told.small else FULL).items():
        further = ("--spark",) if told.spark and name == "bench.close" else ()
        print(f"\n== {name} {' '.join((*sizes, *further))}  (load {os.getloadavg()[0]:.1f})", flush=True)
        status = subprocess.run([sys.executable, "-m", name, *sizes, *further], check=False).returncode or status
    sys.exit(status)


if __name__ == "__main__":
    main()
