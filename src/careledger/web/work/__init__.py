"""Background work: long jobs (imports, closes, claims) with progress that survive a restart.

A job names its kind and carries plain arguments. Kinds are functions that an app registers in its ``jobs.py``:

    @kind("claims.make", "Make claims")
    def make(arguments: dict[str, Any], by: Membership, tell: Tell) -> dict[str, Any]:
        tell("reading", 0, 3)
        ...
        return {"says": "114 claims", "next": "/claims/"}

``start(acting_user=..., kind=..., arguments=...)`` files it; a thread of the server (or ``run_jobs``) does it, inside the
organisation's scope. A job whose server died is begun anew, so a kind must be safe to repeat: what it writes, it writes whole
or finds written. The same job filed twice while it waits is one job.
"""
