"""Reads PowerShell with a parser of the language, and a program's arguments as Windows and wacs.exe do."""

import re
from collections.abc import Iterator

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_powershell.language()))
_DOUBLED_QUOTE = re.compile("(['\u2018\u2019\u201a\u201b])['\u2018\u2019\u201a\u201b]")
# The grammar knows no option of a program with digits in its name, PowerShell does.
_OPTION_WITH_DIGITS = re.compile(r"(?<= )--[a-z]+\d+[a-z]*(?= )")


def parse(text: str) -> Node:
    """The syntax tree. Raises ValueError where the text is not PowerShell."""
    readable = _OPTION_WITH_DIGITS.sub(lambda found: re.sub(r"\d", "x", found[0]), text)
    root = _PARSER.parse(readable.encode()).root_node
    if root.has_error:
        raise ValueError(f"not PowerShell: {text}")
    return root


def commands(text: str) -> list[list[str]]:
    """The words of each command, those in parentheses as well; strings without their quotes, lists joined by commas."""
    return [_words(node) for node in _nodes(parse(text)) if node.type == "command"]


def value_of(command: list[str], parameter: str) -> str:
    """What stands after the parameter."""
    return command[command.index(parameter) + 1]


def windows_arguments(words: list[str]) -> list[str]:
    """What a program gets where PowerShell passes words on as they are, only with quotes around those with blanks."""
    line = " ".join(f'"{word}"' if re.search(r"\s", word) else word for word in words)
    arguments, current, in_quotes, started = [], "", False, False
    for backslashes, quote, blank, other in re.findall(r'(\\*)(?:(")|([ \t])|(.)|$)', line, re.DOTALL):
        if quote:
            current += "\\" * (len(backslashes) // 2)
            if len(backslashes) % 2:
                current += '"'
            else:
                in_quotes, started = not in_quotes, True
            continue
        current += backslashes
        if blank and not in_quotes:
            if current or started:
                arguments.append(current)
            current, started = "", False
            continue
        current += blank + other
    return [*arguments, current] if current or started else arguments


def wacs_options(arguments: list[str]) -> dict[str, str]:
    """The options as wacs.exe reads them: what begins with `-` or `/` is one, quotes around a value are dropped."""
    options: dict[str, str] = {}
    name = ""
    for argument in arguments:
        if argument[:1] in ("-", "/") and " " not in argument:
            name = argument.lstrip("-/")
            options[name] = ""
        else:
            is_quoted = len(argument) > 1 and argument[0] == argument[-1] == '"'
            options[name] += argument[1:-1] if is_quoted else argument
    return options


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _words(command: Node) -> list[str]:
    elements = [child for part in command.children if part.type == "command_elements" for child in part.children]
    return [
        _text(command.children[0]),
        *(_word(element) for element in elements if element.type != "command_argument_sep"),
    ]


def _word(element: Node) -> str:
    if any(node.type in ("parenthesized_expression", "hash_literal_expression") for node in _nodes(element)):
        return _text(element)
    strings = [node for node in _nodes(element) if node.type == "verbatim_string_characters"]
    return ",".join(_unquoted(_text(node)) for node in strings) if strings else _text(element)


def _unquoted(string: str) -> str:
    return _DOUBLED_QUOTE.sub(r"\1", string[1:-1])
