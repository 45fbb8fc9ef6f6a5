"""What the manual says of model servers."""

from __future__ import annotations

MODEL_SERVERS = r""".SH "MODEL SERVERS"
A server that speaks OpenAI's HTTP API can play the role of any model, on this machine or elsewhere:
.PP
.nf
smos config set servers.local.url http://127.0.0.1:11434/v1
smos config set models.embedder local/nomic-embed-text
.fi
.PP
An embedder is asked at
.IR URL/embeddings ,
a reranker at
.IR URL/rerank ,
a judge and an extractor at
.IR URL/chat/completions .
The first slash of
.I SERVER/MODEL
divides the two.
.TP
.B Keys
.I servers.NAME.key
says where the key is and never holds it:
.B env:NAME
is a variable of the environment,
.B keyring:SERVICE/USER
an entry of the system's keyring
.RB ( "pip install 'smos\-cli[keyring]'" ,
.BR "keyring set SERVICE USER" ).
A key goes to the host of its server alone, no redirect is followed, and http:// is refused for a server with a key
that is not on this machine.
To point a server with a key at another host, take the key away first.
.TP
.B What is sent
Only texts in which secrets were redacted, to whichever server is set for a role, and to none by default.
With
.B models.offline
only servers on this machine (localhost, 127.0.0.0/8, ::1) are asked; they are asked past any proxy.
.TP
.B Failures
A server that has too much to do or fails is tried again, up to four times, after growing random waits and as
Retry-After asks, up to a minute; while somebody waits for
.BR "smos recall" ,
twice and up to two seconds.
All calls of one run share
.B models.calls
and
.BR models.tokens .
.TP
.B Sizes
.I servers.NAME.context
should be what the server gives a model, or prompts may be cut there unseen.
Setting
.I servers.NAME.dimensions
saves a call in each run that needs vectors.
"""
