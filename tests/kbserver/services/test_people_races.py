"""Many at once: what is counted, made or used once stays so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from kbserver.domain.permissions import Role
from kbserver.errors import KBError
from kbserver.services.accounts import COMMAND_LINE, Person
from kbserver.services.container import Services
from kbserver.services.sign_in import Browser

PASSWORD = "corgi-lamp-91"
AT_ONCE = 50


def outcomes(act: Callable[[int], object]) -> Counter[str]:
    """How often each thing came of it when everybody does it at the same time."""

    def name_of(number: int) -> str:
        try:
            return "done" if act(number) is not None else "nothing"
        except KBError as error:
            return type(error).__name__

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(name_of, range(AT_ONCE)))


def test_tries_at_once_are_no_more_free_than_tries_in_turn(services: Services, clock) -> None:
    services.accounts.create(COMMAND_LINE, Person("a", Role.AGENT), PASSWORD)
    clock.tick = False

    found = outcomes(lambda n: services.sign_in.sign_in("a", "wrong", Browser(f"203.0.113.{n}")))

    assert found == {"SignInRefused": 5, "TooManyTries": AT_ONCE - 5}


def test_of_many_accounts_of_one_name_one_is_made(services: Services) -> None:
    found = outcomes(lambda n: services.accounts.create(COMMAND_LINE, Person("a", Role.AGENT)))

    assert found == {"done": 1, "Conflict": AT_ONCE - 1}


def test_a_password_link_is_used_once(services: Services) -> None:
    account = services.accounts.create(COMMAND_LINE, Person("a", Role.AGENT))
    secret = services.password_links.create(COMMAND_LINE, account.id).path.rpartition("/")[2]

    found = outcomes(lambda n: services.password_links.use(secret, f"teapot-river-{n}", Browser()))

    assert found == {"done": 1, "NotFound": AT_ONCE - 1}


def test_one_first_administrator_is_made(services: Services) -> None:
    found = outcomes(lambda n: services.accounts.create_first_administrator())

    assert found == {"done": 1, "nothing": AT_ONCE - 1}
