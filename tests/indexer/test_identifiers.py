import pytest

from indexer.identifiers import MAX_LENGTH, identifiers_of, occurrences
from indexer.normalizing import normalize

SPELLINGS = {
    "th01": ["TH01", "TH-01", "ＴＨ０１", "th 01", "TH_01"],
    "0x8004010f": ["0x8004010F", "0X8004010F", "8004010F", "０x8004010F"],
    "0x7b": ["0x0000007B", "0x7B", "0000007B"],
    "0x11b": ["0x0000011b", "0x11B"],
    "ora12541": ["ORA-12541", "ora 12541", "ORA12541"],
    "kb5034441": ["KB5034441", "KB 5034441", "kb-5034441"],
    "cve202144228": ["CVE-2021-44228", "cve 2021 44228", "CVE_2021_44228"],
    "49.4c02": ["49.4C02", "HP 49.4C02"],
    "1045": ["ERROR 1045", "错误1045", "code 1045"],
    "809": ["错误 809", "error 809", "VPN错误809"],
    "m404dn": ["LaserJet M404dn", "M404DN"],
    "192.168.1.1": ["192.168.1.1", "192.168.1.1:8080"],
    "5.7.1": ["550 5.7.1", "v5.7.1"],
    "/etc/fstab": ["检查 /etc/fstab 文件"],
    "tidb_gc_life_time": ["TIDB_GC_LIFE_TIME"],
    "rpcrt4.dll": ["缺少 rpcrt4.dll"],
}


@pytest.mark.parametrize(("canonical", "written"), [(key, text) for key, texts in SPELLINGS.items() for text in texts])
def test_every_spelling_has_the_same_canonical_form(canonical, written):
    assert canonical in identifiers_of(normalize(written))


@pytest.mark.parametrize("written", ["打印机脱机了", "第 3 步", "10% 16GB", "restart the service", "and 5", ""])
def test_prose_and_amounts_are_no_identifiers(written):
    assert identifiers_of(normalize(written)) == []


def test_a_bare_number_finds_the_code_it_belongs_to():
    assert "12541" in identifiers_of("ora-12541")


def test_a_windows_path_is_one_identifier():
    assert identifiers_of(r"c:\windows\win.ini 丢失")[0] == r"c:\windows\win.ini"


def test_encoded_data_is_left_out():
    assert all(len(form) <= MAX_LENGTH for form in identifiers_of("a1" * 5000))


def test_occurrences_say_where_the_identifier_stands():
    text = "提示 ora-12541 时"

    (start, end, forms), *_ = occurrences(text)

    assert (text[start:end], forms[0]) == ("ora-12541", "ora12541")
