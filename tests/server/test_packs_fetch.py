"""Fetching packs from a hub on loopback, and adding folders."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import Repo, hub
from pack_edits import edit_json
from synthetic_diffusion import write_diffusion_pack
from synthetic_emotion import write_emotion_pack
from synthetic_packs import write_pack

import a2fbridge
from a2fbridge import PackError, packs
from a2fbridge.cli import main
from a2fbridge.packs._hub import KNOWN_PACKS

pytest.importorskip("huggingface_hub", reason="the extra [hub] is not installed")

MARK = "nvidia/Audio2Face-3D-v2.3-Mark"
ID = "Audio2Face-3D-v2.3-Mark"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("packs") / "egg")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of packs, empty; no token, no cache, no retries that wait."""
    monkeypatch.setattr("a2fbridge.packs._registry.user_folder", lambda: tmp_path / "home")
    monkeypatch.setattr("a2fbridge.packs._install.user_folder", lambda: tmp_path / "home")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return tmp_path / "home"


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Repo:
    folder = Path(shutil.copytree(original, tmp_path / "repo"))
    (folder / "LICENSE").write_text("You may.\x1b[31m\nYou must not.\n", "utf-8")
    (folder / "README.md").write_text("# A pack", "utf-8")
    (folder / ".gitattributes").write_text("*.npz lfs", "utf-8")
    return Repo(folder)


