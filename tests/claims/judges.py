"""Outside judges of X12 files, called in the same process."""

from __future__ import annotations

import io
import json
import logging

import pyx12.params
import pyx12.x12n_document

logging.getLogger("pyx12").setLevel(logging.CRITICAL)


def pyx12_errors(text: str) -> list[str]:
    """What pyx12 finds wrong with a file, one line each; empty when it accepts it."""
    found = io.StringIO()
    param = pyx12.params.ParamsBase()
    param.set("exclude_external_codes", "remark_code,claim_status")
    try:
        accepted = pyx12.x12n_document.x12n_document(param, io.StringIO(text), None, None, fd_json=found)
    except Exception as error:  # the judge itself gives up on some files: that is a no
        return [f"{type(error).__name__}: {error}"]
    if accepted:
        return []
    try:
        report = json.loads(found.getvalue() or "{}")
    except ValueError:
        report = {}
    return [json.dumps(report)[:4000]]
