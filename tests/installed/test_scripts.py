"""Executables where their callers look: put there, replaced, taken away, and never somebody else's."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.installed.scene import Scene, names, program, scene
from vipswitch.errors import ConfigError, PermissionDenied
from vipswitch.installed.catalogue import PLACES
from vipswitch.installed.found import State, found

UP = "vipswitch-if-up"


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    """An installation, and nothing installed from it yet."""
    return scene(tmp_path)


@pytest.mark.parametrize("caller", PLACES)
def test_each_hook_is_a_link_to_this_installation(here: Scene, caller: str) -> None:
    """By the name that its caller runs."""
    assert here.install(caller) == [f"{name}: installed" for name in names(caller)]
    for place in PLACES[caller]:
        done = subprocess.run([here.into / place.name], capture_output=True, text=True, check=True)
        assert done.stdout == f"opt {place.executable.command}\n"


def test_doing_it_again_changes_nothing(here: Scene) -> None:
    """Neither the install nor the remove."""
    here.install()
    before = {path: path.lstat() for path in here.into.iterdir()}
    assert set(here.install()) == {f"{name}: unchanged" for name in names("pgpool")}
    assert {path: path.lstat() for path in here.into.iterdir()} == before
    assert set(here.remove()) == {f"{name}: removed" for name in names("pgpool")}
    assert set(here.remove()) == {f"{name}: unchanged" for name in names("pgpool")}
    assert here.contents() == {}


def test_a_link_to_another_installation_is_stale_and_replaced(tmp_path: Path, here: Scene) -> None:
    """After an upgrade into another folder, also when the old one is gone."""
    old = scene(tmp_path, "old")
    old.install()
    (old.origin.scripts / UP).unlink()
    there = [found(file) for file in here.files()]
    assert {each.state for each in there} == {State.STALE}
    assert there[0].about == f"leads to {old.origin.scripts / UP}, which is gone"
    assert set(here.install()) == {f"{name}: replaced" for name in names("pgpool")}
    assert here.contents()[UP] == f"-> {here.origin.scripts / UP}"


def test_a_relative_link_is_ours_as_well(here: Scene) -> None:
    """People make such with `ln -sr`."""
    (here.into / UP).symlink_to(Path("../opt/bin", UP))
    assert here.install()[0] == f"{UP}: unchanged"


def test_remove_takes_a_stale_link_away(tmp_path: Path, here: Scene) -> None:
    """It would run a hook of vipswitch all the same, or nothing."""
    scene(tmp_path, "old").install()
    here.remove()
    assert here.contents() == {}


def _a_file(path: Path) -> None:
    path.write_text("theirs")


def _a_link(path: Path) -> None:
    path.symlink_to("/bin/true")


@pytest.mark.parametrize("put", [_a_file, _a_link, Path.mkdir, os.mkfifo])
def test_what_is_not_ours_stops_everything(here: Scene, put: object) -> None:
    """One line that names it, and not one hook is installed; `remove` takes the others away."""
    there = here.into / "vipswitch-arping"
    put(there)  # type: ignore[operator]
    with pytest.raises(ConfigError, match=f"^{there}: is ") as refused:
        here.install()
    assert "move it away" in refused.value.hint
    assert [path.name for path in here.into.iterdir()] == ["vipswitch-arping"]
    (here.into / UP).symlink_to(here.origin.scripts / UP)
    assert "vipswitch-arping: left alone" in here.remove()
    assert [path.name for path in here.into.iterdir()] == ["vipswitch-arping"]


def test_what_is_not_ours_is_told_where_the_executable_is_missing_as_well(here: Scene) -> None:
    """An installation that pip has not finished; `list` and `remove` take it as `install` does."""
    (here.into / UP).write_text("theirs")
    (here.origin.scripts / UP).unlink()
    (up, *_) = here.files()
    assert found(up).state is State.FOREIGN
    assert f"{UP}: left alone" in here.remove()
    with pytest.raises(ConfigError, match=f"{UP}: this vipswitch has none"):
        here.install()
    assert here.contents() == {UP: "theirs"}


def test_every_reason_is_told_at_once(here: Scene) -> None:
    """Whoever mends them does so in one go."""
    for name in names("pgpool")[:2]:
        (here.into / name).write_text("theirs")
    with pytest.raises(ConfigError) as refused:
        here.install()
    assert len(refused.value.message.splitlines()) == 2


def test_what_pip_has_put_there_itself_is_left_to_pip(here: Scene) -> None:
    """In a system-wide installation the callers' folder is pip's own."""
    at_home = Scene(here.origin, here.origin.scripts)
    assert set(at_home.install()) == {f"{name}: unchanged" for name in names("pgpool")}
    assert set(at_home.remove()) == {f"{name}: left alone" for name in names("pgpool")}
    assert (here.origin.scripts / UP).is_file()


def test_an_executable_that_the_installation_lacks_is_named(here: Scene) -> None:
    """A link to nothing would make a caller fail at the next failover only."""
    (here.origin.scripts / UP).unlink()
    with pytest.raises(ConfigError, match=f"{UP}: this vipswitch has none"):
        here.install()
    assert here.contents() == {}


def test_a_folder_that_is_not_there_is_not_made(here: Scene) -> None:
    """No caller looks in it; a typo would go unseen."""
    with pytest.raises(ConfigError, match=r"/nowhere: no such folder$"):
        Scene(here.origin, here.into / "nowhere").install()


def test_whoever_may_not_write_there_hears_so() -> None:
    """And what to do about it."""
    with visible_to_all() as folder, as_nobody():
        here = Scene(scene(folder).origin, Path("/usr/bin"))
        with pytest.raises(PermissionDenied, match=f"^/usr/bin/{UP}: may not be changed$") as refused:
            here.install()
    assert refused.value.hint == "run this as root; nothing was changed"


@pytest.mark.parametrize("caller", ["pgpool", "systemd"])
def test_what_a_user_may_not_look_at_is_not_ours(caller: str) -> None:
    """Neither free to be filled nor a bug: nobody knows what lies in such a folder."""
    with visible_to_all() as folder, as_nobody():
        here = scene(folder)
        here.into.chmod(0)
        with pytest.raises(ConfigError, match=r": may not be read, so it is not ours$") as refused:
            here.install(caller)
        assert "no such folder" not in str(refused.value)
        assert all(each.endswith(": left alone") for each in here.remove(caller))
        here.into.chmod(0o755)


def test_a_link_into_a_folder_of_somebody_elses_is_told() -> None:
    """Root has installed it from a home of its own; `list` of another user says where it leads."""
    with visible_to_all() as folder, as_nobody():
        here = scene(folder)
        (folder / "theirs").mkdir()
        (here.into / UP).symlink_to(folder / "theirs" / UP)
        (folder / "theirs").chmod(0)
        (up, *_) = here.files()
        about = found(up).about
        (folder / "theirs").chmod(0o755)
    assert about == f"leads to {folder}/theirs/{UP}, which is not for this user to see"


def test_a_user_may_install_into_a_folder_of_its_own() -> None:
    """Patroni's, for example: nobody but root and the user can change what it runs then."""
    with visible_to_all() as folder, as_nobody():
        here = scene(folder)
        assert set(here.install()) == {f"{name}: installed" for name in names("pgpool")}
        assert set(here.remove()) == {f"{name}: removed" for name in names("pgpool")}


