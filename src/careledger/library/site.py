"""The documentation site: Markdown from articles and policy, made into pages with a search that works offline."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from careledger.core.errors import Place
from careledger.library.article import Article
from careledger.library.fill import in_words
from careledger.library.load import HERE, Library, LibraryError
from careledger.library.page import page
from careledger.library.references import reference
from careledger.library.render import page_markdown
from careledger.policy.model import PolicyValue
from careledger.policy.show import Shown, ShownTopic, show
from careledger.policy.view import PolicyView

_FOREIGN = '<script src="https://unpkg.com/iframe-worker/shim"></script>'
FAMILY_TITLES = {
    "oversight": "Program oversight",
    "ccm": "Chronic care management",
    "cpo": "Care plan oversight",
    "pcm": "Principal care management",
    "apcm": "Advanced primary care management",
    "tcm": "Transitional care",
    "bhi": "Behavioral integration",
    "cocm": "Collaborative care",
    "rpm": "Remote physiologic monitoring",
    "rtm": "Remote therapeutic monitoring",
    "chi": "Community health integration",
    "pin": "Illness navigation",
    "pain": "Chronic pain",
    "contacts": "Calls and messages",
    "neighbours": "Neighbouring services",
    "rural": "Rural clinics",
    "payers": "Payers",
    "payment": "Payment",
    "denials": "Denials",
    "audits": "Audits",
    "utilisation": "Use of the services",
    "program": "Running a program",
}


def site_files(library: Library, view: PolicyView) -> dict[str, str]:
    """Every file of the site's source, by path; the same library and policy give the same files."""
    files = {f"articles/{id_}.md": page_markdown(page(library, id_, view), _beside) for id_ in library.articles}
    files |= {f"codes/{code}.md": code_page(view, code, library) for code in view.policy.codes()}
    files["index.md"] = _index(library, view)
    files["codes/index.md"] = _code_index(view)
    files["sources.md"] = _sources(view)
    return files


def write_site(library: Library, view: PolicyView, out: Path) -> int:
    """Build the site into a new or empty folder; the number of pages. LibraryError when that cannot be done."""
    if out.exists() and any(out.iterdir()):
        raise LibraryError(Place(str(out)), "the folder is not empty", "name a new folder for the site")
    source = out.with_name(f".{out.name}.source")
    shutil.rmtree(source, ignore_errors=True)
    try:
        files = site_files(library, view)
        for name, text in files.items():
            path = source / "docs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (source / "mkdocs.yml").write_text(_settings(library, out.resolve()), encoding="utf-8")
        _build(source / "mkdocs.yml")
        _keep_local(out)
    finally:
        shutil.rmtree(source, ignore_errors=True)
    return len(files)


def reference_files(library: Library, view: PolicyView) -> dict[str, str]:
    """The code pages as they are kept in the repository: without the line that names the policy's version."""
    return {f"{code}.md": code_page(view, code, library).rpartition("\n*Rules ")[0] for code in view.policy.codes()}


