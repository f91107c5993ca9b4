"""The director's log: administrative time under a contract. Its own store, its own type; it can never reach a claim."""
