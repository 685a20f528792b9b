"""The colours of every picture, on a light and on a dark page, and the style sheet that uses them."""

from typing import Final

_LIGHT: Final = {
    "page": "#ffffff",
    "ink": "#1b1f24",
    "soft": "#57606a",
    "edge": "#d8dee4",
    "line": "#0b62c4",
    "bad": "#c2255c",
    "good": "#1a7f4b",
    "band": "#e4ebf3",
    "back": "#f3f5f8",
}
_DARK: Final = {
    "page": "#14171c",
    "ink": "#e8ebef",
    "soft": "#a3adba",
    "edge": "#343b45",
    "line": "#6db1ff",
    "bad": "#ff86ae",
    "good": "#5ec98f",
    "band": "#29323d",
    "back": "#1b2027",
}
_BASE: Final = """
.crmcore text { font-family: system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; font-size: 12px; fill: $ink }
.crmcore .title { font-size: 16px; font-weight: 600 }
.crmcore .soft { fill: $soft }
.crmcore .strong { font-weight: 600 }
.crmcore .bad { fill: $bad; font-weight: 600 }
.crmcore .good { fill: $good; font-weight: 600 }
.crmcore .page { fill: $page }
.crmcore .under { fill: $page; opacity: 0.85 }
.crmcore .band { fill: $band }
.crmcore path { fill: none }
.crmcore .below { fill: $bad; opacity: 0.16 }
.crmcore .grid { stroke: $edge }
.crmcore .zero { stroke: $soft }
.crmcore .mark { stroke: $bad; stroke-dasharray: 5 3 }
.crmcore .line { stroke: $line; stroke-width: 1.75; stroke-linejoin: round }
.crmcore .dot { fill: $line }
.crmcore .deep { fill: $bad }
"""


def write_style(rules: str = "") -> str:
    """Write the style sheet: literal colours for a light page, and those for a dark page in a block of their own.

    Programs that convert a picture, such as resvg and CairoSVG, know neither variables nor `@media`. A size that
    follows the page is for browsers alone, so it is in a block of that kind too.

    Args:
        rules: The rules that a picture adds, one on each line, with colours such as ``$ink``.
    """
    lines = [line for line in f"{_BASE}{rules}".splitlines() if line]
    dark = [kept for kept in map(_keep_colours, lines) if kept]
    return "\n".join(
        (
            "",
            *(_fill_in(line, _LIGHT) for line in lines),
            "@media (prefers-color-scheme: dark) {",
            *(f"  {_fill_in(line, _DARK)}" for line in dark),
            "}",
            "@media screen { svg.crmcore { max-width: 100%; height: auto } }",
            "",
        )
    )


def _keep_colours(rule: str) -> str:
    """Return a rule with only its colours, or nothing if it has none."""
    selector, _, declarations = rule.removesuffix(" }").partition(" { ")
    coloured = [declaration for declaration in declarations.split("; ") if "$" in declaration]
    return f"{selector} {{ {'; '.join(coloured)} }}" if coloured else ""


def _fill_in(rule: str, colours: dict[str, str]) -> str:
    for name, colour in colours.items():
        rule = rule.replace(f"${name}", colour)
    return rule
