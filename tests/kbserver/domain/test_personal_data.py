from __future__ import annotations

import time

import pytest

from kbserver.domain.personal_data import PersonalKind, personal_data_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("请拨 138 1234 5678", PersonalKind.PHONE),
        ("+86 13912345678。", PersonalKind.PHONE),
        ("座机 010-62781234", PersonalKind.PHONE),
        ("发给 zhang.wei+it@corp.com.cn", PersonalKind.EMAIL),
        ("身份证 11010519491231002X", PersonalKind.ID_NUMBER),
        ("卡号 6222021234567890128", PersonalKind.CARD),
        ("默认密码：Pa55word!", PersonalKind.PASSWORD),
        ('password = "s3cret-9"', PersonalKind.PASSWORD),
        ("口令为abc123，请修改", PersonalKind.PASSWORD),
    ],
)
def test_what_belongs_to_somebody_is_found(text: str, kind: PersonalKind) -> None:
    assert [found.kind for found in personal_data_in(f"第一行\n{text}")] == [kind]
    assert personal_data_in(f"第一行\n{text}")[0].line == 2


@pytest.mark.parametrize(
    "text",
    [
        "服务热线 400-650-1234，110",
        "错误 0x8004010F，版本 16.0.17928.20114",
        "订单 110105194912310021",
        "someone@example.com 或 admin@contoso.com",
        "密码：请联系管理员",
        "password: <your password>",
        "密码：******",
        "PWD=%PASSWORD1%",
        "事件 ID 4740，端口 13812",
        "序列号 138123456789",
        "reg add HKCU\\Software\\Microsoft\\Office\\16.0 /d 30720",
    ],
)
def test_what_belongs_to_nobody_is_left_alone(text: str) -> None:
    assert personal_data_in(text) == ()


def test_the_whole_of_it_is_not_repeated() -> None:
    (found,) = personal_data_in("13812345678")

    assert found.shown == "138…78"


@pytest.mark.parametrize("piece", ["a", "1", "a@", "1381234567 ", "密码：", "a.b@c-"])
def test_a_long_text_is_read_in_a_moment(piece: str) -> None:
    started = time.perf_counter()

    personal_data_in(piece * (256_000 // len(piece.encode())))

    assert time.perf_counter() - started < 1
