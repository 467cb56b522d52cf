"""The registry: what is listed, what is found, and what is said when it is not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from pack_edits import edit_json
from synthetic_packs import write_pack

from a2fbridge import packs
from a2fbridge._errors import ConfigError, PackError


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("packs") / "egg")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders shipped/packs, named and user/a2fbridge/packs, all of them searched and empty."""
    for name in ("shipped/packs", "named", "user/a2fbridge/packs"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr("a2fbridge.packs._registry.data_dir", lambda: tmp_path / "shipped")
    monkeypatch.setattr("a2fbridge.packs._registry.user_folder", lambda: tmp_path / "user/a2fbridge/packs")
    monkeypatch.setenv(packs.PACKS_VARIABLE, str(tmp_path / "named"))
    return tmp_path


def put(original: Path, target: Path) -> Path:
    return Path(shutil.copytree(original, target))


def test_lists_what_ships_what_is_named_and_what_the_user_has(places: Path, original: Path) -> None:
    put(original, places / "user/a2fbridge/packs/mark")
    put(original, places / "named/claire")
    put(original, places / "shipped/packs/builtin")
    (places / "named/notes").mkdir()
    assert [pack.id for pack in packs.list_packs()] == ["builtin", "claire", "mark"]
    pack = packs.list_packs()[1]
    assert pack.path == places / "named/claire"
    assert (pack.actor, pack.version, pack.kind, pack.problem) == ("egg", "1.0", "regression", "")
    assert pack.size == sum(path.stat().st_size for path in original.iterdir())


def test_the_default_is_the_pack_that_ships(places: Path, original: Path) -> None:
    put(original, places / "shipped/packs/builtin")
    assert packs.load().root == places / "shipped/packs/builtin"


def test_the_variable_names_several_folders_and_packs_themselves(
    places: Path, original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = put(original, places / "one/anna"), put(original, places / "bert")
    monkeypatch.setenv(packs.PACKS_VARIABLE, os.pathsep.join([str(first.parent), str(second)]))
    assert packs.load("anna").root == first
    assert packs.load("bert").root == second


def test_a_named_folder_that_is_not_there_is_an_error(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(packs.PACKS_VARIABLE, str(places / "gone"))
    with pytest.raises(ConfigError, match=r"A2FBRIDGE_PACKS names '.*gone', which is no folder"):
        packs.list_packs()


def test_an_unknown_id_gets_the_nearest_and_the_list(places: Path, original: Path) -> None:
    put(original, places / "named/claire")
    put(original, places / "named/mark")
    with pytest.raises(
        PackError, match=r"unknown pack 'clare' \(did you mean 'claire'\?\); there are: claire, mark$"
    ):
        packs.load("clare")


def test_an_unknown_id_is_never_replaced_by_a_folder_here(
    places: Path, original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(original, places / "mark")
    monkeypatch.chdir(places)
    with pytest.raises(
        PackError, match=r"unknown pack 'mark'; there are: none .*; for the folder here write \./mark"
    ):
        packs.load("mark")
    assert packs.load(f".{os.sep}mark").id == "mark"
    assert packs.load(Path("mark")).root == places / "mark"


def test_an_id_that_is_taken_twice_is_reported_and_refused(places: Path, original: Path) -> None:
    first, second = put(original, places / "named/mark"), put(original, places / "user/a2fbridge/packs/mark")
    problems = [pack.problem for pack in packs.list_packs()]
    assert problems == [f"the id is taken twice, also by {second}", f"the id is taken twice, also by {first}"]
    with pytest.raises(
        PackError, match=r"pack 'mark' is there 2 times, in .*; name the one you mean by its path"
    ):
        packs.load("mark")
    assert packs.load(second).root == second


def test_packs_that_cannot_be_used_are_listed_with_the_reason(places: Path, original: Path) -> None:
    damaged = put(original, places / "named/a-damaged")
    (damaged / "network_info.json").write_text("{")
    emotion = put(original, places / "named/c-emotion")
    edit_json(emotion / "model.json", modelDataPath=None, emotionDatabasePath=None, blendshapePaths=None)
    kinds = {pack.kind: pack.problem for pack in packs.list_packs()}
    assert kinds["damaged"].startswith("network_info.json: ")
    assert kinds["emotion"] == ""
    with pytest.raises(PackError, match="an emotion pack"):
        packs.load("c-emotion")


@pytest.mark.parametrize(("name", "said"), [("named", "holds no model.json"), ("gone", "is no folder")])
def test_a_path_without_a_pack_is_refused(places: Path, name: str, said: str) -> None:
    for path in (places / name, str(places / name)):
        with pytest.raises(PackError, match=f"{said}; right is the folder of a model pack"):
            packs.load(path)


def test_a_pack_that_ships_may_be_hard_linked_by_the_installer(places: Path, original: Path) -> None:
    folder = put(original, places / "shipped/packs/builtin")
    os.link(folder / "model_data.npz", places / "cache.npz")
    assert packs.load("builtin").id == "builtin"
    other = put(original, places / "named/other")
    os.link(other / "model_data.npz", places / "cache2.npz")
    with pytest.raises(PackError, match="has 2 names"):
        packs.load("other")


def test_a_pack_folder_may_itself_be_a_link(places: Path, original: Path) -> None:
    (places / "named/linked").symlink_to(original)
    assert packs.load("linked").root == original


@pytest.mark.parametrize(
    ("platform", "variable", "end"),
    [
        ("linux", "XDG_DATA_HOME", "base/a2fbridge/packs"),
        ("win32", "LOCALAPPDATA", "base/a2fbridge/packs"),
        ("linux", "", ".local/share/a2fbridge/packs"),
        ("darwin", "", "Library/Application Support/a2fbridge/packs"),
    ],
)
def test_the_users_folder_is_where_the_system_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variable: str, end: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "base"))
    assert packs.user_folder() == tmp_path / end
