"""From an attested month to money: review, attestation, claims, acknowledgements, remittances, denials, measures.

The claims store is a file of its own in the data folder, one an organisation: the same store as the command line's, with one
writer and its own transactions. ``book`` opens it; docs/decisions say why it is not in the clinic's database.
"""
