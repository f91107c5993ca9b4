"""The order and shape of segments in each transaction, as small tables, and what walks a file along them."""
