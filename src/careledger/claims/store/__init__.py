"""The claims store: what was built, what was sent, what came back, and the money, in one database.

with Store.open(path) as store:
    put_claims(store, [(claim, ())], at)
    export(store, folder, submitter, route, at)
"""

from careledger.claims.store.batches import Batch, export, write_copies, write_copy
from careledger.claims.store.claims import PutResult, load_claim, put_claims
from careledger.claims.store.database import Store

__all__ = ["Batch", "PutResult", "Store", "export", "load_claim", "put_claims", "write_copies", "write_copy"]
