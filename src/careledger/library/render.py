"""A page as plain text for a terminal, and as Markdown for the documentation site."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from careledger.library.page import NOT_ADVICE, Page

NO_SOURCE = " (no source confirms this)"
Paint = Callable[[str, str], str]


def plain(text: str, _style: str) -> str:
    """No colours."""
    return text


def page_text(page: Page, width: int = 100, paint: Paint = plain) -> str:
    """The whole page for a terminal."""
    return "\n".join(_text_lines(page, width, paint))


def _text_lines(page: Page, width: int, paint: Paint) -> Iterator[str]:
    yield from _wrapped(page.article.question, width, "")
    yield ""
    yield paint(page.verdict, "title")
    yield from _wrapped(page.reason, width, "")
    if page.opens:
        yield paint(f"{page.opens}:", "quiet")
    for section in page.sections:
        yield ""
        yield paint(section.title, "title")
        for line in section.lines:
            yield from _wrapped(f"{line.text}{_marks(line.references)}", width, f"{line.number:>3}. ")
    yield from _lists(page, width, paint)
    yield ""
    yield paint("References", "title")
    for number, reference in enumerate(page.references, 1):
        yield from _wrapped(reference.line(), width, f"[{number}] ")
    yield ""
    yield from _wrapped(status_line(page), width, "")
    yield NOT_ADVICE


def _lists(page: Page, width: int, paint: Paint) -> Iterator[str]:
    for title, lines in extra_lists(page):
        yield ""
        yield paint(title, "title")
        for line in lines:
            yield from _wrapped(line, width, "  - ")


def extra_lists(page: Page) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Lists that are derived and not written: local notes, doubts, changes, questions."""
    follow = tuple(f"{title} ({id_})" for id_, title in page.follow_up)
    changed = page.changed or ("nothing that this article cites changed in the last year",)
    lists = (
        ("This clinic's own notes", page.local_notes),
        ("Disputed or unconfirmed", page.doubts if page.role != "patient" else ()),
        ("What changed since last year", changed),
        ("Follow-up questions", follow),
    )
    yield from ((title, lines) for title, lines in lists if lines)


def status_line(page: Page) -> str:
    """Who stands behind the page, and how old it is."""
    article = page.article
    reviewed = "no person has reviewed it" if article.reviewer is None else f"reviewed by a {article.reviewer_role}"
    why = f" ({'; '.join(page.stale_because)})" if page.stale_because else ""
    why = f" ({article.status_reason})" if article.status_reason else why
    return (
        f"Status: {page.status.replace('_', ' ')}{why}; {reviewed}. Last verified {article.last_verified}, "
        f"next review {article.next_review}; rules {page.policy_version[:12]} on {page.day}."
    )


def page_markdown(page: Page, link: Callable[[str], str]) -> str:
    """The whole page as Markdown; ``link`` gives the address of another article."""
    article = page.article
    parts = [f"# {article.title}", "", f"**{page.verdict}.** {page.reason}", ""]
    for section in page.sections:
        parts += [f"## {section.title}", ""]
        parts += [f"{line.number}. {line.text}{_md_marks(line.references)}" for line in section.lines]
        parts += [""]
    for title, lines in extra_lists(page):
        if title != "Follow-up questions":
            parts += [f"## {title}", "", *(f"- {line}" for line in lines), ""]
    if page.follow_up:
        parts += ["## Follow-up questions", "", *(f"- [{title}]({link(id_)})" for id_, title in page.follow_up), ""]
    parts += ["## References", ""]
    parts += [
        f'{number}. <a id="ref-{number}"></a>{ref.line()}{_url(ref.url)}'
        for number, ref in enumerate(page.references, 1)
    ]
    return "\n".join([*parts, "", f"*{status_line(page)}*", "", f"*{NOT_ADVICE}*", ""])


def _url(url: str | None) -> str:
    return f" <{url}>" if url else ""


def _marks(numbers: tuple[int, ...]) -> str:
    return f" [{', '.join(str(number) for number in numbers)}]" if numbers else NO_SOURCE


def _md_marks(numbers: tuple[int, ...]) -> str:
    if not numbers:
        return NO_SOURCE
    return "".join(f" [\\[{number}\\]](#ref-{number})" for number in numbers)


def _wrapped(text: str, width: int, first: str) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first]
