"""Secrets that are told by their own shape: what services put in front of their keys, private keys, addresses.

Owns the table of shapes. A shape is looked for only where one of its marks stands in the text, and none gives back
what it took, so that a hostile line costs no more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from smos_cli.core.secrets.values import SURE, Secret, entropy, is_made_of_words


class Shape(NamedTuple):
    """One kind of secret; the group ``s`` of its pattern is the secret, else all of it."""

    kind: str
    marks: tuple[str, ...]
    """texts one of which any match holds"""
    pattern: str


_L = r"(?<![A-Za-z0-9_\-])"
_E = r"(?![A-Za-z0-9_\-])"


def _token(kind: str, *marks: str, body: str, lead: str = "") -> Shape:
    """Return the shape of what begins with one of some marks and goes on with ``body``."""
    begins = lead or "|".join(map(re.escape, marks))
    return Shape(kind, marks, rf"{_L}(?:{begins}){body}{_E}")


_W = r"[A-Za-z0-9_\-]"
_A = r"[A-Za-z0-9]"
_H = r"[0-9a-fA-F]"

SHAPES = (
    Shape(
        "aws-access-key",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        r"(?<![A-Za-z0-9+/])A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9+/=])",
    ),
    _token("github-token", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", body=rf"{_A}{{36,255}}+"),
    _token("github-token", "github_pat_", body=r"\w{30,255}+"),
    _token(
        "gitlab-token",
        "glpat-",
        "gldt-",
        "glptt-",
        "glrt-",
        "glsoat-",
        "glcbt-",
        "gloas-",
        "glft-",
        "glimt-",
        "glagent-",
        body=r"[A-Za-z0-9_\-.]{20,300}+",
    ),
    _token(
        "slack-token",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xoxr-",
        "xoxs-",
        "xoxo-",
        "xoxe-",
        "xoxe.",
        "xapp-",
        "xoxc-",
        "xoxd-",
        body=r"[A-Za-z0-9_\-%]{10,400}+",
    ),
    Shape(
        "slack-webhook",
        ("hooks.slack.com/",),
        r"(?:https?://)?hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_\-]{20,200}+",
    ),
    _token(
        "stripe-key", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_", "rk_prod_", body=rf"{_A}{{10,250}}+"
    ),
    Shape("webhook-secret", ("whsec_",), rf"{_L}whsec_[A-Za-z0-9+/=_\-]{{24,200}}+"),
    _token("anthropic-key", "sk-ant-", body=rf"{_W}{{20,300}}+"),
    _token("openrouter-key", "sk-or-", body=rf"{_W}{{30,200}}+"),
    Shape(
        "openai-key",
        ("sk-",),
        rf"{_L}sk-(?:(?:proj|svcacct|admin|None)-{_W}{{20,300}}+"
        rf"|(?=[A-Za-z\-_]{{0,80}}+[0-9])(?=[a-z0-9\-_]{{0,80}}+[A-Z]){_W}{{32,300}}+|{_A}{{32,120}}+){_E}",
    ),
    Shape("google-key", ("AIza",), rf"{_L}AIza{_W}{{35}}{_E}"),
    _token("google-client-secret", "GOCSPX-", body=rf"{_W}{{20,60}}+"),
    Shape("google-token", ("ya29.",), r"(?<![A-Za-z0-9_\-])ya29\.[A-Za-z0-9_\-]{20,2000}+"),
    Shape("google-token", ("1//0",), rf"{_L}1//0{_W}{{30,200}}+"),
    Shape(
        "azure-storage-key",
        ("AccountKey=", "SharedAccessKey=", "accountkey="),
        r"(?:[Aa]ccount[Kk]ey|SharedAccessKey)=(?P<s>[A-Za-z0-9+/]{40,100}+={0,2})",
    ),
    Shape("azure-sas", ("sig=",), r"[?&;]sig=(?P<s>[A-Za-z0-9%+/_\-]{30,200}+={0,2})"),
    Shape("aws-signature", ("X-Amz-Signature=",), rf"X-Amz-Signature=(?P<s>{_H}{{64}})"),
    Shape(
        "azure-client-secret",
        ("Q~",),
        r"(?<![A-Za-z0-9_~.\-])[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.\-]{31,34}(?![A-Za-z0-9_~.\-])",
    ),
    _token("npm-token", "npm_", body=rf"{_A}{{36}}"),
    _token("pypi-token", "pypi-", body=rf"{_W}{{50,1000}}+"),
    _token("rubygems-key", "rubygems_", body=rf"{_H}{{48}}"),
    _token("docker-token", "dckr_pat_", "dckr_oat_", body=rf"{_W}{{20,100}}+"),
    Shape("twilio-key", ("SK",), rf"(?<![A-Za-z0-9+/_\-])SK{_H}{{32}}(?![A-Za-z0-9+/=_\-])"),
    Shape("sendgrid-key", ("SG.",), rf"(?<![A-Za-z0-9_.\-])SG\.{_W}{{16,64}}+\.{_W}{{16,64}}+"),
    Shape("mailgun-key", ("key-",), rf"{_L}key-{_H}{{32}}{_E}"),
    Shape("mailchimp-key", ("-us",), rf"{_L}{_H}{{32}}-us[0-9]{{1,2}}{_E}"),
    Shape(
        "jwt",
        ("eyJ",),
        r"(?<![A-Za-z0-9_\-+/.])eyJ[A-Za-z0-9_\-]{8,4000}+\.eyJ[A-Za-z0-9_\-]{4,16000}+\.[A-Za-z0-9_\-]{10,4000}+",
    ),
    Shape("telegram-token", (":AA",), rf"(?<![A-Za-z0-9_\-:])[0-9]{{8,11}}:AA{_W}{{32,34}}{_E}"),
    Shape("telegram-token", ("/bot",), rf"/bot(?P<s>[0-9]{{8,11}}:{_W}{{30,40}}+)"),
    Shape("telegram-token", (":",), rf"(?<![A-Za-z0-9_\-:])[0-9]{{9,10}}:{_W}{{35}}{_E}"),
    Shape("discord-token", ("M", "N", "O"), rf"(?<![A-Za-z0-9_\-.])[MNO]{_W}{{22,27}}+\.{_W}{{6}}\.{_W}{{27,45}}+{_E}"),
    Shape(
        "discord-webhook",
        ("/api/webhooks/",),
        rf"https?://[a-z.]{{0,20}}discord(?:app)?\.com/api/webhooks/[0-9]{{10,25}}/{_W}{{50,100}}+",
    ),
    Shape(
        "teams-webhook", ("webhook.office.com/",), r"https?://[a-z0-9\-]{1,60}\.webhook\.office\.com/[\w@./\-]{40,300}+"
    ),
    _token("huggingface-token", "hf_", "api_org_", body=rf"{_A}{{30,60}}+"),
    _token("replicate-token", "r8_", body=rf"{_A}{{37}}"),
    _token("groq-key", "gsk_", body=rf"{_A}{{40,80}}+"),
    _token("xai-key", "xai-", body=rf"{_A}{{60,100}}+"),
    _token("perplexity-key", "pplx-", body=rf"{_A}{{40,80}}+"),
    _token("databricks-token", "dapi", body=rf"{_H}{{32}}(?:-[0-9])?"),
    _token("digitalocean-token", "dop_v1_", "doo_v1_", "dor_v1_", body=rf"{_H}{{64}}"),
    _token("shopify-token", "shpat_", "shpca_", "shppa_", "shpss_", body=rf"{_H}{{32}}"),
    _token("square-token", "sq0atp-", "sq0csp-", "sq0idp-", body=rf"{_W}{{22,60}}+"),
    Shape("facebook-token", ("EAA",), rf"(?<![A-Za-z0-9+/_\-])EAA[A-Z]{_A}{{90,300}}+(?![A-Za-z0-9+/=_\-])"),
    _token("linear-key", "lin_api_", "lin_oauth_", body=rf"{_A}{{32,80}}+"),
    _token("notion-token", "ntn_", body=rf"{_A}{{40,60}}+"),
    Shape("notion-token", ("secret_",), rf"{_L}secret_{_A}{{43}}{_E}"),
    _token("figma-token", "figd_", body=rf"{_W}{{40,60}}+"),
    Shape("airtable-token", ("pat",), rf"{_L}pat{_A}{{14}}\.{_H}{{64}}{_E}"),
    _token("atlassian-token", "ATATT3", "ATCTT3", "ATBB", body=r"[A-Za-z0-9_\-=]{20,300}+"),
    _token("postman-key", "PMAK-", body=rf"{_H}{{24}}-{_H}{{34}}"),
    _token("newrelic-key", "NRAK-", "NRJS-", "NRII-", body=rf"{_W}{{19,40}}+"),
    _token("grafana-token", "glsa_", "glc_", body=r"[A-Za-z0-9+/_=]{32,400}+"),
    _token("sentry-token", "sntrys_", "sntryu_", body=r"[A-Za-z0-9+/_=]{40,400}+"),
    Shape("doppler-token", ("dp.",), r"(?<![A-Za-z0-9_.\-])dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._\-]{40,100}+"),
    _token("pulumi-token", "pul-", body=rf"{_H}{{40}}"),
    _token("planetscale-token", "pscale_tkn_", "pscale_pw_", "pscale_oauth_", body=r"[\w.=\-]{32,100}+"),
    _token("age-key", "AGE-SECRET-KEY-1", body=r"[A-Z0-9]{58}"),
    _token("supabase-token", "sbp_", "sb_secret_", body=rf"{_W}{{30,80}}+"),
    _token("netlify-token", "nfp_", "nfc_", body=rf"{_A}{{36,60}}+"),
    _token("tailscale-key", "tskey-", body=rf"{_W}{{20,120}}+"),
    _token("heroku-key", "HRKU-", body=rf"{_W}{{36,80}}+"),
    _token("alibaba-key", "LTAI", body=rf"{_A}{{16,24}}"),
    _token("vault-token", "hvs.", "hvb.", "hvr.", body=rf"{_W}{{24,300}}+"),
    Shape(
        "vault-token",
        ("s.",),
        r"(?<![A-Za-z0-9_.])s\.(?=[A-Za-z]*+[0-9])(?=[a-z0-9]*+[A-Z])[A-Za-z0-9]{24}(?![A-Za-z0-9_.])",
    ),
    Shape("facebook-token", ("|",), r"(?<![0-9])[0-9]{15,16}\|[A-Za-z0-9_\-]{27}(?![A-Za-z0-9_\-])"),
    _token("sourcegraph-token", "sgp_", body=rf"(?:[A-Za-z0-9]{{1,20}}_)?{_H}{{40}}"),
    Shape("aws-bedrock-key", ("ABSK",), r"(?<![A-Za-z0-9+/])ABSK[A-Za-z0-9+/]{100,200}+={0,2}"),
    Shape("terraform-token", (".atlasv1.",), rf"{_L}{_A}{{14}}\.atlasv1\.[A-Za-z0-9_=\-]{{60,80}}+"),
    _token("dynatrace-token", "dt0c01.", "dt0s16.", body=r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _token("artifactory-key", "AKCp", body=rf"{_A}{{60,80}}+"),
    _token("1password-token", "ops_eyJ", body=r"[A-Za-z0-9+/=_\-]{100,4000}+"),
    Shape("cloudflare-key", ("v1.0-",), rf"{_L}v1\.0-{_H}{{24}}-{_H}{{146}}{_E}"),
    Shape("fly-token", ("FlyV1 ", "fm2_"), r"(?:FlyV1 )?(?<![A-Za-z0-9_\-])fm[12]a?_[A-Za-z0-9+/=,_\-]{60,3000}+"),
    Shape(
        "aws-session-token",
        ("IQoJb3JpZ2lu", "FwoGZXIvYXdz"),
        r"(?<![A-Za-z0-9+/])(?:IQoJb3JpZ2lu|FwoGZXIvYXdz)[A-Za-z0-9+/]{60,4000}+={0,2}",
    ),
)

_LONG = re.compile(r"(?<![A-Za-z0-9_\-+/.=:%~])[A-Za-z0-9_\-+/.=:%~]{18,}+")
"""A word that is long enough for any of them; few sentences have one."""
_PRIVATE = re.compile(r"-{5}BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-{5}")
_PRIVATE_END = re.compile(r"-{5}END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-{5}")
_KEY_LINES = re.compile(r"(?:(?:\\[rn]|[\s\"',+>|])*+[A-Za-z0-9+/=]{16,}+)*+")
"""What follows where a private key is cut off: lines of base64, also with escaped ends."""
_LONGEST_KEY = 20_000
_PUTTY = re.compile(r"Private-Lines: [0-9]{1,3}\r?\n(?P<s>(?:[A-Za-z0-9+/=]{4,80}+(?:\r?\n|\Z))+)")

_USERINFO = re.compile(
    r"(?<![A-Za-z0-9+.\-])(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]{1,30}+)://"
    r"(?P<user>[^\s:@/?#\"'`<>]{0,128}+):(?P<s>[^\s@/?#\"'`<>]{1,256}+(?:@[^\s@/?#\"'`<>]{1,64}+(?=@))?)@(?=[\w\[.\-])"
)
_USERINFO_SLASHED = re.compile(
    r"(?<![A-Za-z0-9+.\-])(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?)(?:\+[a-z0-9]{1,20})?://"
    r"[^\s:@/?#\"'`<>]{0,128}+:(?P<s>(?![0-9]{1,5}/)[^\s@\"'`<>]{1,256}+)@(?=[\w\[.\-])"
)
_LONE_USER = re.compile(r"https?://(?P<s>[A-Za-z0-9_\-]{20,255}+)@(?=[\w.\-])")
_SCHEMES = {
    **dict.fromkeys(
        ("postgres", "postgresql", "mysql", "mariadb", "mssql", "sqlserver", "oracle"), "connection-string"
    ),
    **dict.fromkeys(("mongodb", "redis", "rediss", "amqp", "amqps", "clickhouse", "snowflake"), "connection-string"),
}
_NO_PASSWORD = re.compile(
    r"(?i)(?:pass(?:word|wd)?|pwd|secret|token|user(?:name)?|key|x{3,}|\*+|\.{3,}|…|changeme|example"
    r"|your[-_]?\w*|\w*_here)"
    r"|[$<{\[%(].*|.*[}>\])]"
)


def known_secrets(text: str) -> Iterator[Secret]:
    """Yield the secrets of a text that are told by their shape, in any order."""
    if _LONG.search(text):
        yield from _shaped(text)
    if "PRIVATE KEY" in text:
        yield from _private_keys(text)
    if "Private-Lines: " in text:
        yield from (_secret("private-key", match) for match in _PUTTY.finditer(text))
    if "://" in text and "@" in text:
        yield from _addresses(text)


def _shaped(text: str) -> Iterator[Secret]:
    for number, shape in enumerate(SHAPES):
        if any(mark in text for mark in shape.marks):
            for match in _compiled(number).finditer(text):
                if not match.group().endswith("EXAMPLE") and not _is_filler(match.group()):
                    yield _secret(shape.kind, match)


@cache
def _compiled(number: int) -> re.Pattern[str]:
    return re.compile(SHAPES[number].pattern)


def _secret(kind: str, match: re.Match[str]) -> Secret:
    group = "s" if "s" in match.re.groupindex else 0
    return Secret(kind, match.start(group), match.end(group), SURE)


def _is_filler(value: str) -> bool:
    """Say whether what has the shape of a secret only shows the shape: ``ghp_xxxxxxxx``."""
    return entropy(value[-24:]) < 2.2 or "xxxxxx" in value.lower() or is_made_of_words(value)


def _private_keys(text: str) -> Iterator[Secret]:
    ends = _PRIVATE_END.finditer(text)
    end = next(ends, None)
    place = 0
    while begin := _PRIVATE.search(text, place):
        while end and end.start() < begin.end():
            end = next(ends, None)
        # An end that is far away is that of another key; one that is cut off has none.
        near = end is not None and end.start() - begin.end() <= _LONGEST_KEY
        place = end.end() if end and near else _cut_off(text, begin.end())
        if place > begin.end():
            yield Secret("private-key", begin.start(), place)


def _cut_off(text: str, start: int) -> int:
    found = _KEY_LINES.match(text, start, start + _LONGEST_KEY)
    return found.end() if found else start


def _addresses(text: str) -> Iterator[Secret]:
    for match in _USERINFO.finditer(text):
        kind = _SCHEMES.get(match["scheme"].lower().partition("+")[0], "url-password")
        if len(match["s"]) >= (4 if kind == "url-password" else 3) and not _NO_PASSWORD.fullmatch(match["s"]):
            yield _secret(kind, match)
    for match in _USERINFO_SLASHED.finditer(text):
        if not _NO_PASSWORD.fullmatch(match["s"]):
            yield _secret("connection-string", match)
    for match in _LONE_USER.finditer(text):
        if entropy(match["s"]) >= 3.5 and any(map(str.isdigit, match["s"])):
            yield _secret("url-password", match)
