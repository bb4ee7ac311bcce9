"""The page at `/docs`: all that the OpenAPI of the server says, in one file that loads nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #222; }
h2 { border-bottom: 1px solid #ccc; margin-top: 2.5rem; }
h3 { margin-bottom: .2rem; } h3 code { font-size: 1.05rem; }
code, pre { background: #f4f4f0; padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
pre { padding: .7rem; overflow-x: auto; }
b.get { color: #1b6e3c; } b.post { color: #8a4b08; }
table { border-collapse: collapse; margin: .4rem 0; }
td, th { border-bottom: 1px solid #ddd; padding: .25rem .8rem .25rem 0; text-align: left; vertical-align: top; }
.verdict { border-left: 4px solid #fd9828; padding-left: .8rem; }
"""

EXAMPLE = """curl -H 'Content-Type: application/geo+json' --data-binary @stands.geojson {root}/predict
curl {root}/jobs/ID
curl -O {root}/jobs/ID/files/stands.csv"""


def page(openapi: Mapping[str, Any], verdict: str, root: str) -> str:
    """The page.

    Args:
        openapi: of the application.
        verdict: on the model.
        root: address of the server.
    """
    info = openapi["info"]
    groups: dict[str, list[str]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append("".join(_operation(path, method, operation)))
    parts = "".join(f"<h2>{escape(tag.capitalize())}</h2>{''.join(texts)}" for tag, texts in groups.items())
    schemas = "".join(
        f"<h3 id='{escape(name)}'>{escape(name)}</h3>{_schema(schema)}"
        for name, schema in openapi.get("components", {}).get("schemas", {}).items()
    )
    about = "".join(f"<p>{_marked(text)}</p>" for text in info["description"].strip().split("\n\n"))
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(info['title'])}: HTTP</title>"
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>{about}"
        f"<p class='verdict'>The model: {escape(verdict)}</p>"
        f"<pre>{escape(EXAMPLE.format(root=root))}</pre>"
        f"<p>For programs: <a href='openapi.json'>openapi.json</a>.</p>{parts}<h2>Answers</h2>{schemas}</body></html>"
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """One address and what it does."""
    yield f"<h3><b class='{method}'>{method.upper()}</b> <code>{escape(path)}</code></h3>"
    yield f"<p><strong>{escape(operation['summary'])}.</strong> {_marked(operation.get('description', ''))}</p>"
    rows = [
        (each["name"], each.get("description") or _kind(each["schema"])) for each in operation.get("parameters", ())
    ]
    if rows:
        yield _table(("in the address", ""), rows)
    yield _table(("answer", ""), [(status, _answer(each)) for status, each in operation["responses"].items()])


def _answer(response: Mapping[str, Any]) -> str:
    schemas = [content.get("schema", {}) for content in response.get("content", {}).values()]
    names = [schema["$ref"].rpartition("/")[2] for schema in schemas if "$ref" in schema]
    return f"{response.get('description', '')}{': ' * bool(names)}{', '.join(names)}"


def _schema(schema: Mapping[str, Any]) -> str:
    about = f"<p>{_marked(schema.get('description', ''))}</p>"
    rows = [(name, each.get("description") or _kind(each)) for name, each in schema.get("properties", {}).items()]
    return about + (_table(("field", ""), rows) if rows else "")


def _kind(schema: Mapping[str, Any]) -> str:
    return str(schema.get("type") or schema.get("title") or "")


def _table(heads: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{_marked(text)}</td></tr>" for name, text in rows)
    return f"<table><tr><th>{heads[0]}</th><th>{heads[1]}</th></tr>{lines}</table>"


def _marked(text: str) -> str:
    """A text with what stands in backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))
