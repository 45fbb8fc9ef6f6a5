"""What clients put around a person's words between tags: reminders, commands and their output, files, settings.

Owns which tags clients use for that, and when one is meant. A tag counts where it begins a line and its end is there,
or nothing else stands on its line; inside code and in the middle of a sentence it is only mentioned, and stays. What a
client wraps a person's own words in is taken off, and the words stay to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from smos_cli.core.fences import fence_at

_TAGS = str.split(
    """
    system-reminder system_reminder command-name command-message command-args command-contents
    local-command-stdout local-command-stderr local-command-caveat bash-input bash-stdout bash-stderr
    user-prompt-submit-hook session-start-hook task-notification fork-boilerplate user-memory-input
    new-diagnostics environment_context user_instructions codex_internal_context permissions_instructions
    collaboration_mode turn_aborted subagent_notification goal_context recommended_plugins apps_instructions
    skills_instructions plugins_instructions personality_spec token_budget model_switch realtime_conversation
    user_shell_command external_codex_apps heartbeat instructions skill environment_details
    explicit_instructions file_content folder_content custom_instructions attached_files attached_file
    open_and_recently_viewed_files open_files current_file recently_viewed_files user_info project_layout
    git_status linter_errors terminal_selection terminal_output additional_data edited_files agent_skills
    agent_requestable_workspace_rules always_applied_workspace_rules user_rules cursor_rules_context
    rules_context external_links image_files manually_added_selection attachments attachment editorcontext
    reminderinstructions environment_info workspace_info modeinstructions tooluseinstructions
    conversation-summary conversation_summary user_information workspace_information additional_metadata
    ephemeral_message artifact_formatting_guidelines session_context state_snapshot hook_context info-msg
    tool_response function_results function_calls memories memory-context memory_context claude-mem-context
    supermemory-context relevant_memories relevant-memories user_memories persistent_memory recalled_memories
    """
)
_WRAPPERS = ("user_query", "userrequest", "user_request", "user_message", "user-message", "feedback", "task")
"""Tags that a client puts around what the person said."""

_NAMES = "|".join(
    sorted(map(re.escape, (*_TAGS, *_WRAPPERS, "memory", "permissions instructions")), key=len, reverse=True)
)
LESS, MORE = r"(?:<|&lt;|\\u003c|＜)", r"(?:>|&gt;|\\u003e|＞)"
_TAG = re.compile(
    rf"{LESS}(?P<end>\\?/)?(?P<name>{_NAMES})(?P<more>(?:[ \t][^<>\r\n]{{0,300}}?)?/?)\\?{MORE}"
    r"|(?P<fence>^[ \t]*+(?:`{3,}|~{3,}))|(?P<code>`+)",
    re.IGNORECASE | re.MULTILINE,
)
_AFTER_END = re.compile(rf"{LESS}\\?/[\w -]{{1,40}}\\?{MORE}$")
_MENTION = 80
"""Characters between two tags on one line of a sentence up to which they are an example in it."""


class Span(NamedTuple):
    """A part of a text."""

    start: int
    end: int


def tagged(text: str) -> Iterator[Span]:
    """Yield what stands between tags, the tags that wrap a person's words, and ends whose beginning was cut off."""
    if "<" not in text and "&lt;" not in text and "\\u003c" not in text and "＜" not in text:
        return
    scan = _Scan(text)
    while (match := _TAG.search(text, scan.place)) is not None:
        scan.place = match.end()
        if match["name"] is None:
            scan.place = scan.after_code(match)
        elif match["name"].lower() == "memory" or match["name"] == "instructions":
            continue  # the first is looked for by what it says; the second is a person's, unless it shouts
        elif match["end"]:
            yield from _ends(text, match)
        elif (end := scan.end_of(match)) is not None:
            yield from end


