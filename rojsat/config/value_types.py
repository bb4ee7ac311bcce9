"""Whether a value has the type that a key or an option is annotated with, and that type in plain words."""

import ast
from typing import Any

_NOUNS = {
    "int": "whole number",
    "float": "number",
    "str": "text",
    "bool": "truth value (true or false)",
    "None": "null",
    "Sequence": "list",
    "list": "list",
    "tuple": "list",
    "Mapping": "mapping {name: value}",
    "dict": "mapping {name: value}",
}


def annotation(hint: Any) -> ast.expr:
    """A type as it is written, `int | None`."""
    text = hint.__name__ if type(hint) is type else str(hint)
    return ast.parse(text, mode="eval").body


def fits(value: Any, kind: ast.expr | None) -> bool:
    """Whether a value of an experiment can be of a type; what is no type of YAML is left to the code that takes it."""
    match kind:
        case ast.BinOp(left=left, right=right):
            return fits(value, left) or fits(value, right)
        case ast.Constant(value=None):
            return value is None
        case ast.Subscript(value=ast.Name(id="Literal"), slice=choices):
            return value in literals(choices)
        case ast.Subscript(value=ast.Name(id="Sequence" | "list" | "tuple"), slice=inner):
            of_members = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
            return isinstance(value, list) and all(fits(member, of_members) for member in value)
        case ast.Subscript(value=ast.Name(id="Mapping" | "dict")):
            return isinstance(value, dict)
        case ast.Name(id="bool"):
            return isinstance(value, bool)
        case ast.Name(id="int"):
            return isinstance(value, int) and not isinstance(value, bool)
        case ast.Name(id="float"):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.Name(id="str"):
            return isinstance(value, str)
    return True


def literals(choices: ast.expr) -> tuple[Any, ...]:
    """The values between the brackets of `Literal[...]`."""
    value = ast.literal_eval(choices)
    return value if isinstance(value, tuple) else (value,)


def nouns(kind: ast.expr | None) -> list[str]:
    """What a value of a type is called, each possibility."""
    match kind:
        case ast.BinOp(left=left, right=right):
            return [*nouns(left), *nouns(right)]
        case ast.Constant(value=None):
            return ["null"]
        case ast.Subscript(value=ast.Name(id="Literal"), slice=choices):
            return [repr(choice) for choice in literals(choices)]
        case ast.Subscript(value=ast.Name(id="Sequence" | "list" | "tuple"), slice=inner):
            of_members = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
            members = nouns(of_members)
            return [f"list of {' or '.join(members)}: [a, b]" if members else "list: [a, b]"]
        case ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name) if name in _NOUNS:
            return [_NOUNS[name]]
    return []


def refusal(key: str, value: Any, kind: ast.expr | None) -> str:
    """That a value is none of a type: `train.epochs: 'abc' is no whole number`."""
    written = {True: "true", False: "false", None: "null"}.get(value, repr(value)) if _is_plain(value) else repr(value)
    return f"{key}: {written} is no {', nor '.join(nouns(kind)) or 'value of it'}"


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool)
