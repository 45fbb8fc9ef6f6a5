"""Everything that is asked of git. Each module owns one part of it, and git is run by ``call`` alone, or by
``wire`` where it talks to a remote.

Whose the repository is and whether it is at rest: ``repository``, ``settings``, ``pending``, ``locks``, ``make``,
``health``. What becomes of a change: ``history``, ``commit``, ``outside``. What was: ``past``, ``log``, ``objects``.
Other copies: ``remote``, ``place``, ``wire``, ``revisions``, ``clone``, ``driver``, ``conflicts``, ``bundle``. Erasing:
``purge``, ``refusal``, ``traces``, ``rewrite``, ``pack``, ``sweep``.
"""
