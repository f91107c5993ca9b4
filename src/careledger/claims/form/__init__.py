"""The CMS-1500 (02/12) paper form: claim data placed for pre-printed red stock, and a proof sheet for people."""
