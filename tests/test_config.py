"""Where every setting comes from, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from smos_cli.config import Config, home_folder, load, survey
from smos_cli.config.changing import checked_change
from smos_cli.config.servers import Server
from smos_cli.config.settings import PERSONA_SETTINGS, SETTINGS, checked_value
from smos_cli.config.settings import check_name as checked_name
from smos_cli.errors import ConfigError, NotFoundError, SmosError, UsageError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def loaded(home: Path, toml: str | bytes = "", **environ: str) -> Config:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    return load({"SMOS_HOME": str(home), **environ})


class TestSources:
    def test_without_a_file_every_setting_has_its_default(self, home: Path) -> None:
        config = load({"SMOS_HOME": str(home)})

        assert {key: (config[key], config.settings[key].source) for key in SETTINGS} == {
            key: (default, "default") for key, (default, _) in SETTINGS.items()
        }
        assert config.personas == {}
        assert not home.exists()

    def test_a_file_wins_over_the_defaults_and_is_named(self, home: Path) -> None:
        config = loaded(home, 'default_persona = "ann"\n[vault]\nepisodes = "off"\n[index]\nwait_seconds = 2\n')

        setting = config.settings["vault.episodes"]
        assert (setting.value, setting.source, setting.overrode) == ("off", str(home / "config.toml"), "default")
        assert (config["default_persona"], config["index.wait_seconds"]) == ("ann", 2.0)
        assert config.settings["vault.autocommit"].source == "default"

    def test_the_environment_wins_over_the_file_and_says_what_it_won_over(self, home: Path) -> None:
        setting = loaded(home, 'default_persona = "ann"', SMOS_PERSONA="carl").settings["default_persona"]

        assert (setting.value, setting.source, setting.overrode) == ("carl", "SMOS_PERSONA", str(home / "config.toml"))

    @pytest.mark.parametrize(
        ("said", "offline"), [("1", True), ("TRUE", True), ("yes", True), ("0", False), ("", False), ("no", False)]
    )
    def test_the_environment_can_keep_smos_offline(self, home: Path, said: str, offline: bool) -> None:
        setting = loaded(home, SMOS_OFFLINE=said).settings["models.offline"]

        assert setting.value is offline
        assert setting.source == ("SMOS_OFFLINE" if offline else "default")
        assert loaded(home, "[models]\noffline = true", SMOS_OFFLINE=said)["models.offline"]

    def test_an_empty_environment_is_none(self, home: Path) -> None:
        assert loaded(home, 'default_persona = "ann"', SMOS_PERSONA="")["default_persona"] == "ann"

    def test_dotted_keys_and_windows_line_ends_are_toml(self, home: Path) -> None:
        assert loaded(home, 'vault.episodes = "versioned"\r\nvault.autocommit = false\r\n')["vault.autocommit"] is False


class TestRefusing:
    @pytest.mark.parametrize(
        ("toml", "named"),
        [
            ("colour = 1", "colour"),
            ("[vault]\nepisode = 1", "vault.episode"),
            ("vault = 5", "vault"),
            ("[vault.episodes]\nx = 1", "vault.episodes.x"),
            ("[personas.bob]\ncolour = 1", "personas.bob.colour"),
            ("[personas.bob.path]\nx = 1", "personas.bob.path"),
            ('[vault]\nepisodes = "often"', "vault.episodes"),
            ("[vault]\nepisodes = 5", "vault.episodes"),
            ("[vault]\nautocommit = 1", "vault.autocommit"),
            ("[vault]\nautocommit = 'maybe'", "vault.autocommit"),
            ("[index]\nwait_seconds = -1", "index.wait_seconds"),
            ("[index]\nwait_seconds = nan", "index.wait_seconds"),
            ("[index]\nwait_seconds = inf", "index.wait_seconds"),
            ("[index]\nwait_seconds = true", "index.wait_seconds"),
            ("[index]\nwait_seconds = 'soon'", "index.wait_seconds"),
            ("[recall]\nbudget = 0", "recall.budget"),
            ("[recall]\nbudget = -1", "recall.budget"),
            ("[recall]\nbudget = 1.5", "recall.budget"),
            ("[recall]\nbudget = true", "recall.budget"),
            ("[recall]\nbudget = 'much'", "recall.budget"),
            ("[recall]\nstanding_share = 1.1", "recall.standing_share"),
            ("default_persona = 5", "default_persona"),
            ("personas = 5", "personas"),
            ("personas = []", "personas"),
            ("[personas]\nbob = 5", "personas.bob"),
            ("[personas.bob]\npath = 5", "personas.bob.path"),
            ("[personas.bob]\nadopted = 'maybe'", "personas.bob.adopted"),
            ("[personas.bob]\nmodel_folders = 'Work'", "personas.bob.model_folders"),
            ("[personas.bob]\nmodel_folders = [5]", "personas.bob.model_folders"),
            ("[personas.'../bob']\n", "../bob"),
            ("vault = ", "config.toml"),
            (b"\xff\xfe", "config.toml"),
        ],
    )
    def test_what_is_wrong_in_the_file_is_named_with_a_remedy(self, home: Path, toml: str, named: str) -> None:
        with pytest.raises(ConfigError) as caught:
            loaded(home, toml)

        assert named in caught.value.message
        assert "config.toml" in caught.value.message + caught.value.remedy
        assert caught.value.remedy

    def test_a_key_that_is_nearly_right_is_guessed(self, home: Path) -> None:
        with pytest.raises(ConfigError) as caught:
            loaded(home, "[vault]\nautocomit = false")

        assert "vault.autocommit" in caught.value.remedy

    def test_a_file_that_can_not_be_read_is_an_error_and_not_a_home_without_one(self, home: Path) -> None:
        (home / "config.toml").mkdir(parents=True)

        with pytest.raises(ConfigError):
            load({"SMOS_HOME": str(home)})

    def test_a_name_in_the_environment_that_is_none_is_refused(self, home: Path) -> None:
        with pytest.raises(UsageError):
            loaded(home, SMOS_PERSONA="../bob")


class TestValues:
    @pytest.mark.parametrize(
        ("key", "text", "value"),
        [
            ("vault.autocommit", "TRUE", True),
            ("vault.autocommit", "false", False),
            ("index.wait_seconds", "0.5", 0.5),
            ("index.wait_seconds", 3, 3.0),
            ("recall.budget", "900", 900),
            ("recall.budget", 900, 900),
            ("recall.standing_share", "1", 1.0),
            ("vault.episodes", "versioned", "versioned"),
            ("personas.bob.adopted", "true", True),
            ("personas.bob.path", "notes", "notes"),
            ("personas.bob.model_folders", ["Work"], ["Work"]),
        ],
    )
    def test_a_value_is_brought_to_its_type(self, key: str, text: object, value: object) -> None:
        assert checked_value(key, text) == value
        assert type(checked_value(key, text)) is type(value)

    @pytest.mark.parametrize("key", ["colour", "personas.bob", "personas.bob.colour", "personas.bob.path.x", ""])
    def test_an_unknown_key_is_refused(self, key: str) -> None:
        with pytest.raises(SmosError):
            checked_value(key, "x")

    def test_every_default_is_a_value_of_its_key(self) -> None:
        persona = {f"personas.bob.{key}": default for key, (default, _) in PERSONA_SETTINGS.items()}
        for key, default in ({key: default for key, (default, _) in SETTINGS.items()} | persona).items():
            assert checked_value(key, default) == default

    def test_every_setting_says_what_it_does(self) -> None:
        assert all(what for _, what in [*SETTINGS.values(), *PERSONA_SETTINGS.values()])


class TestPersonas:
    TOML = """
    [personas.bob]
    path = "vaults/bob"

    [personas.marta]
    path = "/notes/marta"
    adopted = true
    model_folders = ["Work"]

    [personas.plain]
    """

    def test_a_path_is_relative_to_home(self, home: Path) -> None:
        config = loaded(home, self.TOML)

        assert {name: persona.path for name, persona in config.personas.items()} == {
            "bob": home / "vaults/bob",
            "marta": Path("/notes/marta"),
            "plain": home / "vaults/plain",
        }

    def test_the_files_of_an_adopted_folder_lie_below_smos(self, home: Path) -> None:
        config = loaded(home, self.TOML)

        assert (config.persona("marta").base, config.persona("bob").base) == ("smos/", "")
        assert config.persona("marta").model_folders == ("Work",)

    @pytest.mark.parametrize(("text", "adopted"), [("'false'", False), ("'true'", True), ("false", False)])
    def test_a_yes_or_no_in_quotes_is_one_too(self, home: Path, text: str, adopted: bool) -> None:
        assert loaded(home, f"[personas.bob]\nadopted = {text}\n").persona("bob").adopted is adopted

    def test_a_path_may_begin_with_the_users_folder(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/marta")

        assert loaded(home, "[personas.bob]\npath = '~/notes'").persona("bob").path == Path("/home/marta/notes")

    def test_the_default_one_is_meant_when_none_is_named(self, home: Path) -> None:
        assert loaded(home, self.TOML).persona().name == "bob"
        assert loaded(home, self.TOML, SMOS_PERSONA="marta").persona().name == "marta"
        assert loaded(home, self.TOML, SMOS_PERSONA="marta").persona("plain").name == "plain"

    def test_for_an_unknown_one_the_nearest_is_named(self, home: Path) -> None:
        for name, remedy in {"matra": "Did you mean marta?", "xyz": "There are: bob, marta, plain."}.items():
            with pytest.raises(NotFoundError) as caught:
                loaded(home, self.TOML).persona(name)
            assert caught.value.remedy == remedy

    def test_where_there_is_none_it_is_said_how_to_make_one(self, home: Path) -> None:
        with pytest.raises(NotFoundError, match="no persona here yet"):
            loaded(home).persona()


class TestNames:
    @pytest.mark.parametrize("name", ["bob", "team-a", "b_2", "7", "x" * 32, "console"])
    def test_a_name_that_is_a_folder_everywhere_is_taken(self, name: str) -> None:
        assert checked_name(name) == name

    @pytest.mark.parametrize(
        "name", ["", "Bob", "a/b", "..", ".bob", "a b", "-a", "x" * 33, "con", "nul", "com1", "lpt0", "é", "bob\n"]
    )
    def test_any_other_is_refused(self, name: str) -> None:
        with pytest.raises(UsageError):
            checked_name(name)


class TestHome:
    def test_it_is_where_the_environment_says(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("HOME", "/home/marta")
        monkeypatch.chdir(tmp_path)

        assert home_folder({"SMOS_HOME": "/srv/mém ory"}) == Path("/srv/mém ory")
        assert home_folder({"SMOS_HOME": "~/memory"}) == Path("/home/marta/memory")
        assert home_folder({"SMOS_HOME": "here"}) == tmp_path / "here"

    def test_a_user_who_does_not_exist_is_a_folder_name(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)

        assert home_folder({"SMOS_HOME": "~nobody-at-all/x"}) == tmp_path / "~nobody-at-all/x"

    @pytest.mark.parametrize("environ", [{}, {"XDG_DATA_HOME": "/data"}, {"XDG_DATA_HOME": ""}, {"SMOS_HOME": ""}])
    def test_else_it_is_where_platformdirs_has_it(
        self, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)

        assert home_folder(environ) == Path(platformdirs.user_data_dir("smos", appauthor=False))

    def test_reading_it_loads_no_library(self) -> None:
        code = "import sys; from smos_cli.config import load; load({}); print('platformdirs' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

        assert done.stdout == ("True\n" if sys.platform == "win32" else "False\n")


def test_what_is_right_in_a_broken_file_can_still_be_had(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('colour = 1\n[vault]\nepisodes = "off"\nautocommit = 7\n[personas.bob]\nx = 1\n')

    config, wrong = survey({"SMOS_HOME": str(home)})

    found: list[Any] = [config["vault.episodes"], config["vault.autocommit"], list(config.personas)]
    assert found == ["off", True, ["bob"]]
    assert len(wrong) == 3


KEY = "sk-proj-" + "Zq7Lw2Nf9Rt4Xc1Vb8Mk"
"""It looks like one, and is none."""


class TestServers:
    TOML = """
    [models]
    embedder = "local/nomic-embed-text"

    [servers.local]
    url = "http://127.0.0.1:11434/v1/"
    dimensions = 768

    [servers.cloud]
    url = "https://api.example.org/v1"
    key = "env:EXAMPLE_KEY"
    context = 32000

    [servers.plain]
    """

    def test_a_server_has_what_is_set_and_defaults_for_the_rest(self, home: Path) -> None:
        config = loaded(home, self.TOML)

        assert config.server("local") == Server("local", "http://127.0.0.1:11434/v1", "", 768, 4_096)
        assert config.server("cloud") == Server("cloud", "https://api.example.org/v1", "env:EXAMPLE_KEY", 0, 32_000)
        assert config["servers.cloud.key"] == "env:EXAMPLE_KEY"
        assert config.settings["servers.local.key"].source == "default"

    def test_for_an_unknown_one_the_nearest_is_named(self, home: Path) -> None:
        for name, remedy in {"loca": "Did you mean local?", "xyz": "There are: cloud, local, plain."}.items():
            with pytest.raises(NotFoundError) as caught:
                loaded(home, self.TOML).server(name)
            assert caught.value.remedy == remedy

    def test_where_there_is_none_it_is_said_how_to_name_one(self, home: Path) -> None:
        with pytest.raises(NotFoundError) as caught:
            loaded(home).server("local")
        assert caught.value.remedy == "Name one with `smos config set servers.local.url URL`."

    def test_one_without_a_url_is_no_server_yet(self, home: Path) -> None:
        with pytest.raises(ConfigError, match="The model server plain has no URL"):
            loaded(home, self.TOML).server("plain")

    @pytest.mark.parametrize(
        ("toml", "named"),
        [
            ("servers = 5", "servers"),
            ("[servers]\nlocal = 5", "servers.local"),
            ("[servers.Local]\n", "Local"),
            ("[servers.'a/b']\n", "a/b"),
            ("[servers.local]\ncolour = 5", "servers.local.colour"),
            (f"[servers.local]\napi_key = '{KEY}'", "servers.local.api_key"),
            ("[servers.local]\nurl = 5", "servers.local.url"),
            ("[servers.local]\ndimensions = -1", "servers.local.dimensions"),
            ("[servers.local]\ndimensions = 'many'", "servers.local.dimensions"),
            ("[servers.local]\ncontext = 0", "servers.local.context"),
            (f"[servers.local]\nkey = '{KEY}'", "servers.local.key"),
            (f"[servers.local]\nkey = ['{KEY}']", "servers.local.key"),
            ("[servers.local]\nurl = 'http://example.org/v1'\nkey = 'env:A'", "without encryption"),
        ],
    )
    def test_what_is_wrong_in_the_file_is_named_without_any_key(self, home: Path, toml: str, named: str) -> None:
        with pytest.raises(ConfigError) as caught:
            loaded(home, toml)

        assert named in caught.value.message
        assert str(home) in caught.value.remedy
        assert KEY not in caught.value.message + caught.value.remedy

    def test_what_is_wrong_with_one_leaves_the_others(self, home: Path) -> None:
        home.mkdir()
        (home / "config.toml").write_text(f"{self.TOML}\nkey = '{KEY}'\n")

        config, wrong = survey({"SMOS_HOME": str(home)})

        assert set(config.servers) == {"local", "cloud"}
        assert len(wrong) == 1


class TestReferencesToKeys:
    @pytest.mark.parametrize(
        "value",
        ["", "env:OPENAI_API_KEY", "env:key_1", "env:hf_token_for_embeddings", "keyring:smos/marta", "keyring:a/b/c@d"],
    )
    def test_a_reference_is_taken(self, value: str) -> None:
        assert checked_value("servers.local.key", value) == value

    @pytest.mark.parametrize(
        "value",
        [
            KEY,
            f"env:{KEY}",
            f"env:{KEY.replace('-', '_')}",
            f"keyring:{KEY}",
            f"keyring:smos/{KEY}",
            "env:Zq7Lw2Nf9Rt4Xc1Vb8Mk0Pd3",
            "OPENAI_API_KEY",
            "env:",
            "env:A B",
            "env:A\n",
            "env:1",
            "keyring:",
            "keyring:smos",
            "keyring:/marta",
            "keyring:smos/",
            "keyring:smos/mar\tta",
            "file:/home/marta/key",
            "Bearer abc",
        ],
    )
    def test_anything_else_is_refused_and_not_repeated(self, value: str) -> None:
        with pytest.raises(UsageError) as caught:
            checked_value("servers.local.key", value)

        told = caught.value.message + caught.value.remedy
        assert "servers.local.key" in told
        assert KEY not in told
        assert KEY.replace("-", "_") not in told

    @pytest.mark.parametrize(
        ("url", "kept"),
        [
            ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
            ("https://api.example.org/openai/v1///", "https://api.example.org/openai/v1"),
            ("HTTPS://api.example.org", "HTTPS://api.example.org"),
            ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
            ("", ""),
        ],
    )
    def test_a_url_is_kept_without_its_last_slash(self, url: str, kept: str) -> None:
        assert checked_value("servers.local.url", url) == kept

    @pytest.mark.parametrize(
        "url",
        [
            "127.0.0.1:11434",
            "localhost",
            "ftp://example.org",
            "file:///etc/passwd",
            "http://",
            "http:///v1",
            "http://[::1",
            "http://example.org:99999/v1",
            "http://example.org:port/v1",
            f"https://user:{KEY}@example.org/v1",
            f"https://example.org/v1?key={KEY}",
            f"https://example.org/v1#{KEY}",
            f"https://example.org/{KEY}/v1",
            "https://exämple.org",
            "https://example.org/a b",
            "https://example.org\\@evil.example",
            "https://example.org/\n",
        ],
    )
    def test_what_is_no_base_url_is_refused_and_not_repeated(self, url: str) -> None:
        with pytest.raises(UsageError) as caught:
            checked_value("servers.local.url", url)

        assert "servers.local.url" in caught.value.message
        assert KEY not in caught.value.message + caught.value.remedy

    @pytest.mark.parametrize(
        ("url", "loopback"),
        [
            ("http://127.0.0.1/v1", True),
            ("http://127.8.8.8:1/v1", True),
            ("http://localhost:1/v1", True),
            ("http://LOCALHOST/v1", True),
            ("http://[::1]:1/v1", True),
            ("http://localhost.example.org/v1", False),
            ("http://127.0.0.1.example.org/v1", False),
            ("http://127.1/v1", False),
            ("http://0.0.0.0/v1", False),
            ("http://10.0.0.1/v1", False),
            ("https://api.example.org/v1", False),
        ],
    )
    def test_what_is_on_loopback_is_known_by_its_name_alone(self, url: str, loopback: bool) -> None:
        assert Server("local", url).on_loopback is loopback


class TestChangingServers:
    def test_settings_of_a_server_can_be_set_one_by_one(self, home: Path) -> None:
        config = loaded(home)

        assert checked_change(config, "servers.local.key", "env:A") == "env:A"
        assert checked_change(config, "servers.local.dimensions", "768") == 768
        assert checked_change(config, "servers.local.dimensions", "0") == 0

    def test_a_key_and_a_url_that_exposes_it_do_not_come_together(self, home: Path) -> None:
        far = loaded(home, "[servers.far]\nurl = 'http://example.org/v1'\n[servers.near]\nkey = 'env:A'\n")

        for key, value in {"servers.far.key": "env:A", "servers.near.url": "http://example.org/v1"}.items():
            with pytest.raises(UsageError, match="without encryption"):
                checked_change(far, key, value)
        assert checked_change(far, "servers.near.url", "http://localhost:1/v1")
        assert checked_change(far, "servers.near.url", "https://example.org/v1")

    def test_a_key_does_not_follow_its_server_to_another_host(self, home: Path) -> None:
        config = loaded(home, TestServers.TOML)

        with pytest.raises(UsageError, match=r"a key that was given for api\.example\.org"):
            checked_change(config, "servers.cloud.url", "https://api.example.com/v1")
        assert checked_change(config, "servers.cloud.url", "https://api.example.org/v2")
        assert checked_change(config, "servers.local.url", "https://api.example.com/v1")

    def test_a_name_that_is_none_is_refused(self, home: Path) -> None:
        with pytest.raises(UsageError):
            checked_change(loaded(home), "servers.Local.url", "http://localhost:1/v1")

    def test_a_role_is_given_only_to_a_server_that_is_there(self, home: Path) -> None:
        config = loaded(home, TestServers.TOML)

        assert checked_change(config, "models.judge", "cloud/org/model") == "cloud/org/model"
        assert checked_change(config, "models.judge", "an-installed-one") == "an-installed-one"
        with pytest.raises(UsageError, match="names no model of cloud"):
            checked_change(config, "models.judge", "cloud/")
        with pytest.raises(NotFoundError, match="no model server 'clout'"):
            checked_change(config, "models.judge", "clout/model")
