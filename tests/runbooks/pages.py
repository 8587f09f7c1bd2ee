"""What a page tells its reader to type: each command as words, from blocks, lines and `code` in the text."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCED = re.compile(r"^( *)```[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^(?: {4,}|\t)[^\n]*\n)+", re.MULTILINE)
INLINE = re.compile(r"`([^`]+)`")
NESTED = re.compile(r"\$\(((?:[^()'\"]|'[^']*'|\"[^\"]*\"|\([^()]*\))*)\)")
ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*")
BEFORE = {"{", "!", "(", "if", "then", "else", "do", "while", "until", "export", "time", "exec"}
"""Words of the shell that a command may come after."""
ANSWER = "$ANSWER"
"""What stands where a command's answer is put in."""


@dataclass(frozen=True, slots=True)
class Command:
    """The words of one command, and the page that has it."""

    page: str
    words: tuple[str, ...]
    inline: bool
    """Whether it stands in a sentence, where it may be no more than the name of a command."""

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def commands(page: Path) -> list[Command]:
    """All of them; what is no command is among them too, as one that nobody looks for."""
    text = page.read_text()
    return [
        Command(page.name, words, inline)
        for inline, scripts in ((False, _blocks(text)), (True, _spans(text)))
        for script in scripts
        for words in split(script)
    ]


def split(script: str) -> Iterator[tuple[str, ...]]:
    """Those inside `$(…)` come first."""
    script = script.replace("\\\n", " ")
    while match := NESTED.search(script):
        yield from split(match[1])
        script = script[: match.start()] + ANSWER + script[match.end() :]
    for line in _logical_lines(script):
        words: list[str] = []
        for word in _words(line):
            if word and set(word) <= set(";|&()<>"):
                yield from _command(words)
                words = []
            else:
                words.append(word)
        yield from _command(words)


def _logical_lines(script: str) -> Iterator[str]:
    """A quotation may go over several."""
    line = ""
    for part in script.splitlines():
        line = f"{line}\n{part}" if line else part
        try:
            _words(line)
        except ValueError:
            continue
        yield line
        line = ""


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&()<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    return list(lexer)


def _command(words: list[str]) -> Iterator[tuple[str, ...]]:
    while words and (words[0] in BEFORE or ASSIGNED.fullmatch(words[0])):
        words = words[1:]
    if "#" in words:
        words = words[: words.index("#")]
    if words:
        yield tuple(words)


def _blocks(text: str) -> Iterator[str]:
    yield from (match[2] for match in FENCED.finditer(text))
    yield from (match[0] for match in INDENTED.finditer(FENCED.sub("\n", text)))


def _spans(text: str) -> Iterator[str]:
    prose = INDENTED.sub("\n", FENCED.sub("\n", text))
    yield from (" ".join(match[1].split()) for match in INLINE.finditer(prose))
