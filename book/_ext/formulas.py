r"""Displayed formulas in one line where the column has room, and no mark left alone.

A page may break a formula into lines for a narrow screen: an `aligned` whose later lines go on
with a relation or an operation. Here such lines are joined wherever the result fits into
the column; the lines as they were written go along for narrow screens, where a script of
two lines takes them. The original's number, `[\mathrm{N}6]` at the end of a formula, becomes text
beside ours. Inline formulas keep the full stop or the bracket that touches them.
"""

import re

from docutils import nodes
from sphinx.util.math import get_node_equation_number

ORIGINAL = re.compile(
    r"(?:\\\\(?:\[[^\]]*\])?|\\[,;:! ]|\\q?quad(?![a-zA-Z])|[&~\s]|\{\})*"
    r"\[(\\mathrm\{(?:N|BP)\}[^\[\]]*)\]"
)
TOKEN = re.compile(r"\\(?:begin|end)\{[^}]*\}|\\[a-zA-Z]+|\\.|.", re.DOTALL)
SPACE = re.compile(
    r"(?:\s|&|~|\{\}|\\[,;:! ]|\\q?quad(?![a-zA-Z])|\\phantom\{[^{}]*\})*"
)
RELATIONS = r"le|ge|ll|approx|equiv|sim|to|mapsto|neq|lt|gt"
OPERATIONS = r"cdot|odot|times|pm"
GOES_ON = re.compile(rf"[-=<>+]|\\(?:{RELATIONS}|{OPERATIONS})(?![a-zA-Z])")
HEADING = re.compile(r"\\text\{[^}]*:\}")
INDENT = re.compile(r"\s*&\s*(?:\\ |\\q?quad(?![a-zA-Z]))")
WAITS = re.compile(rf"(?:[-=<>+]|\\(?:{RELATIONS}|{OPERATIONS}))\s*(?:\\;)?\s*$")

# Of the column at 1280 pixels: what is left of it beside the numbers, in widths of an M.
ROOM = 28.0

CHOOSE = """(config => {
  const ready = () => MathJax.startup.defaultPageReady();
  (config.startup ??= {}).pageReady = () => {
    for (const block of document.querySelectorAll("div.math[data-lines]"))
      if (block.clientWidth < 560) block.lastChild.textContent = block.dataset.lines;
    return ready();
  };
})(window.MathJax ??= {});"""


def take_number(tex):
    """The formula without the original's number, and that number, such as N6, or nothing."""
    numbers = [re.sub(r"\\mathrm\{(\w+)\}", r"\1", n) for n in ORIGINAL.findall(tex)]
    return ORIGINAL.sub("", tex).strip(), ", ".join(numbers).replace(",BP", ", BP")


def split(tex, mark):
    r"""Cut at each \\ or & that stands in no brace and no inner environment."""
    parts, depth = [""], 0
    for token in TOKEN.findall(tex):
        depth += token == "{" or token.startswith("\\begin")
        depth -= token == "}" or token.startswith("\\end")
        if token == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def one_line(tex):
    """The formula in one line, or None where its lines are several statements."""
    found = re.fullmatch(
        r"\\begin\{(aligned|gathered|split)\}(.*)\\end\{\1\}", tex, re.DOTALL
    )
    if not found or HEADING.search(found[2]):
        return None
    rows = [re.sub(r"^\[[^\]]*\]", "", row) for row in split(found[2], r"\\")]
    joined = [" ".join(part.strip() for part in split(rows[0], "&")).strip()]
    hangs = WAITS.search(split(rows[0], "&")[0].replace("{}", ""))
    for row in rows[1:]:
        left, *_ = split(row, "&")
        text = SPACE.sub("", row, count=1)
        if (left.strip() and "&" in row) or len(split(text, "&")) > 1:
            return None
        if not (
            hangs
            or INDENT.match(row)
            or GOES_ON.match(text)
            or WAITS.search(joined[-1])
        ):
            return None
        joined.append(text.strip())
    return " ".join(joined)


def argument(tokens):
    """Take one argument off the tokens: a group in braces, or a single token."""
    while tokens and tokens[0].isspace():
        tokens.pop(0)
    if not tokens or tokens[0] != "{":
        return tokens[:1] and [tokens.pop(0)]
    depth, inner = 0, []
    while tokens:
        token = tokens.pop(0)
        depth += (token == "{") - (token == "}")
        if depth == 0:
            break
        inner.append(token)
    return inner[1:]


