"""Documents people read: the audit binder of a patient's month.

with source(folder, policy, decisions=out) as opened:                       # a folder of tables, a close's answers
    for data in opened.binder_data("p-0001", month, prepared_on=day):       # one BinderData a practitioner
        pdf = build_binder(data)
write_binders(folder, binders, month, policy, prepared_on=day, decisions=out)   # everyone the close bills for
"""

from careledger.documents.binder import build_binder, write_binder, write_binders
from careledger.documents.data import Attestation, BinderData, ClosedLine, Share
from careledger.documents.gather import source

__all__ = [
    "Attestation",
    "BinderData",
    "ClosedLine",
    "Share",
    "build_binder",
    "source",
    "write_binder",
    "write_binders",
]
