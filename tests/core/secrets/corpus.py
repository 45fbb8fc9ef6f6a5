"""Secrets and ordinary lines, made at run time: no string that looks like a secret stands in the repository."""

from __future__ import annotations

import string
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha1, sha256, sha512
from random import Random
from typing import NamedTuple

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


class Line(NamedTuple):
    """A line, and the secret in it; an ordinary one has none."""

    text: str
    secret: str = ""
    kind: str = ""


class Maker:
    """Makes secrets and lines from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def of(self, length: int, alphabet: str = LETTERS) -> str:
        """Return random characters; the first three are a small letter, a capital and a digit where it has them."""
        first = [self._random.choice([c for c in alphabet if c in group] or alphabet) for group in _GROUPS]
        return "".join([*first, *(self._random.choice(alphabet) for _ in range(length - 3))])

    def pick(self, *choices: str) -> str:
        return self._random.choice(choices)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def shuffle(self, lines: list[Line]) -> list[Line]:
        self._random.shuffle(lines)
        return lines

    def uuid(self) -> str:
        return "-".join(self.of(size, HEX) for size in (8, 4, 4, 4, 12))


_GROUPS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_CAPITALS = string.ascii_uppercase + string.digits
_SYMBOLS = LETTERS + "!@#%^*-_+=?"


def _jwt(make: Maker) -> str:
    parts = (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"%d"}' % make.number(10**8, 10**9), make.bytes(32))
    return ".".join(b64encode(part, b"-_").decode().rstrip("=") for part in parts)


def _pem(make: Maker, kind: str) -> str:
    body = b64encode(make.bytes(600)).decode()
    lines = [body[place : place + 64] for place in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"])


SECRETS: dict[str, Callable[[Maker], str]] = {
    "aws-access-key": lambda make: "AKIA" + make.of(16, string.ascii_uppercase + "234567"),
    "aws-secret-key": lambda make: make.of(40, LETTERS + "/+"),
    "github-token": lambda make: make.pick("ghp_", "gho_", "ghs_") + make.of(36),
    "github-fine": lambda make: f"github_pat_{make.of(22)}_{make.of(59)}",
    "gitlab-token": lambda make: "glpat-" + make.of(20, LETTERS + "_-"),
    "slack-token": lambda make: f"xoxb-{make.number(10**10, 10**11)}-{make.number(10**11, 10**12)}-{make.of(24)}",
    "slack-webhook": lambda make: (
        f"https://hooks.slack.com/services/T{make.of(9, _CAPITALS)}/B{make.of(9, _CAPITALS)}/{make.of(24)}"
    ),
    "stripe-key": lambda make: make.pick("sk_live_", "rk_live_", "sk_test_") + make.of(24),
    "openai-key": lambda make: make.pick(
        f"sk-{make.of(20)}T3BlbkFJ{make.of(20)}", f"sk-proj-{make.of(64, LETTERS + '_-')}"
    ),
    "anthropic-key": lambda make: f"sk-ant-api03-{make.of(93, LETTERS + '_-')}AA",
    "google-key": lambda make: "AIza" + make.of(35, LETTERS + "_-"),
    "google-client-secret": lambda make: "GOCSPX-" + make.of(28, LETTERS + "_-"),
    "azure-storage-key": lambda make: b64encode(make.bytes(64)).decode(),
    "npm-token": lambda make: "npm_" + make.of(36),
    "pypi-token": lambda make: "pypi-AgEIcHlwaS5vcmc" + make.of(120, LETTERS + "_-"),
    "twilio-key": lambda make: "SK" + make.of(32, HEX),
    "sendgrid-key": lambda make: f"SG.{make.of(22, LETTERS + '_-')}.{make.of(43, LETTERS + '_-')}",
    "jwt": _jwt,
    "pem": lambda make: _pem(
        make, make.pick("RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY")
    ),
    "pgp": lambda make: _pem(make, "PGP PRIVATE KEY BLOCK"),
    "huggingface-token": lambda make: "hf_" + make.of(34, string.ascii_letters),
    "telegram-token": lambda make: f"{make.number(10**9, 10**10 - 1)}:AA{make.of(33, LETTERS + '_-')}",
    "discord-token": lambda make: f"M{make.of(25)}.{make.of(6)}.{make.of(38, LETTERS + '_-')}",
    "password": lambda make: make.of(14, _SYMBOLS),
    "url-password": lambda make: make.of(14),
    "bearer": lambda make: make.of(40, LETTERS + "-_"),
    "basic": lambda make: b64encode(b"bob:" + make.bytes(6).hex().encode()).decode(),
    "api-key": lambda make: make.pick(make.of(32), make.of(32, HEX)),
    "near": lambda make: make.of(40),
}
"""Kinds of secrets; those that have no shape of their own are told by the lines they stand in."""

_SHAPED = (
    "deploy with {} from tomorrow on",
    "curl -H 'X-Token: {}' https://api.internal/v1/jobs",
    "I put {} into the settings, it works now",
    'config = {{"value": "{}", "retries": 3}}',
    "{}",
    "KEY={}",
)
_TOLD: dict[str, tuple[str, ...]] = {
    "aws-secret-key": ("AWS_SECRET_ACCESS_KEY={}", "aws_secret_access_key = {}", 'secretAccessKey: "{}"'),
    "azure-storage-key": ("AccountName=logs;AccountKey={};EndpointSuffix=core.windows.net",),
    "pem": ("the key is\n{}\nkeep it", "{}"),
    "pgp": ("{}",),
    "password": (
        'password = "{}"',
        "DB_PASSWORD={}",
        "  password: {}",
        "my password is {}",
        '{{"user": "bob", "password": "{}"}}',
        "psql --password '{}' -h db",
        "ALTER USER bob WITH PASSWORD '{}';",
        "sshpass -p '{}' ssh bob@build-4",
        "Server=db1;User Id=sa;Password={};Encrypt=True",
    ),
    "url-password": (
        "postgres://app:{}@db-1.internal:5432/app",
        "mongodb+srv://app:{}@cluster0.internal/logs?retryWrites=true",
        "redis://:{}@cache:6379/0",
        "amqp://guest2:{}@queue:5672/%2f",
        "mysql://root:{}@127.0.0.1/shop",
        "git clone https://marta:{}@git.internal/shop.git",
        "curl -u marta:{} https://git.internal/api",
    ),
    "bearer": ("Authorization: Bearer {}", '-H "authorization: Bearer {}" https://api.internal', "bearer {}"),
    "basic": ("Authorization: Basic {}",),
    "api-key": (
        "export WEATHER_API_KEY={}",
        'api_key: "{}"',
        "x-api-key: {}",
        'client_secret = "{}"',
        "auth_token={}",
        "https://api.internal/v1/data?api_key={}&from=2",
        "tool --api-key {} --verbose",
        'os.environ["SERVICE_TOKEN"] = "{}"',
    ),
    "near": ("the api key for staging: {}", "here is my token, {} , use it", "new secret for CI {} please rotate"),
}


def planted(make: Maker, kinds: list[str], count: int) -> Iterator[Line]:
    """Yield lines with a secret each, of the kinds in turn."""
    for number in range(count):
        kind = kinds[number % len(kinds)]
        secret = SECRETS[kind](make)
        yield Line(make.pick(*_TOLD.get(kind, _SHAPED)).format(secret), secret, kind)


_PROSE = (
    "Marta said the token bucket refills every {n} seconds.",
    "Forgot your password? The reset link is valid for {n} minutes.",
    "The password must have at least {n} characters and one digit.",
    "We pass the token to the handler and check it against the session.",
    "max_tokens={n}, temperature=0.2, top_p=1",
    "prompt tokens: {n}, completion tokens: {m}, total tokens: {k}",
    "The secret is to let the dough rest for {n} hours.",
    "The API key rotation runs every {n} days, see docs/keys.md.",
    "Our primary key is (tenant_id, {word}_id), the sort key is created_at.",
    'cache_key = f"user:{{user_id}}:{word}:{n}"',
    "idempotency_key: {uuid}",
    "author: {word}{n}, reviewer: marta",
    "OPENAI_API_KEY=YOUR_API_KEY",
    "export GITHUB_TOKEN=<your token here>",
    "password: ${{DB_PASSWORD}}",
    'api_key = os.environ["SERVICE_API_KEY"]',
    "token = self._tokens.get(name)",
    "password=args.password, token=None",
    "password: str | None = None",
    "PASSWORD=xxxxxxxxxxxx",
    "Authorization: Bearer $TOKEN",
    "secretName: db-credentials",
    "PASSWORD_FILE=/run/secrets/{word}-{n}",
    "postgres://localhost:5432/{word}",
    "postgres://user:password@localhost/{word}",
    "the tests pass: {n} passed, {m} skipped in {k}.31s",
    "git@github.com:{word}/{word}-service.git",
    "docker run -u 1000:1000 -p {m}:{m} registry/{word}:v1.{n}.0",
    "token_count = len(tokenizer.encode(text)) + {n}",
)
_HASHED = (
    "commit {sha1}",
    "Merge {short}..{short2} into main, fixes the token refresh",
    "the password form broke in {sha1}",
    "sha256:{sha256}  dist/{word}-1.{n}.tar.gz",
    "{sha256}  ./build/{word}/token.bin",
    'etag: "{md5}"',
    "integrity sha512-{sha512}",
    "request {uuid} took {n} ms",
    "trace_id={md5} span_id={span} status=401 auth failed",
    "secret rotation job {uuid} finished",
    "index {short}..{short2} 100644",
    "memory 01K{ulid} was forgotten",
    "Digest: sha256={sha64}",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{pub} marta@laptop",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ{rsa} marta@laptop",
    "-----BEGIN CERTIFICATE-----",
    "fingerprint SHA256:{finger}",
)
_PATHS = (
    "/home/marta/projects/{word}/src/auth/token_store_{n}.py",
    "C:\\Users\\Marta\\AppData\\Local\\{word}\\Password{n}.txt",
    "node_modules/.pnpm/@{word}+jsonwebtoken@9.0.{n}/node_modules/jsonwebtoken/index.js",
    "https://github.com/{word}/{word}/blob/{sha1}/src/secrets/token.ts#L{n}",
    "s3://{word}-backups/2026/11/{uuid}/dump.sql.gz",
    "see https://docs.internal/auth/api-keys?page={n}&sort=token",
    "~/.ssh/id_ed25519.pub and ~/.config/{word}/credentials.json",
)
_IMAGES = (
    "![plot](data:image/png;base64,{image})",
    '"image": "{image}"',
    "<img src='data:image/jpeg;base64,{image}'>",
    "{image}",
)
_WORDS = ("limiter", "gateway", "cache", "billing", "search", "atlas", "harbor", "report")


def ordinary(make: Maker, count: int) -> Iterator[Line]:
    """Yield lines without a secret: prose and code about secrets, hashes, ids, paths, images."""
    for _ in range(count):
        group = make.number(1, 10)
        form = make.pick(*(_PROSE if group <= 5 else _HASHED if group <= 8 else _PATHS if group == 9 else _IMAGES))
        seed = make.bytes(16)
        yield Line(
            form.format(
                n=make.number(1, 99),
                m=make.number(1000, 9000),
                k=make.number(10_000, 99_000),
                word=make.pick(*_WORDS),
                uuid=make.uuid(),
                sha1=sha1(seed).hexdigest(),
                sha256=sha256(seed).hexdigest(),
                sha512=b64encode(sha512(seed).digest()).decode(),
                sha64=b64encode(sha256(seed).digest()).decode(),
                md5=seed.hex(),
                span=seed.hex()[:16],
                short=seed.hex()[:9],
                short2=seed.hex()[-9:],
                ulid=make.of(23, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
                pub=make.of(43, LETTERS + "+/"),
                rsa=make.of(360, LETTERS + "+/"),
                finger=b64encode(sha256(seed).digest()).decode().rstrip("="),
                image=b64encode(make.bytes(make.number(120, 1500))).decode(),
            )
        )