def width(tex):
    """About how wide a line of TeX is, in widths of an M. It need not be exact."""
    tokens = TOKEN.findall(tex) if isinstance(tex, str) else list(tex)
    total, script = 0.0, 0.0
    while tokens:
        token = tokens.pop(0)
        if token in "^_":
            # One above the other: only the wider one counts.
            new = 0.72 * width(argument(tokens))
            total, script = total + max(new - script, 0), max(new, script)
            continue
        if not token.isspace():
            script = 0.0
        if token in (r"\frac", r"\tfrac", r"\dfrac", r"\binom"):
            scale = 0.75 if token == r"\tfrac" else 1.0
            total += (
                scale * max(width(argument(tokens)), width(argument(tokens))) + 0.25
            )
        elif token in (r"\underbrace", r"\overbrace"):
            inner = width(argument(tokens))
            tokens[:1] = [] if tokens[:1] in (["_"], ["^"]) else tokens[:1]
            total += max(inner, 0.72 * width(argument(tokens)))
        elif token.startswith(r"\begin"):
            total += 2.5  # a matrix: its rows are not measured
        elif token in (r"\left", r"\right", r"\mathrm", r"\text", r"\textstyle"):
            total += 0.0
        elif re.fullmatch(rf"[=<>+-]|\\(?:{RELATIONS}|{OPERATIONS})", token):
            total += 1.3
        elif token == r"\quad":
            total += 1
        elif token == r"\qquad":
            total += 2
        elif token in (r"\sum", r"\int", r"\prod"):
            total += 1.6
        elif token.startswith("\\"):
            total += 0.2 if token in (r"\,", r"\;", r"\!") else 0.6
        elif not token.isspace() and token not in "{}&":
            total += 0.3 if token in ".,'|()[]" else 0.55
    return total


def without_environment(tex):
    """A formula of a single line without the `gathered` or `aligned` around it."""
    found = re.fullmatch(
        r"\\begin\{(gathered|aligned)\}(.*)\\end\{\1\}", tex, re.DOTALL
    )
    if not found or len(split(found[2], r"\\")) > 1:
        return tex
    return "".join(split(found[2], "&")).strip()


def visit_display(self, node):
    """Write a displayed formula: our number and the original's, then the formula."""
    tex, original = take_number(node.astext())
    tex = without_environment(tex)
    line = one_line(tex)
    shorter = {}
    if line is not None and width(line) <= ROOM:
        tex, shorter = line, {"data-lines": rf"\[{tex}\]"}
    elif len(split(tex, r"\\")) > 1:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    classes = "math notranslate nohighlight"
    self.body.append(self.starttag(node, "div", "", CLASS=classes, **shorter))
    if node["number"] or original:
        self.body.append('<span class="numbers">')
        if node["number"]:
            number = get_node_equation_number(self, node)
            self.body.append(f'<span class="eqno">({number})')
            self.add_permalink_ref(node, "Link to this equation")
            self.body.append("</span>")
        if original:
            self.body.append(f'<span class="original">[{original}]</span>')
        self.body.append("</span>")
    self.body.append(self.encode(rf"\[{tex}\]") + "</div>\n")
    raise nodes.SkipNode


BEFORE = re.compile(r"[(\[\u2018\u201c'\"]+$")
AFTER = re.compile(r"[.,;:!?)\]\u2019\u201d'\"]+(?:s\b)?|-\w+")


def keep_together(app, doctree, docname):
    """Put a formula in a text, and the marks that touch it, where no line can break them."""
    for formula in list(doctree.findall(nodes.math)):
        parent = formula.parent
        at = parent.index(formula)
        before, after = "", ""
        if at + 1 < len(parent) and isinstance(parent[at + 1], nodes.Text):
            found = AFTER.match(parent[at + 1])
            after = found[0] if found else ""
        if at and isinstance(parent[at - 1], nodes.Text):
            found = BEFORE.search(parent[at - 1])
            before = found[0] if found else ""
        if not before and not after:
            continue
        if after:
            parent[at + 1] = nodes.Text(parent[at + 1][len(after) :])
        if before:
            parent[at - 1] = nodes.Text(parent[at - 1][: -len(before)])
        together = nodes.inline("", "", classes=["together"])
        parent[at] = together
        together += [nodes.Text(before), formula, nodes.Text(after)]


def use_visitor(app):
    """Take the place of Sphinx's own writer of displayed formulas."""
    renderers = app.registry.html_block_math_renderers
    theirs, depart = renderers["mathjax"]

    def visit(self, node):
        (theirs if node["nowrap"] else visit_display)(self, node)

    renderers["mathjax"] = (visit, depart)


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", use_visitor)
    app.connect("doctree-resolved", keep_together)
    app.add_js_file(None, body=CHOOSE, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
