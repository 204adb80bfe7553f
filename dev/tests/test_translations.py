import polib
from cq import translations


def catalogue(**terms):
    file = polib.POFile()
    file.metadata = {"POT-Creation-Date": "2026-01-01 00:00"}
    for msgid, msgstr in terms.items():
        file.append(polib.POEntry(msgid=msgid, msgstr=msgstr, comment="module: customer_quality"))
    return file


def test_a_merge_keeps_translations_adds_new_terms_and_drops_old_ones():
    terms = catalogue(New="", Order="", Review="")
    chinese = catalogue(Review="评审", Gone="没了", Order="订单")
    translations.merge(terms, chinese)
    assert [(e.msgid, e.msgstr) for e in chinese] == [
        ("New", ""),
        ("Order", "订单"),
        ("Review", "评审"),
    ]
    assert not any(entry.fuzzy or entry.obsolete for entry in chinese)


def test_a_merge_leaves_no_date_to_change_each_time():
    terms, chinese = catalogue(Order=""), catalogue(Order="订单")
    translations.merge(terms, chinese)
    assert not terms.metadata and not chinese.metadata
