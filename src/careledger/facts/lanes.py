"""Runs the steps of the SQL program side by side: each as soon as what it reads is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from careledger.facts.dialect import Database
from careledger.facts.program import Step


def run_in_lanes(
    lanes: Sequence[Database],
    work: Sequence[Step],
    reads: Mapping[str, Set[str]],
    run: Callable[[Database, Step], None],
) -> None:
    """Run every step once, in the order given as far as lanes are free and what it reads is there.

    Args:
        lanes: the same database once for each step that may run at a time.
        reads: for each step the names of steps that it reads; those not among ``work`` are there already.
        run: runs a step on a lane; what it raises ends all, when the steps that run beside it have ended.
    """
    places = {step.name: place for place, step in enumerate(work)}
    order = TopologicalSorter({name: reads[name] & places.keys() for name in places})
    order.prepare()
    free, ready = list(lanes), list[int]()
    running: dict[Future[None], tuple[str, Database]] = {}
    with ThreadPoolExecutor(len(lanes)) as workers:
        while order.is_active():
            ready = sorted([*ready, *(places[name] for name in order.get_ready())], reverse=True)
            while free and ready:
                step, lane = work[ready.pop()], free.pop()
                running[workers.submit(run, lane, step)] = (step.name, lane)
            for ended in wait(running, return_when=FIRST_COMPLETED).done:
                name, lane = running.pop(ended)
                ended.result()
                order.done(name)
                free.append(lane)
