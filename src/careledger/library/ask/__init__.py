"""Questions in plain words, answered from the rules: ``ask(text, role=..., on=..., choices=...) -> AskAnswer``."""

from careledger.library.ask.answer import AskAnswer, ask

__all__ = ["AskAnswer", "ask"]
