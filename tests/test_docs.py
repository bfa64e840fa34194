"""The README says what the code does: its tables are made from the code, its commands are run."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from kbserver.cli import kb
from kbserver.config import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def settings_table():
    rows = [f"| `{s.variable}` | {f'`{s.default}`' if s.default else ''} | {s.meaning} |" for s in SETTINGS]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def commands(group=kb, prefix="kb"):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def direct_dependencies():
    return [re.match(r"[A-Za-z0-9_.-]+", line).group() for line in PROJECT["dependencies"]]


def make_targets():
    return re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_settings_table_is_the_one_in_the_code():
    assert settings_table() in README


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_is_in_the_readme(name):
    group, _, last = name.rpartition(" ")
    assert f"`{name}" in README or re.search(rf"`{group} [^|]*`{last}", README), f"{name} is missing"


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_has_help(name):
    command = dict(commands())[name]

    assert command.help
    assert command.help.strip().endswith(".")


@pytest.mark.parametrize("name", direct_dependencies())
def test_every_direct_dependency_has_its_reason(name):
    assert re.search(rf"^\| `{re.escape(name)}` \| .+ \|$", README, re.MULTILINE)


@pytest.mark.parametrize("target", make_targets())
def test_every_make_target_is_in_the_readme(target):
    assert f"make {target}" in README


@pytest.mark.parametrize("path", re.findall(r"`((?:indexer|kbserver|tests|articles)/[\w./-]*)`", README))
def test_every_path_in_the_readme_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:|#)([^)]+)\)", README))
def test_every_link_in_the_readme_leads_somewhere(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("arguments", [["--help"], ["index", "--help"], ["search", "--help"], ["eval", "--help"]])
def test_help_loads_no_engine(arguments):
    script = (
        "import sys; sys.argv = ['kb', *sys.argv[1:]]\n"
        "from kbserver.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'faiss', 'onnxruntime', 'sqlalchemy'} & set(sys.modules), 'help is slow'\n"
    )

    done = subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
