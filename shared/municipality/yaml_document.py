"""YAML files that know their lines: parsed by libyaml where it is there, validated by Pydantic.

Every plain scalar is text until a model says otherwise, so that a KOSTRA code keeps its zeros, `no` is no
boolean and `08:00` is no number to the base of sixty.
"""

import difflib
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.municipality.faults import Fault

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NULLS = frozenset({"", "~", "null"})

Place = tuple[int | str, ...]
"""The way to a value in a file, as keys and indexes: `("people", 3, "email")`."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Entry(Generic[Model]):
    """One of a file's list, with where it stands."""

    path: Place
    value: Model


@dataclass
class Document:
    """A file of the folder: its data as text, lists and mappings, and the faults found so far."""

    name: str
    root: yaml.Node | None = None
    data: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _ids: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, name: str) -> "Document":
        """Parse a file; what keeps it from being read is among its faults."""
        document = cls(name)
        try:
            text = (folder / name).read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            document.faults.append(Fault(name, 1, "the file is missing; every municipality has one"))
        except OSError as error:
            document.faults.append(Fault(name, 1, f"the file cannot be read: {error.strerror}"))
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            document.faults.append(Fault(name, line, "the file is not UTF-8; save it as UTF-8"))
        else:
            document._parse(text)
        return document

    def _parse(self, text: str) -> None:
        try:
            self.root = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = ", ".join(part for part in (error.problem, error.context) if part)
            self._add(mark.line + 1 if mark else 1, f"this is not valid YAML: {what}")
            return
        except yaml.reader.ReaderError as error:
            line = text.encode().count(b"\n", 0, error.position) + 1
            self._add(line, f"this is not valid YAML: {error.reason}")
            return
        if isinstance(self.root, yaml.MappingNode):
            self.data = self._plain(self.root, set())
        else:
            self.root = None
            self._add(1, "the file must be keys and values, such as 'id: sorum'")

    def fault(self, path: Place, message: str) -> None:
        """Add a fault at the line where this value stands."""
        self._add(self.line(path), message)

    def line(self, path: Place) -> int:
        """The line of a value, or of the nearest thing around it that exists."""
        node, line = self.root, 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == str(step)), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def head(self, model: type[Model]) -> Model | None:
        """What stands at the top of the file; None where it has faults, or could not be read."""
        return None if self.root is None else self._validated(model, self.data, ())

    def entries(self, key: str, model: type[Model]) -> list[Entry[Model]]:
        """The items of a list that are free of faults; the others are reported, and left out."""
        items = self.data.get(key)
        entries = []
        for index, item in enumerate(items if isinstance(items, list) else []):
            value = self._validated(model, item, (key, index))
            if value is not None:
                entries.append(Entry((key, index), value))
        return entries

    def ids(self, key: str) -> dict[str, int]:
        """Each id in a list with the index it first stands at, also of items with faults."""
        if key in self._ids:
            return self._ids[key]
        found = self._ids[key] = {}
        items = self.data.get(key)
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                found.setdefault(item["id"], index)
        return found

    def _validated(self, model: type[Model], data: object, path: Place) -> Model | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                if details["type"] == "too_short" and details["input"]:
                    continue  # not too short as written: Pydantic counts the items without faults
                self.fault(path + details["loc"], _in_plain_words(details, model, path, _id_of(data)))
            return None

    def _add(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.name, line, message))

    def _plain(self, node: yaml.Node, seen: set[int]) -> Any:
        if id(node) in seen:
            self._add(node.start_mark.line + 1, "YAML aliases (*name) are not supported; write it out")
            return None
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return None if not node.style and node.value in _NULLS else node.value
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, seen) for item in node.value]
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(key_node.start_mark.line + 1, "a key must be a text")
                continue
            if key in mapping:
                self._add(key_node.start_mark.line + 1, f"the key {key!r} is here twice; remove one")
            mapping[key] = self._plain(value_node, seen)
        return mapping


def closest(word: str, known: Sequence[str]) -> str:
    """`; did you mean 'x'?` where something known looks alike, else nothing."""
    matches = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""


_WISHES: Mapping[str, str] = {
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "too_short": "needs at least one item",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must not be less than 0",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a day such as 2026-01-31",
    "date_parsing": "must be a day such as 2026-01-31",
    "date_from_datetime_parsing": "must be a day such as 2026-01-31",
    "date_from_datetime_inexact": "must be a day such as 2026-01-31",
    "time_type": "must be a time of day such as 08:00",
    "time_parsing": "must be a time of day such as 08:00",
    "tuple_type": "must be a list, such as [a, b]",
    "list_type": "must be a list, each item beginning with '- '",
    "dict_type": "must be keys and values",
    "model_type": "must be keys and values",
}


def _id_of(item: object) -> str:
    identity = item.get("id") if isinstance(item, dict) else None
    return identity if isinstance(identity, str) else ""


def _in_plain_words(details: ErrorDetails, model: type[BaseModel], path: Place, identity: str) -> str:
    location, kind, given = details["loc"], details["type"], details["input"]
    name = _name(path + location)
    if kind == "missing":
        of = f" in {identity!r}" if identity and path else ""
        return f"{location[-1]!r} is missing{of}; add it"
    if kind == "extra_forbidden":
        return f"unknown key {location[-1]!r}{closest(str(location[-1]), _keys_at(model, location[:-1]))}"
    if kind in {"enum", "literal_error"}:
        known = [value.strip("'") for value in details["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        return f"{name}: {given!r} is not one of {', '.join(known)}{closest(str(given), known)}"
    if kind == "value_error":
        error = details["ctx"]["error"]
        return str(error) if isinstance(given, dict) else f"{name}: {error}"
    wish = _WISHES.get(kind, details["msg"])
    if location[-1:] == ("[key]",):
        return f"{given!r} {wish}"
    return f"{name} {wish}" + ("" if given is None or isinstance(given, dict | list) else f", not {given!r}")


def _name(path: Place) -> str:
    """The key a value belongs to: the last one that is not an index."""
    keys = [step for step in path if isinstance(step, str) and step != "[key]"]
    return f"'{keys[-1]}'" if keys else "the file"


def _keys_at(model: type[BaseModel], path: Place) -> list[str]:
    """The keys a file may have at this place."""
    annotation: Any = model
    for step in path:
        annotation = _inside(annotation, step)
    inner = _models_in(annotation)
    return [info.alias or name for found in inner for name, info in found.model_fields.items()]


def _inside(annotation: Any, step: int | str) -> Any:
    if isinstance(step, int):
        return next(iter(get_args(annotation)), None)
    fields = {
        info.alias or name: info.annotation
        for found in _models_in(annotation)
        for name, info in found.model_fields.items()
    }
    return fields.get(step)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in {Union, types.UnionType}:
        for choice in get_args(annotation):
            yield from _models_in(choice)