def write_reference(library: Library, view: PolicyView, out: Path) -> int:
    """Write the code pages into a folder and remove pages of codes that are gone; how many were written."""
    out.mkdir(parents=True, exist_ok=True)
    files = reference_files(library, view)
    for path in out.glob("*.md"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    (out / "as_of.txt").write_text(f"{view.day}\n", encoding="utf-8")
    return len(files)


def code_page(view: PolicyView, code: str, library: Library) -> str:
    """The reference page of a code, from policy data alone."""
    shown = show(view.policy, code, view.day)
    facts = shown.code
    parts = [f"# {code}", "", f"{facts.says[:1].upper()}{facts.says[1:]}.", ""]
    parts += [
        f"- Family: {facts.family.replace('_', ' ')}; role: {facts.role.replace('_', ' ')}",
        f"- {_standing(shown)}",
    ]
    parts += [f"- Needs {facts.base_code} beside it"] if facts.base_code else []
    parts += [f"- {facts.note}"] if facts.note else []
    for topic in shown.topics:
        parts += ["", *_topic(topic)]
    parts += ["", *_pairs(shown)] if shown.pairs else []
    about = [article for article in library.articles.values() if code in article.codes]
    if about:
        parts += ["", "## Articles", "", *(f"- [{one.title}](../articles/{one.id}.md)" for one in about)]
    parts += ["", "## Sources", "", *(f"- {reference(source).line()}" for source in shown.sources)]
    return "\n".join([*parts, "", f"*Rules {view.policy.version[:12]} on {view.day}.*", ""])


def _standing(shown: Shown) -> str:
    status = shown.code.status
    if shown.code.exists is False:
        return "The code is not in use on this day"
    return f"Medicare status {status}" if status else "Medicare's status for this day is not held"


def _topic(topic: ShownTopic) -> Iterator[str]:
    yield f"## {topic.says}"
    yield ""
    yield "| value | on this day | since | sources |"
    yield "|---|---|---|---|"
    for value in topic.values:
        name = value.id.rpartition(".")[2].replace("_", " ")
        yield f"| {name} | {_cell(value)} | {value.since} | {', '.join(value.cite)} |"


def _cell(value: PolicyValue) -> str:
    said = "none" if value.absent else in_words(value.value)
    doubt = " (sources disagree)" if value.disputed else "" if value.confirmed else " (not confirmed)"
    note = f"<br>{value.note}" if value.note else ""
    return f"{said}{doubt}{note}".replace("|", "/")


def _pairs(shown: Shown) -> Iterator[str]:
    yield "## Beside other codes"
    yield ""
    yield "| what | codes | per | same practitioner | another |"
    yield "|---|---|---|---|---|"
    for pair in shown.pairs:
        answers = {relation: str(value.value).replace("_", " ") for relation, value in pair.answers}
        own, other = answers.get("self", "-"), answers.get("other", "-")
        yield f"| {pair.row.says} | {', '.join(pair.others)} | {pair.row.per} | {own} | {other} |"


def _index(library: Library, view: PolicyView) -> str:
    parts = ["# CareLedger: can I bill for it?", "", "Every claim names the rule or the source it rests on.", ""]
    for family, articles in _families(library).items():
        parts += [f"## {FAMILY_TITLES.get(family, family)}", ""]
        parts += [f"- [{article.question}](articles/{article.id}.md)" for article in articles] + [""]
    return "\n".join([*parts, f"*Rules {view.policy.version[:12]} on {view.day}. Not legal advice.*", ""])


def _code_index(view: PolicyView) -> str:
    rows = [
        f"| [{code}]({code}.md) | {view.code(code).says} | {view.code(code).status or ''} |"
        for code in view.policy.codes()
    ]
    return "\n".join(["# Codes", "", "| code | in our words | Medicare status |", "|---|---|---|", *rows, ""])


def _sources(view: PolicyView) -> str:
    lines = [f"- **{source.id}**: {reference(source).line()}" for source in view.policy.sources.values()]
    return "\n".join(["# Sources", "", *lines, ""])


def _families(library: Library) -> dict[str, list[Article]]:
    found: dict[str, list[Article]] = defaultdict(list)
    for article in library.articles.values():
        found[article.family].append(article)
    order = [*FAMILY_TITLES, *(family for family in found if family not in FAMILY_TITLES)]
    return {family: found[family] for family in order if family in found}


def _settings(library: Library, out: Path) -> str:
    """The generator's settings; JSON is YAML too."""
    articles = [
        {FAMILY_TITLES.get(family, family): [{one.title: f"articles/{one.id}.md"} for one in found]}
        for family, found in _families(library).items()
    ]
    settings = {
        "site_name": "CareLedger",
        "site_dir": str(out),
        "use_directory_urls": False,
        "theme": {
            "name": "material",
            "font": False,
            "features": ["navigation.indexes", "search.suggest", "content.tooltips"],
        },
        "plugins": ["search", "offline"],
        "markdown_extensions": ["tables", "md_in_html"],
        "nav": [{"Start": "index.md"}, {"Articles": articles}, {"Codes": "codes/index.md"}, {"Sources": "sources.md"}],
        "validation": {"omitted_files": "ignore", "nav": {"omitted_files": "ignore"}},
    }
    return json.dumps(settings, indent=1)


def _build(settings: Path) -> None:
    try:
        from mkdocs.commands.build import build
        from mkdocs.config import load_config
    except ImportError:
        raise LibraryError(
            Place("library site"), "the site generator is not installed", "run: pip install 'careledger[site]'"
        ) from None
    build(load_config(str(settings)))


def _keep_local(out: Path) -> None:
    """Replace the one script that the generator would load from a foreign server, so that search works offline."""
    script = (HERE / "data" / "worker_in_frame.js").read_text(encoding="utf-8")
    for path in out.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(_FOREIGN, f"<script>{script}</script>"), encoding="utf-8")


def _beside(id_: str) -> str:
    return f"{id_}.md"
