"""Fill an article's words from policy, so that no article can state another number than the rules use."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from careledger.core.errors import Place, PolicyError
from careledger.library.article import Citation
from careledger.policy.model import PolicyValue, Value
from careledger.policy.store import Policy
from careledger.policy.strict_yaml import load_path
from careledger.policy.view import PolicyView

PLACEHOLDER = re.compile(r"\{\{\s*value:\s*([^{}]+?)\s*\}\}")
_WORDS = Path(__file__).parent / "data" / "words.yaml"


@lru_cache(maxsize=1)
def words() -> dict[str, str]:
    """Everyday words for the short words of policy."""
    data = load_path(_WORDS).data
    return {str(key): str(value) for key, value in data["words"].items()}


def value_of(view: PolicyView, id_: str) -> PolicyValue | None:
    """The value a citation means on the view's day, in its layer where it names one."""
    cited = Citation(id_)
    if cited.layer == "base":
        return view.peek(cited.name)
    policy = view.policy
    if cited.layer in policy.payers:
        return policy.on(view.day, cited.layer).peek(cited.name)
    return policy.on(view.day, overlays=(cited.layer,)).peek(cited.name) if cited.layer in policy.overlays else None


def filled(text: str, view: PolicyView) -> str:
    """Text with every ``{{value:id}}`` (also a sum, ``a + b``) replaced; PolicyError when one has no value."""
    return PLACEHOLDER.sub(lambda match: _shown(match[1], view), text)


def named_values(text: str) -> tuple[str, ...]:
    """Ids that the placeholders of a text read."""
    return tuple(part.strip() for match in PLACEHOLDER.finditer(text) for part in match[1].split("+"))


def in_words(value: Value | None) -> str:
    """A value as a reader would say it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        said = [in_words(item) for item in value]
        return "none" if not said else said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return words().get(str(value), str(value).replace("_", " "))


def known_layers(policy: Policy) -> frozenset[str]:
    """Names that may stand before the slash of a citation."""
    return frozenset(policy.payers) | frozenset(policy.overlays)


def _shown(expression: str, view: PolicyView) -> str:
    found = [_needed(part.strip(), view) for part in expression.split("+")]
    if len(found) == 1:
        return in_words(found[0].value)
    numbers = [value.value for value in found]
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
        raise PolicyError(Place("library", field=expression), "only whole numbers can be added", "name one value")
    return str(sum(number for number in numbers if isinstance(number, int)))


def _needed(id_: str, view: PolicyView) -> PolicyValue:
    value = value_of(view, id_)
    if value is None or value.absent:
        raise PolicyError(Place("library", field=id_), f"no value is in force on {view.day}", "cite one that is")
    return value
