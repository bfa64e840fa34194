from __future__ import annotations

import pytest

from indexer import generations
from indexer.generations import IndexBusyError, building_folder, finish_folder, writer_lock
from indexer.manifest import Manifest, SegmentEntry


def commit_part(root, number: int) -> str:
    with building_folder(root / "segments") as folder:
        (folder / "data").write_text(str(number))
        name, files = finish_folder(folder)
        segments = (SegmentEntry(name, 0, 0, files),)
        generations.commit(root, Manifest(number, "", "", number, segments))
    return name


def test_the_last_commit_is_current(tmp_path):
    for number in (1, 2):
        commit_part(tmp_path, number)
    assert generations.current_manifest(tmp_path).sequence == 2


def test_two_generations_before_the_current_one_are_kept(tmp_path):
    names = [commit_part(tmp_path, number) for number in range(1, 6)]
    assert generations.generation_numbers(tmp_path) == [5, 4, 3]
    assert {path.name for path in (tmp_path / "segments").iterdir()} == set(names[2:])


def test_an_unfinished_part_leaves_nothing_behind(tmp_path):
    with building_folder(tmp_path / "segments") as folder:
        (folder / "data").write_text("x")
    assert not list((tmp_path / "segments").iterdir())


def test_a_sweep_spares_a_part_in_the_making(tmp_path):
    with building_folder(tmp_path / "segments") as folder:
        commit_part(tmp_path, 1)
        assert folder.is_dir()


def test_a_sweep_takes_what_a_dead_process_left(tmp_path):
    left = tmp_path / "segments" / ("dead" + generations.BUILDING)
    left.mkdir(parents=True)
    commit_part(tmp_path, 1)
    assert not left.exists()


def test_only_one_writer_at_a_time(tmp_path):
    with writer_lock(tmp_path), pytest.raises(IndexBusyError), writer_lock(tmp_path, wait=0):
        pass


def test_a_lost_pointer_is_said_and_the_newest_generation_is_used(tmp_path):
    commit_part(tmp_path, 1)
    (tmp_path / "CURRENT").write_bytes(b"\xff")
    problems: list[str] = []
    assert generations.whole_manifest(tmp_path, problems).generation == 1
    assert problems == ["CURRENT is missing or damaged"]


def test_a_generation_that_was_never_committed_is_not_read(tmp_path):
    commit_part(tmp_path, 1)
    folder = tmp_path / "gen-000002"
    folder.mkdir()
    (folder / "manifest.json").write_bytes(Manifest(2, "", "", 2).to_bytes())
    assert generations.current_manifest(tmp_path).generation == 1


def test_a_manifest_of_another_generation_is_refused(tmp_path):
    for number in (1, 2):
        commit_part(tmp_path, number)
    old = (tmp_path / "gen-000001" / "manifest.json").read_bytes()
    (tmp_path / "gen-000002" / "manifest.json").write_bytes(old)
    assert generations.current_manifest(tmp_path).generation == 1
