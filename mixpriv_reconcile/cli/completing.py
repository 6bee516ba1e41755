"""Answers the scripts of `mixpriv completion`: the line typed so far comes in variables, what may follow goes to stdout.

One line an answer: its kind, a comma, the value. Kinds are `plain`, `unfinished` (no blank behind it), and `file` and `dir`,
for which the shell itself looks. Who answers is the `mixpriv` on PATH, whatever the line calls: what a foreign folder holds, such as
a `./mixpriv`, is not run before Enter.
"""

from __future__ import annotations

import os
import re

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from mixpriv_reconcile.cli.offered import COMPLETE_VARIABLE

__all__ = ["SHELLS", "answer", "script"]

PLAIN = re.compile(r"[A-Za-z0-9._=:/,+-]*")
"""What every shell takes as it stands; bash puts what is offered into the line without quotes."""

BASH = """\
# Completion of mixpriv in bash, 3.2 or later.
_mixpriv_completion() {
    local kind value IFS=$'\\n'
    local words="${COMP_WORDS[*]}"
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            unfinished) COMPREPLY+=("$value"); compopt -o nospace 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            dir) compopt -o dirnames 2>/dev/null ;;
        esac
    done < <(_MIXPRIV_COMPLETE=bash _MIXPRIV_WORDS="$words" _MIXPRIV_CURSOR=$COMP_CWORD command mixpriv 2>/dev/null)
}
complete -o nosort -F _mixpriv_completion mixpriv 2>/dev/null || complete -F _mixpriv_completion mixpriv
"""

ZSH = """\
#compdef mixpriv
# Completion of mixpriv in zsh; as a file _mixpriv in $fpath, or sourced after compinit.
_mixpriv() {
    local line kind value
    local -a plain unfinished
    local text=${(pj:\\n:)words}
    compset -P '*='
    for line in ${(f)"$(_MIXPRIV_COMPLETE=zsh _MIXPRIV_WORDS=$text _MIXPRIV_CURSOR=$((CURRENT - 1)) command mixpriv 2>/dev/null)"}; do
        kind=${line%%,*} value=${line#*,}
        case $kind in
            plain) plain+=("$value") ;;
            unfinished) unfinished+=("$value") ;;
            file) _files ;;
            dir) _files -/ ;;
        esac
    done
    (( $#plain )) && compadd -a plain
    (( $#unfinished )) && compadd -S '' -a unfinished
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _mixpriv "$@"
else
    compdef _mixpriv mixpriv
fi
"""

FISH = """\
# Completion of mixpriv in fish, 3.1 or later.
function __mixpriv_completion
    set -l token (commandline -ct)
    set -l before (commandline -opc)
    set -lx _MIXPRIV_COMPLETE fish
    set -lx _MIXPRIV_WORDS (string join \\n -- $before "$token" | string collect -N)  # the empty word behind a blank is kept
    set -lx _MIXPRIV_CURSOR (count $before)
    for line in (command mixpriv 2>/dev/null)
        set -l answer (string split -m 1 , -- $line)
        set -l behind (string match -r '^.*=' -- "$token")
        switch $answer[1]
            case plain unfinished
                echo -- "$behind$answer[2]"
            case file
                for path in (__fish_complete_path $answer[2])
                    echo -- "$behind$path"
                end
            case dir
                for path in (__fish_complete_directories $answer[2])
                    echo -- "$behind$path"
                end
        end
    end
end
complete --command mixpriv --no-files --arguments '(__mixpriv_completion)'
"""

SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
"""Each shell's script."""


def script(shell: str) -> str:
    """The script that *shell* is to source."""
    return SHELLS[shell]


def answer(group: click.Command) -> None:
    """Print what may stand at the cursor of the line in _MIXPRIV_WORDS (words, one a line) and _MIXPRIV_CURSOR (the cursor's, from 0).

    Values are what follows the last `=` of the cursor's word. Whatever goes wrong, nothing is offered and nothing is said: a person is
    in the middle of typing.
    """
    try:
        before, word = typed(os.environ["_MIXPRIV_WORDS"], int(os.environ["_MIXPRIV_CURSOR"]), os.environ.get(COMPLETE_VARIABLE, ""))
        found = ShellComplete(group, {}, "mixpriv", COMPLETE_VARIABLE).get_completions(before, word)
        fit = (item for item in found if item.type in ("file", "dir") or PLAIN.fullmatch(str(item.value)))
        click.echo("".join(f"{item.type},{_behind(item, word)}\n" for item in fit), nl=False)
    except Exception:
        return


def typed(words: str, cursor: int, shell: str) -> tuple[list[str], str]:
    """The arguments before the cursor's word, and that word, from *words*, one a line, the program's name first."""
    lines = words.split("\n")
    if shell == "fish":  # has taken the quotes off already
        read = lines[1 : cursor + 1]
    else:
        read = [" ".join(split_arg_string(line)) for line in lines[1 : cursor + 1]]
    if shell == "bash":
        read = joined(read)
    return read[:-1], read[-1] if read else ""


def joined(words: list[str]) -> list[str]:
    """*words* with those put together again that bash has divided at `=`."""
    found: list[str] = []
    is_open = False
    for word in words:
        if found and (word == "=" or is_open):
            found[-1] += word
        else:
            found.append(word)
        is_open = word == "="
    return found


def _behind(item: CompletionItem, word: str) -> str:
    """The item's value without what stands before the last `=` of *word*, which is there already."""
    before = word[: word.rfind("=") + 1]
    value = str(item.value)
    return value.removeprefix(before) if before else value
