"""Policy files to raw entries, by kind of file.

Kinds of file, by place in the folder: ``sources.yaml``, ``codes.yaml`` (and ``codes_*.yaml``), ``activities.yaml``,
``conflicts/groups.yaml``, ``conflicts/*.yaml``, ``payers/*.yaml``, ``overlays/*.yaml``; every other file is a topic of
values. An overlay file may bring sources of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from careledger.core.errors import InputError
from careledger.policy import strict_yaml
from careledger.policy.model import BASE, RELATIONS
from careledger.policy.section import Bundle, Section
from careledger.policy.strict_yaml import Document

SOURCE_KINDS = (
    "statute", "regulation", "federal_register", "cms_manual", "mln", "contractor", "ncci", "fee_file", "research",
    "payer_policy", "cpt_pointer", "industry",
)  # fmt: skip


def read(files: dict[str, str]) -> Bundle:
    """Read policy files, given as name in the folder to text."""
    bundle = Bundle()
    documents = _documents(files, bundle)
    for name in sorted(documents, key=_order):
        _reader_of(name)(Section(bundle, documents[name]))
    return bundle


def read_contract(bundle: Bundle, text: str, file: str) -> str | None:
    """Read one payer overlay from elsewhere into a bundle; its payer's id, or None when it is no YAML."""
    try:
        document = strict_yaml.load(text, file)
    except InputError as error:
        bundle.refuse(error.place, error.problem, error.mend)
        return None
    top = Section(bundle, document)
    _payer(top)
    return top.text("payer")


def texts(folder: Path) -> dict[str, str]:
    """The policy files of a folder, name to text, in a stable order."""
    found = sorted(path for path in folder.rglob("*.yaml") if path.is_file())
    return {path.relative_to(folder).as_posix(): strict_yaml.decoded(path.read_bytes(), str(path)) for path in found}


def _documents(files: dict[str, str], bundle: Bundle) -> dict[str, Document]:
    documents = {}
    for name, text in files.items():
        try:
            documents[name] = strict_yaml.load(text, name)
        except InputError as error:
            bundle.refuse(error.place, error.problem, error.mend)
    return documents


def _order(name: str) -> tuple[bool, str]:
    return (name not in ("conflicts/groups.yaml", "sources.yaml"), name)  # other files name groups and add sources


def _reader_of(name: str) -> Callable[[Section], None]:
    if name == "sources.yaml":
        return _sources
    if name == "activities.yaml":
        return _activities
    if name == "conflicts/groups.yaml":
        return _groups
    folder = name.partition("/")[0]
    if name.startswith("codes"):
        return _codes
    return {"conflicts": _conflicts, "payers": _payer, "overlays": _overlay}.get(folder, _topic)


def _sources(top: Section) -> None:
    top.keys(("sources",))
    _source_rows(top)


def _source_rows(top: Section) -> None:
    for id_, row in top.sections("sources"):
        if id_ in top.bundle.sources:
            row.refuse((), "the source stands in two files", "keep one, or give it another id")
        row.keys(("title", "kind", "issuer", "locator"), ("url", "published", "checked", "note"))
        row.word("kind", SOURCE_KINDS)
        top.bundle.source_places[id_] = row.place()
        top.bundle.sources[id_] = {
            **{key: row.text(key) for key in ("title", "kind", "issuer", "locator")},
            **{key: row.optional_text(key) for key in ("url", "published", "note")},
            "checked": row.day_text("checked"),
        }


def _codes(top: Section) -> None:
    top.keys(("codes",), ("cite",))
    optional = ("program", "track", "base_code", "status", "note")
    for code, row in top.sections("codes"):
        row.keys(("says", "family", "role", "who"), optional)
        if code in top.bundle.codes:
            row.refuse((), "the code stands in two files", "keep one")
        row.word("role", ("base", "add_on", "one_time", "certification", "visit", "other"))
        row.word("who", ("staff", "own", "none"))
        top.bundle.codes[code] = {
            **{key: row.text(key) for key in ("says", "family", "role", "who")},
            **{key: row.optional_text(key) for key in ("program", "track", "base_code", "note")},
        }
        if "base_code" in row.data:
            top.bundle.named_codes.append((row.text("base_code"), row.place("base_code")))
        if "status" in row.data:
            row.entries(f"codes.{code}.status", "status")


def _activities(top: Section) -> None:
    top.keys(("activities", "values"), ("says", "checked"))
    for id_, row in top.sections("activities"):
        row.keys(("says",), ("also", "direct_contact"))
        top.bundle.activity_places[id_] = row.place()
        top.bundle.activities[id_] = {
            "says": row.text("says"),
            "also": row.words("also"),
            "direct_contact": row.flag("direct_contact", False),
        }
    _values(top, "activities", BASE)


def _groups(top: Section) -> None:
    top.keys(("groups",))
    groups = top.section("groups")
    for name in groups.data:
        top.bundle.groups[name] = groups.code_list(name)


def _conflicts(top: Section) -> None:
    top.keys(("conflicts", "says", "pairs"), ("checked",))
    for id_, row in top.sections("pairs"):
        row.keys(("says", "a", "b", "per", "answers"))
        if id_ in top.bundle.conflicts:
            row.refuse((), "the pair stands twice", "keep one, or give it another name")
        answers = row.section("answers")
        answers.keys((), RELATIONS)
        for relation in answers.data:
            answers.entries(f"conflicts.{id_}.{relation}", relation)
        relations = set(answers.data)
        if "self" in relations and "group_same_specialty" not in relations:
            answers.entries(f"conflicts.{id_}.group_same_specialty", "self")  # Medicare treats them as one
            relations.add("group_same_specialty")
        top.bundle.conflicts[id_] = {
            "says": row.text("says"),
            "a": sorted(set(row.code_list("a"))),
            "b": sorted(set(row.code_list("b"))),
            "per": row.word("per", ("month", "date")),
            "relations": [relation for relation in RELATIONS if relation in relations],
        }


def _payer(top: Section) -> None:
    top.keys(("payer", "kind", "says", "values"), ("checked", "sources"))
    id_ = _layer_id(top, "payer")
    top.bundle.payers[id_] = {"kind": top.text("kind"), "says": top.text("says"), "checked": top.day_text("checked")}
    _source_rows(top)
    _values(top, None, id_)


def _overlay(top: Section) -> None:
    top.keys(("overlay", "says", "values"), ("checked", "sources"))
    id_ = _layer_id(top, "overlay")
    top.bundle.overlays[id_] = {"says": top.text("says"), "checked": top.day_text("checked")}
    _source_rows(top)
    _values(top, None, id_)


def _layer_id(top: Section, key: str) -> str:
    id_ = top.text(key)
    if id_ in (BASE, *top.bundle.payers, *top.bundle.overlays):
        top.refuse((key,), "another payer or overlay has this id", "give it an id of its own")
    return id_


def _topic(top: Section) -> None:
    top.keys(("policy", "says", "governs", "checked", "values"))
    id_ = top.text("policy")
    if id_ in top.bundle.topics:
        top.refuse(("policy",), "the topic stands in two files", "keep one")
    top.bundle.topics[id_] = {
        "says": top.text("says"),
        "governs": top.code_list("governs"),
        "checked": top.day_text("checked"),
    }
    _values(top, id_, BASE)


def _values(top: Section, prefix: str | None, layer: str) -> None:
    values = top.section("values")
    for name in values.data:
        values.entries(name if prefix is None else f"{prefix}.{name}", name, layer)