class _Scan:
    """A way through a text, and what it will not meet any more, so that no end is looked for twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.place = 0
        self._missing: set[str] = set()
        self._next: dict[str, re.Match[str]] = {}

    def after_code(self, match: re.Match[str]) -> int:
        """Return the place after code; a fence or tick that nothing closes is none."""
        text = self._text
        if match["fence"] is not None:
            mark = fence_at(text, match.end() - len(match["fence"].lstrip()))
            if not mark or mark in self._missing:
                return match.end()
            closing = re.compile(rf"^[ \t]*+{mark[0]}{{{len(mark)},}}+[ \t]*+\r?$", re.MULTILINE).search(
                text, match.end()
            )
            if closing is None:
                self._missing.add(mark)
                return match.end()
            return closing.end()
        ticks = match["code"]
        paragraph = text.find("\n\n", match.end(), match.end() + 1000)
        limit = paragraph if paragraph >= 0 else min(len(text), match.end() + 1000)
        end = text.find(ticks, match.end(), limit)
        return end + len(ticks) if end >= 0 else match.end()

    def end_of(self, match: re.Match[str]) -> list[Span] | None:
        """Return what goes with an opening tag; None where it is only mentioned."""
        text, name = self._text, match["name"].lower()
        wraps = name in _WRAPPERS
        begins = _begins_line(text, match.start())
        find = self._nearest if wraps else self._closing
        closing = None if match["more"].endswith("/") else find(name, match.end())
        if closing is None:
            if match["more"].endswith("/") or wraps or not begins or not _ends_line(text, match.end()):
                return None
            self.place = len(text)
            return [Span(match.start(), len(text))]
        inner = text[match.end() : closing.start()]
        if not begins and "\n" not in inner and (wraps or len(inner) < _MENTION):
            return None
        if wraps:
            return [_trim_open(text, match), _trim_close(text, closing)]
        self.place = closing.end()
        return [Span(line_begin(text, match.start()), _line_end(text, closing.end()))]

    def _nearest(self, name: str, start: int) -> re.Match[str] | None:
        known = self._next.get(name)
        if known is None or known.start() < start:
            known = None if name in self._missing else _tags_of(name, "\\\\?/").search(self._text, start)
            if known is None:
                self._missing.add(name)
                return None
            self._next[name] = known
        return known

    def _closing(self, name: str, start: int) -> re.Match[str] | None:
        """Return the end of a tag, past those of the same name inside it."""
        if name in self._missing:
            return None
        depth, last = 1, None
        for tag in _tags_of(name, "(?P<end>\\\\?/)?").finditer(self._text, start):
            depth += -1 if tag["end"] else 1
            last = tag if tag["end"] else last
            if depth == 0:
                return tag
        if last is None:
            self._missing.add(name)
        return last


@cache
def _tags_of(name: str, end: str) -> re.Pattern[str]:
    return re.compile(rf"{LESS}{end}{re.escape(name)}(?=[ \t/>&\\＞])[^<>\r\n]{{0,300}}?{MORE}", re.IGNORECASE)


def _ends(text: str, match: re.Match[str]) -> Iterator[Span]:
    """Yield an end whose beginning was cut off, with the paragraph before it, if it stands alone on its line."""
    name = match["name"].lower()
    if name in _WRAPPERS or not _begins_line(text, match.start()) or not _ends_line(text, match.end()):
        return
    start = text.rfind("\n\n", 0, match.start())
    yield Span(start + 2 if start >= 0 else 0, _line_end(text, match.end()))


def _begins_line(text: str, place: int) -> bool:
    """Say whether nothing but space and quote marks, or the end of another block, stands before a place on its line."""
    before = text[max(text.rfind("\n", 0, place) + 1, place - 200) : place].strip(" \t\r>")
    return not before or bool(_AFTER_END.search(text[max(0, place - 60) : place].rstrip()))


def _ends_line(text: str, place: int) -> bool:
    return not text[place : end_of_line(text, place)].strip()


def end_of_line(text: str, place: int) -> int:
    """Return the place of the end of a line, before what ends it."""
    end = text.find("\n", place)
    return end if end >= 0 else len(text)


def line_begin(text: str, place: int) -> int:
    """Return the beginning of a line if only space and quote marks stand before a place on it."""
    start = text.rfind("\n", 0, place) + 1
    return start if not text[start:place].strip(" \t>") else place


def _line_end(text: str, place: int) -> int:
    """Return the place after the end of a line if only space stands behind a place on it."""
    end = text.find("\n", place)
    stop = end + 1 if end >= 0 else len(text)
    return stop if not text[place:stop].strip() else place


def _trim_open(text: str, match: re.Match[str]) -> Span:
    return Span(line_begin(text, match.start()), _line_end(text, match.end()))


def _trim_close(text: str, match: re.Match[str]) -> Span:
    start = match.start()
    return Span(start - 1 if text[start - 1 : start] == "\n" else start, _line_end(text, match.end()))
