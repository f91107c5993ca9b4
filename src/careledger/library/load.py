"""The library in memory: our articles, family notes that they share, and a clinic's own beside or over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from careledger.core.errors import CareLedgerError, InputError, Place
from careledger.library.article import SECTIONS, Article, Claim, read_article, read_body
from careledger.policy.strict_yaml import decoded

HERE = Path(__file__).parent
ARTICLES = HERE / "articles"
FAMILIES = HERE / "families"
SHARED = ("document", "who", "supervision", "disagree")
"""Sections that a family's notes supply where an article has none of its own."""


@dataclass(frozen=True)
class Library:
    """Articles by id; ``notes`` holds the local notes laid over an article."""

    articles: dict[str, Article]
    notes: dict[str, tuple[Article, ...]]

    def article(self, id_: str) -> Article:
        """An article by id; a clear refusal with the nearest ids when there is none."""
        if id_ not in self.articles:
            from difflib import get_close_matches

            near = get_close_matches(id_, self.articles, n=3, cutoff=0.4)
            raise LibraryError(
                Place("library", field=id_[:60]), "no article has this id",
                f"did you mean {' or '.join(near)}" if near else "see 'careledger library list'",
            )  # fmt: skip
        return self.articles[id_]


class LibraryError(InputError):
    """Something asked of the library cannot be done."""


def load_library(local: Path | None = None) -> Library:
    """The package's library, with the clinic's own articles and notes from a folder where one is named."""
    return _package() if local is None else _with_local(_package(), local)


def read_folder(folder: Path, *, local: bool = False) -> list[Article]:
    """Articles of a folder, by name of file, as written."""
    found = []
    for path in sorted(folder.glob("*.md")):
        try:
            found.append(read_article(decoded(path.read_bytes(), path.name), path.name, local=local))
        except OSError as error:
            raise LibraryError(Place(path.name), f"cannot be read ({error.strerror})", "name a readable file") from None
    return found


@lru_cache(maxsize=1)
def _package() -> Library:
    families = family_notes(FAMILIES)
    return Library(_by_id(complete(article, families) for article in read_folder(ARTICLES)), {})


def family_notes(folder: Path) -> dict[str, dict[str, tuple[Claim, ...]]]:
    """What every article of a family says alike, by family and section."""
    return {path.stem: read_body(path.read_text(encoding="utf-8"), path.name, 0)[1] for path in folder.glob("*.md")}


def complete(article: Article, families: dict[str, dict[str, tuple[Claim, ...]]]) -> Article:
    """An article with its family's notes in the sections it does not write itself."""
    shared = families.get(article.family, {})
    sections = {key: article.sections.get(key) or (shared.get(key, ()) if key in SHARED else ()) for key in SECTIONS}
    return replace(article, sections={key: claims for key, claims in sections.items() if claims})


def _with_local(base: Library, folder: Path) -> Library:
    found = read_folder(folder, local=True)
    own = [article for article in found if article.overlays is None]
    notes: dict[str, tuple[Article, ...]] = {}
    for note in found:
        if note.overlays is not None:
            if note.overlays not in base.articles:
                raise LibraryError(
                    Place(note.file, field="overlays"), "no article has this id", "name one that is in the library"
                )
            notes[note.overlays] = (*notes.get(note.overlays, ()), note)
    return Library(_by_id([*base.articles.values(), *own]), notes)


def _by_id(articles: Iterable[Article]) -> dict[str, Article]:
    found: dict[str, Article] = {}
    for article in articles:
        if article.id in found:
            raise LibraryError(
                Place(article.file, field="id"), f"{found[article.id].file} has this id already",
                "give a local article an id of its own, or lay it over ours with 'overlays:'",
            )  # fmt: skip
        found[article.id] = article
    return found


__all__ = ["CareLedgerError", "Library", "LibraryError", "load_library", "read_folder"]