@pytest.fixture
def served(repo: Repo, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with hub(Audio2Face__3D__v2_3__Mark=repo) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield address


def fetched(repo: Repo) -> list[str]:
    return [name for method, name, _ in repo.requests if method == "GET" and name != "list"]


@pytest.mark.usefixtures("served")
def test_the_licence_is_shown_and_nothing_else_is_fetched_until_it_is_accepted(
    repo: Repo, home: Path
) -> None:
    with pytest.raises(PackError) as refused:
        a2fbridge.fetch_pack(MARK)
    said = str(refused.value)
    assert "nvidia-open-model-license (https://example.com/licence)" in said
    assert "--accept-licence" in said
    assert "You may.[31m\nYou must not." in said
    assert fetched(repo) == ["LICENSE"]
    assert not (home / ID).exists()


@pytest.mark.usefixtures("served")
def test_fetches_a_pack_that_then_loads_by_its_id(repo: Repo, home: Path) -> None:
    steps: list[tuple[int, int]] = []
    path = a2fbridge.fetch_pack(
        MARK, accept_licence=True, on_progress=lambda done, total: steps.append((done, total))
    )
    assert path == home / ID
    assert packs.load(ID).info == packs.load(repo.folder).info
    assert (
        steps[-1][0]
        == steps[-1][1]
        == sum(p.stat().st_size for p in repo.folder.iterdir() if p.name[0] != ".")
    )
    assert steps == sorted(steps)
    record = json.loads((path / "fetched.json").read_text("utf-8"))
    assert (record["repo"], record["revision"]) == (MARK, repo.revision)
    assert not (path / ".gitattributes").exists()
    assert list((home / ".fetch").iterdir()) == []


@pytest.mark.usefixtures("served", "home")
def test_what_is_there_is_checked_and_not_fetched_again(repo: Repo) -> None:
    a2fbridge.fetch_pack(ID.lower(), accept_licence=True)
    repo.requests.clear()
    said: list[str] = []
    a2fbridge.fetch_pack(MARK, on_message=said.append)
    assert fetched(repo) == []
    assert "up to date" in said[0]
    assert "all checksums right" in said[0]


@pytest.mark.usefixtures("served")
def test_a_file_damaged_since_is_fetched_again(repo: Repo, home: Path) -> None:
    path = a2fbridge.fetch_pack(MARK, accept_licence=True)
    data = bytearray((path / "model_data.npz").read_bytes())
    data[1000] ^= 1
    (path / "model_data.npz").write_bytes(data)
    a2fbridge.fetch_pack(MARK, accept_licence=True)
    assert (path / "model_data.npz").read_bytes() == (repo.folder / "model_data.npz").read_bytes()


@pytest.mark.usefixtures("served")
def test_a_newer_revision_replaces_the_old_one(repo: Repo, home: Path) -> None:
    path = a2fbridge.fetch_pack(MARK, accept_licence=True)
    edit_json(repo.folder / "network_info.json", id__version="2.0")
    repo.revision = "b" * 40
    a2fbridge.fetch_pack(MARK, accept_licence=True)
    assert packs.load(path).info.version == "2.0"
    assert list((home / ".fetch").iterdir()) == []


@pytest.mark.usefixtures("served")
def test_a_download_that_was_stopped_goes_on_where_it_was(
    repo: Repo, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
    before = (repo.folder / "bs_skin.npz").stat().st_size

    def stop(done: int, total: int) -> None:
        if done > before + 5000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        a2fbridge.fetch_pack(MARK, accept_licence=True, on_progress=stop)
    assert not (home / ID).exists()
    early = fetched(repo)
    repo.requests.clear()
    said: list[str] = []
    a2fbridge.fetch_pack(MARK, accept_licence=True, on_message=said.append)
    assert not set(fetched(repo)) & set(early[:-1])
    assert [(name, span != "") for _, name, span in repo.requests][1] == (early[-1], True)
    assert "already here" in said[0]


@pytest.mark.usefixtures("served")
def test_a_connection_that_breaks_is_taken_up_again(
    repo: Repo, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    repo.cut["model_data.npz"] = 5000
    a2fbridge.fetch_pack(MARK, accept_licence=True)
    assert ("GET", "model_data.npz", "bytes=5000-") in repo.requests


@pytest.mark.usefixtures("served", "home")
def test_a_wrong_checksum_is_refused_and_nothing_of_it_kept(repo: Repo) -> None:
    repo.spoilt.add("model_data.npz")
    with pytest.raises(PackError, match=r"model_data.npz arrived damaged \(\d+ bytes, wrong checksum\)"):
        a2fbridge.fetch_pack(MARK, accept_licence=True)
    repo.spoilt.clear()
    a2fbridge.fetch_pack(MARK, accept_licence=True)


@pytest.mark.usefixtures("served")
def test_a_pack_that_is_not_sound_is_not_installed(repo: Repo, home: Path) -> None:
    edit_json(repo.folder / "model_config.json", config__skin_strength=9)
    with pytest.raises(PackError, match=r"not sound and was not added: .*skin_strength"):
        a2fbridge.fetch_pack(MARK, accept_licence=True)
    assert not (home / ID).exists()


@pytest.mark.usefixtures("served", "home")
def test_a_gate_is_passed_by_a_token_from_the_environment(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.gated = True
    with pytest.raises(
        PackError, match=r"behind a gate: accept its terms .*https://huggingface.co/nvidia.*HF_TOKEN"
    ):
        a2fbridge.fetch_pack(MARK, accept_licence=True)
    monkeypatch.setenv("HF_TOKEN", repo.token)
    a2fbridge.fetch_pack(MARK, accept_licence=True)


@pytest.mark.usefixtures("served", "home")
@pytest.mark.parametrize("name", ["../evil.npz", "/etc/evil.npz", "a/../../evil", "a\\evil"])
def test_a_listing_that_leads_out_of_the_folder_is_refused(repo: Repo, name: str) -> None:
    repo.extra = [{"rfilename": name, "size": 4, "blobId": "0" * 40}]
    with pytest.raises(PackError, match="which is no file of a pack"):
        a2fbridge.fetch_pack(MARK, accept_licence=True)


@pytest.mark.usefixtures("served", "home")
def test_a_listing_beyond_measure_is_refused(repo: Repo) -> None:
    repo.extra = [{"rfilename": "big.bin", "size": 1 << 50, "blobId": "0" * 40}]
    with pytest.raises(PackError, match="right is at most 256 files of 8 GiB together"):
        a2fbridge.fetch_pack(MARK, accept_licence=True)


@pytest.mark.usefixtures("served", "home")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nvidia/Audio2Face-3D-v2.3-Marc", r"knows no .*did you mean 'nvidia/Audio2Face-3D-v2.3-Mark'"),
        ("a/b/c", "is no repository; right is OWNER/NAME"),
        ("nvidia/x y", "is no repository"),
    ],
)
def test_unknown_repositories(name: str, said: str) -> None:
    with pytest.raises(PackError, match=said):
        a2fbridge.fetch_pack(name, accept_licence=True)


@pytest.mark.usefixtures("served", "home")
def test_an_unknown_revision() -> None:
    with pytest.raises(PackError, match="has no such revision; right is main, a tag or a commit"):
        a2fbridge.fetch_pack(MARK, accept_licence=True, revision="v9")


@pytest.mark.usefixtures("served")
def test_a_folder_of_ones_own_is_not_overwritten(original: Path, home: Path) -> None:
    shutil.copytree(original, home / ID)
    with pytest.raises(PackError, match=r"was not fetched from nvidia/.*; remove or rename it first"):
        a2fbridge.fetch_pack(MARK, accept_licence=True)


def test_without_a_network_there_is_a_plain_word(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        PackError, match=r"no way to the hub .*neither installed nor in the hub's cache.*packs add"
    ):
        a2fbridge.fetch_pack(MARK, accept_licence=True)


NVIDIAS: dict[str, str] = {
    "Audio2Face-3D-v2.3-Mark": "regression",
    "Audio2Face-3D-v2.3.1-Claire": "regression",
    "Audio2Face-3D-v2.3.1-James": "regression",
    "Audio2Face-3D-v3.0": "diffusion",
    "Audio2Emotion-v2.2": "emotion",
    "Audio2Emotion-v3.0": "emotion",
}


@pytest.mark.parametrize("name", NVIDIAS)
def test_each_of_nvidias_packs_by_its_name(
    name: str,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On the command line, the emotion packs from behind their gate; then by id, whole and sound."""
    kind = NVIDIAS[name]
    write = {"regression": write_pack, "diffusion": write_diffusion_pack, "emotion": write_emotion_pack}[kind]
    repo = Repo(write(tmp_path / "repo"), gated=kind == "emotion")
    (repo.folder / "LICENSE").write_text("You may.", "utf-8")
    with hub(**{name.replace("-", "__").replace(".", "_"): repo}) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("HF_TOKEN", repo.token)
        assert main(["packs", "fetch", f"nvidia/{name}"]) == 1
        assert "You may." in capsys.readouterr().err
        assert main(["packs", "fetch", f"nvidia/{name}", "--accept-licence"]) == 0
    assert repo.token not in "".join(capsys.readouterr())
    assert packs.pack_kind(name) == kind
    assert main(["packs", "validate", name, "--no-run"]) == 0
    assert f"nvidia/{name}" in KNOWN_PACKS
    assert len(KNOWN_PACKS) == len(NVIDIAS)


def test_without_a_network_the_command_says_so_plainly(tmp_path: Path) -> None:
    """In a process of its own: huggingface_hub reads its variables when it is imported."""
    folders = {name: str(tmp_path / name) for name in ("HF_HOME", "XDG_DATA_HOME", "HOME")}
    source = str(Path(a2fbridge.__file__).parents[1])
    environment = os.environ | folders | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": source}
    command = [sys.executable, "-m", "a2fbridge", "packs", "fetch", MARK, "--accept-licence"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: no way to the hub")
    assert "neither installed nor in the hub's cache" in line
    assert "a2fbridge packs add FOLDER" in line


def test_without_a_network_what_is_installed_serves(
    served: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a2fbridge.fetch_pack(MARK, accept_licence=True)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    said: list[str] = []
    assert a2fbridge.fetch_pack(MARK, on_message=said.append) == path
    assert "is here in revision aaaaaaaaaaaa" in said[0]


def hub_cache(original: Path, cache: Path) -> Path:
    """Lay a pack out as huggingface_hub keeps it: blobs, and a snapshot of links to them."""
    base = cache / f"models--nvidia--{ID}"
    snapshot = base / "snapshots" / ("c" * 40)
    snapshot.mkdir(parents=True)
    (base / "blobs").mkdir()
    (base / "refs").mkdir()
    (base / "refs" / "main").write_text("c" * 40)
    for path in original.iterdir():
        (base / "blobs" / path.name).write_bytes(path.read_bytes())
        (snapshot / path.name).symlink_to(Path("../../blobs") / path.name)
    return snapshot


def test_without_a_network_the_hubs_own_cache_serves(
    home: Path, original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub_cache(original, tmp_path / "cache")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PackError, match="in the hub's cache; accept its licence"):
        a2fbridge.fetch_pack(MARK)
    a2fbridge.fetch_pack(MARK, accept_licence=True)
    assert packs.load(ID).id == ID


def test_adds_a_folder_under_a_name_of_choice(home: Path, original: Path, tmp_path: Path) -> None:
    original = Path(shutil.copytree(original, tmp_path / "egg"))
    (original / ".cache").mkdir()
    path = a2fbridge.add_pack(original, "Anna 2")
    assert path == home / "Anna 2"
    assert sorted(p.name for p in path.iterdir()) == sorted(
        p.name for p in original.iterdir() if p.name[0] != "."
    )
    with pytest.raises(
        PackError, match=r"there is a pack 'Anna 2' in .*; remove it first, or give another name"
    ):
        a2fbridge.add_pack(original / "model.json", "Anna 2")


def test_adds_an_emotion_pack(home: Path, tmp_path: Path) -> None:
    a2fbridge.add_pack(write_emotion_pack(tmp_path / "feeling"))
    assert packs.load_emotion("feeling").id == "feeling"


def test_adds_from_a_hub_cache_by_its_repository_name(home: Path, original: Path, tmp_path: Path) -> None:
    path = a2fbridge.add_pack(hub_cache(original, tmp_path / "cache"))
    assert path.name == ID
    assert not (path / "model.json").is_symlink()


@pytest.mark.parametrize("target", ["/etc/passwd", "/dev/zero", "outside.bin"])
def test_links_out_of_the_pack_are_not_followed(
    home: Path, original: Path, tmp_path: Path, target: str
) -> None:
    (tmp_path / "outside.bin").write_bytes(b"secret")
    folder = Path(shutil.copytree(original, tmp_path / "egg"))
    (folder / "extra.bin").symlink_to(tmp_path / target)
    with pytest.raises(PackError, match=r"extra.bin is a link to .*; right are files within the pack"):
        a2fbridge.add_pack(folder)
    assert not list(home.glob("*"))


def test_a_pipe_is_not_read(home: Path, original: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(original, tmp_path / "egg"))
    os.mkfifo(folder / "pipe")
    with pytest.raises(PackError, match="is no plain file"):
        a2fbridge.add_pack(folder)


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "x" * 200, "a\0b"])
def test_names_that_cannot_be_an_id(home: Path, original: Path, name: str) -> None:
    if name:
        with pytest.raises(PackError, match="cannot be a pack's id"):
            a2fbridge.add_pack(original, name)


def test_a_damaged_folder_is_not_added(home: Path, original: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(original, tmp_path / "egg"))
    (folder / "network.onnx").unlink()
    with pytest.raises(PackError, match=r"not sound and was not added: .*network.onnx"):
        a2fbridge.add_pack(folder)
    assert not (home / "egg").exists()
    assert list((home / ".fetch").iterdir()) == []


@pytest.mark.usefixtures("served")
def test_on_the_command_line(home: Path, original: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "fetch", MARK, "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["type"] == "PackError"
    assert main(["packs", "fetch", MARK, "--accept-licence", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1] == {"event": "finished", "id": ID, "path": str(home / ID)}
    assert any(event["event"] == "progress" for event in events)
    assert main(["packs", "add", str(original), "--name", "egg"]) == 0
    assert "pack 'egg' is in" in capsys.readouterr().out
    assert main(["packs", "validate", "egg"]) == 0
