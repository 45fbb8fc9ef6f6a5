"""The table of verbs: which module has each, and its line in ``smos --help``. Help is printed without loading them."""

from __future__ import annotations

VERBS: dict[str, tuple[str, str]] = {
    "remember": ("remember", "Store a memory."),
    "recall": ("recall", "Find what was remembered, best first."),
    "forget": ("forget", "Put memories out of reach; they can be restored."),
    "restore": ("forget", "Bring forgotten memories back to where they were."),
    "erase": ("forget", "Delete memories for good, from the history too."),
    "show": ("show", "Print one memory, episode or note as its file has it."),
    "list": ("list", "List memories, newest first."),
    "tags": ("list", "List tags and how often each is used."),
    "edit": ("edit", "Change a memory: in $EDITOR, or by options."),
    "pin": ("edit", "Offer a memory in every conversation, or no longer."),
    "import": ("import_", "Bring in memories, transcripts or notes."),
    "learn": ("learn", "Make memories of conversations."),
    "queue": ("queue", "Show what waits to be learnt from; retry or drop it."),
    "export": ("export", "Write every memory as a line of JSON, oldest first."),
    "backup": ("backup", "Keep everything in one file, and bring it back."),
    "log": ("log", "Tell what was changed, when and by whom, newest first."),
    "diff": ("log", "Show what changed: since the last commit, in a memory, or by a commit."),
    "undo": ("undo", "Take back what the last command did, or a certain one."),
    "sync": ("sync", "Bring a vault and its copy elsewhere to the same state."),
    "join": ("sync", "Make a persona of a vault that is elsewhere, to sync with it."),
    "index": ("index", "Bring the index up to date with the files."),
    "status": ("status", "Say what there is, where it is, and how fresh the index is."),
    "audit": ("audit", "Check the record of what was changed, by whom and when."),
    "doctor": ("status", "Find what is wrong here, with a remedy for each."),
    "init": ("persona", "Make a home with a first persona; safe to run again."),
    "persona": ("persona", "Add, list, show, choose and remove personas."),
    "models": ("models", "List, pull, choose and check the models that play a role."),
    "config": ("config", "List, get and set the settings."),
    "demo": ("demo", "See it work in a throw-away home."),
}
"""Verb to (module of ``cli.commands``, help line), in the order in which help lists them."""
HIDDEN: dict[str, str] = {"merge-driver": "merge_driver"}
"""The same of what other programs call: not in the help."""