@contextmanager
def visible_to_all() -> Iterator[Path]:
    """A folder that everybody can use, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="vsinstalled") as made:
        Path(made).chmod(0o1777)
        yield Path(made)


@contextmanager
def as_nobody() -> Iterator[None]:
    """For root: inside, the kernel and we take this process for nobody's."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_hook_of_a_clone_runs_by_this_interpreter(tmp_path: Path, here: Scene) -> None:
    """Without PATH, from anywhere, whatever PYTHONPATH says; its words come through as they are."""
    clone = tmp_path / "a clone"
    (clone / "hooks").mkdir(parents=True)
    (clone / "hooks/if_up_cmd").write_text("import sys; print(sys.flags.isolated, *sys.argv[1:], sep='|')")
    for place in PLACES["pgpool"]:
        (here.origin.scripts / place.executable.command).unlink()
        (clone / "hooks" / place.executable.cloned).touch()
    of_clone = Scene(type(here.origin)(*_of(here), clone), here.into)
    of_clone.install()
    words = [here.into / UP, "10.99.0.50", "a b", "$x"]
    done = subprocess.run(words, env={"PYTHONPATH": "/nowhere"}, capture_output=True, text=True, check=True)
    assert done.stdout == "1|10.99.0.50|a b|$x\n"
    assert set(of_clone.install()) == {f"{name}: unchanged" for name in names("pgpool")}
    assert set(of_clone.remove()) == {f"{name}: removed" for name in names("pgpool")}


def _of(here: Scene) -> tuple[Path, Path, Path, Path]:
    return here.origin.scripts, here.origin.data, here.origin.interpreter, here.origin.package


def test_a_program_of_somebody_elses_is_no_hook_of_a_clone(here: Scene) -> None:
    """Two lines of shell alone do not make it ours."""
    program(here.into / UP, 'exec /opt/other/tool "$@"')
    with pytest.raises(ConfigError, match="is not ours"):
        here.install()
