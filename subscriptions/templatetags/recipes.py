"""Tags of the recipe templates: numbered steps, and blocks whose text is quoted for its own format, not HTML."""

import textwrap
from collections.abc import Callable
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, VariableNode, token_kwargs
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from subscriptions.recipes.providers import placeholder
from subscriptions.recipes.quoting import (
    ansible_quoted,
    certbot_ini_value,
    compose_quoted,
    dotenv_quoted,
    env_file_quoted,
    field_text,
    hcl_quoted,
    json_quoted,
    plain_word,
    powershell_quoted,
    shell_quoted,
    wacs_argument,
    yaml_quoted,
)
from subscriptions.recipes.rendering import Block, Recorder

register = template.Library()

# Read when needed, not done in turn: no number.
SHELL = "shell"
REFERENCE_STEPS = frozenset({"traps", "cached", "remove"})
QUOTINGS: dict[str, Callable[[str], str]] = {
    "sh": shell_quoted,
    "envfile": env_file_quoted,
    "ini": certbot_ini_value,
    "ps": powershell_quoted,
    "json": json_quoted,
    "yaml": yaml_quoted,
    "compose": compose_quoted,
    "dotenv": dotenv_quoted,
    "ansible": ansible_quoted,
    "hcl": hcl_quoted,
    "plain": plain_word,
    "wacs": wacs_argument,
    "field": field_text,
}


def _text_filter(name: str, quoting: Callable[[str], str]) -> None:
    # str() drops SafeString: a value marked safe for HTML is not safe for a shell.
    register.filter(name, lambda value: quoting(str(value)))


for _name, _quoting in QUOTINGS.items():
    _text_filter(_name, _quoting)


@register.filter
def days(value: int) -> str:
    """Give a number that the portal worked out. Raises ValueError for anything else."""
    return str(int(value))


@register.filter
def verbatim_text(value: object) -> str:
    """Give a value written as it is; only for text from the code (plug-in names, variables), never a customer's."""
    return str(value)


register.filter("placeholder", placeholder)


class CommandNode(template.Node):
    """One copyable block; see `command`."""

    def __init__(self, nodelist: NodeList, arguments: dict[str, FilterExpression]) -> None:
        self.nodelist = nodelist
        self.arguments = arguments

    def render(self, context: template.Context) -> SafeString:
        options: dict[str, Any] = {name: value.resolve(context) for name, value in self.arguments.items()}
        block = self._block(context, options)
        context["recorder"].blocks.append(block)
        return render_to_string("subscriptions/recipes/_block.html", {"block": block, "label": options["label"]})

    def _block(self, context: template.Context, options: dict[str, Any]) -> Block:
        recorder: Recorder = context["recorder"]
        secret = bool(options.get("secret", False))
        text = self._text(context)
        fill_in_words = str(options.get("fill_in", "")).split()
        return Block(
            id=f"{recorder.recipe.slug}-{options['name']}",
            step=recorder.step,
            language=options.get("language", SHELL),
            text=f" {text}" if _stays_unlogged(options) else text,
            filename=options.get("filename"),
            is_file=bool(options.get("filename")) and not options.get("part", False),
            secret=secret,
            masked=secret and recorder.values.masked,
            fill_in=tuple(word for word in fill_in_words if word in text),
        )

    def _text(self, context: template.Context) -> str:
        autoescape = context.autoescape
        context.autoescape = False
        try:
            rendered = self.nodelist.render(context)
        finally:
            context.autoescape = autoescape
        return tidy(rendered)


def _stays_unlogged(options: dict[str, Any]) -> bool:
    """Whether the block starts with a space, which keeps a command out of the history (HISTCONTROL=ignorespace)."""
    is_shell = options.get("language", SHELL) == SHELL
    return is_shell and bool(options.get("secret") or options.get("unlogged"))


def tidy(text: str) -> str:
    """Give the text without the template's indentation and the lines its tags leave empty."""
    lines = [line.rstrip() for line in text.splitlines()]
    return textwrap.dedent("\n".join(line for line in lines if line))


@register.tag
def command(parser: Parser, token: Token) -> CommandNode:
    """`{% command name="order" label="Order the certificate" %}…{% endcommand %}`: a block to copy.

    Parameters: name, label, language ("shell" unless given), filename (the file that the block is; with part=True a
    piece of it, which cannot be downloaded), secret (holds the EAB HMAC key), unlogged (holds another secret: a shell
    block then starts with a space, as secret ones do, to stay out of the history),
    fill_in (words the reader replaces, blank-separated). Every value inside must pass a quoting filter.
    """
    name, *bits = token.split_contents()
    arguments = token_kwargs(bits, parser)
    if bits or not {"name", "label"} <= arguments.keys():
        raise template.TemplateSyntaxError(f"{{% {name} %}} takes name=, label= and other keyword arguments")
    nodelist = parser.parse((f"end{name}",))
    parser.delete_first_token()
    _require_quoting(nodelist)
    return CommandNode(nodelist, arguments)


def _require_quoting(nodelist: NodeList) -> None:
    quoting = {register.filters[name] for name in (*QUOTINGS, "verbatim_text", "days")}
    variables = [node for node in nodelist.get_nodes_by_type(VariableNode) if isinstance(node, VariableNode)]
    for expression in [node.filter_expression for node in variables]:
        if not expression.filters or expression.filters[-1][0] not in quoting:
            raise template.TemplateSyntaxError(f"{{{{ {expression.token} }}}} needs a quoting filter")


class StepNode(template.Node):
    """One step of the instructions; see `step`."""

    def __init__(self, nodelist: NodeList, name: str, title: FilterExpression) -> None:
        self.nodelist = nodelist
        self.name = name
        self.title = title

    def render(self, context: template.Context) -> SafeString:
        recorder: Recorder = context["recorder"]
        recorder.step = self.name
        recorder.steps.append(self.name)
        return render_to_string(
            "subscriptions/recipes/_step.html",
            {
                "id": f"{recorder.recipe.slug}-step-{self.name}",
                "number": None if self.name in REFERENCE_STEPS else len(recorder.steps),
                "title": self.title.resolve(context),
                "content": self.nodelist.render(context),
            },
        )


@register.tag
def step(parser: Parser, token: Token) -> StepNode:
    """`{% step register "Register" %}…{% endstep %}`: a step, and the name its blocks carry."""
    try:
        _, name, title = token.split_contents()
    except ValueError:
        raise template.TemplateSyntaxError("{% step %} takes a name and a title") from None
    nodelist = parser.parse(("endstep",))
    parser.delete_first_token()
    return StepNode(nodelist, name, parser.compile_filter(title))
