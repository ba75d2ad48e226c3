"""Nasty answers as a person would read them aloud: versions, places, tags, measures, formulas, both languages."""

from __future__ import annotations

import pytest

from conversation.speech_text import ClauseCutter, speak
from conversation.speech_text.script import is_chinese, languages


@pytest.mark.parametrize(
    ("text", "aloud"),
    [
        # Dates, times, days.
        ("the old one was Mar. 5th, 2023", "the old one was March fifth, twenty twenty-three"),
        ("due 5/6, done by 12/31.", "due May sixth, done by December thirty-first."),
        ("It takes 1h30m, Mon–Fri.", "It takes one hour thirty minutes, Monday to Friday."),
        # Money.
        ("-$20 on a $5M deal", "minus twenty dollars on a five million dollar deal"),
        ("50¢, a $5 bill", "fifty cents, a five dollar bill"),
        ("US$10–15 per month, $5-$10", "ten to fifteen US dollars per month, five to ten dollars"),
        ("$0.99/month or $1,825/yr",
         "ninety-nine cents per month or one thousand eight hundred twenty-five dollars per year"),
        # Telephones and addresses.
        ("Call 911 or 112.", "Call nine one one or one one two."),
        ("1-800-FLOWERS, ext. 42", "one, eight zero zero, Flowers, extension forty-two"),
        ("221B Baker St., Apt. 4C", "two hundred twenty-one B Baker Street, Apartment four C"),
        # Versions and models.
        ("not v2.7 but 3.11.4", "not version two point seven but three point eleven point four"),
        ("PyTorch 2.3.0rc1", "PyTorch two point three point zero RC one"),
        ("Qwen2.5-1.5B runs", "Qwen two point five one point five B runs"),
        ("ping 192.168.1.1", "ping one nine two dot one six eight dot one dot one"),
        ("a 7B model, 7B people", "a seven B model, seven billion people"),
        ("1920x1080, 2x–3x faster",
         "one thousand nine hundred twenty by one thousand eighty, two to three times faster"),
        # Places of files, tags, code, entities.
        ("/etc/hosts and ~/.bashrc", "slash etc slash hosts and slash dot bashrc"),
        (r"C:\Users\me", "C backslash Users backslash me"),
        ("@user uses #tags and .NET", "at user uses hashtag tags and dot net"),
        ("a+b@c.org", "a plus b at c dot org"),
        ("`ls | grep .txt` and `x==1.2.3`", "ls pipe grep dot txt and x equals equals one point two point three"),
        ("R&amp;D &lt;div&gt;", "R and D div"),
        ("Fine (╯°□°)╯ (yes)", "Fine (yes)"),
        ("First words\n\nNext ones", "First words. Next ones"),
        # Measures.
        ("A 2TB SSD at 7,000 MB/s", "A two terabyte SSD at seven thousand megabytes per second"),
        ("6ft 2in, 3/4 tsp, 420 ppm",
         "six feet two inches, three quarters teaspoons, four hundred twenty parts per million"),
        # Formulas.
        ("E = mc², CO₂, x^2 + y^3", "E equals mc squared, CO two, x squared plus y cubed"),
        ("√16 = 4, 10^6, 1e-5",
         "the square root of sixteen equals four, ten to the power of six, ten to the power of minus five"),
        ("6.02×10²³", "six point zero two times ten to the power of twenty-three"),
        ("x >= 5, Python >=3", "x is at least five, Python at least three"),
        ("10/2=5 (≈8 km)", "ten over two equals five (about eight kilometres)"),
        (r"the area $A = \pi r^2$", "the area ay equals pi r squared"),
        (r"\(\frac{x}{2} \leq \sqrt{y_1}\)", "x over two is at most the square root of y one"),
        (r"$$x^{10} \times -3$$", "x to the power of ten times minus three"),
        ("It costs $5 and $6.", "It costs five dollars and six dollars."),
        ("$21.4T (€19.1tn)", "twenty-one point four trillion dollars (nineteen point one trillion euros)"),
        ("a ratio of 1.78:1, the 2008–09 season",
         "a ratio of one point seven eight to one, the two thousand eight to oh nine season"),
        ("cheap ($0.002/1K tokens) @ noon", "cheap (zero point zero zero two dollars per one thousand tokens) at noon"),
        ("highs of 12/5°C", "highs of twelve/five degrees Celsius"),
        ("a²+b²=c²", "a squared plus b squared equals c squared"),
        ("a word¹ with a note", "a word with a note"),
        ("World of WWII, vs them", "World of World War Two, versus them"),
    ],
)  # fmt: skip
def test_english(text: str, aloud: str) -> None:
    assert speak(text).text == aloud


@pytest.mark.parametrize(
    ("text", "aloud"),
    [
        ("打400-800-1234，急救120，报警110。", "打四零零八零零幺二三四，急救幺二零，报警幺幺零。"),
        ("房间号1208，邮编100084", "房间号幺二零八，邮编幺零零零八四"),
        ("IP是192.168.1.1。", "IP是幺九二点幺六八点幺点幺。"),
        ("版本v2.0.1，安装Python 3.11", "版本二点零点一，安装Python 三点一一"),
        ("PM2.5是75μg/m³", "PM 二点五是七十五微克每立方米"),
        ("50元～60元，每月5元/人", "五十元到六十元，每月五元每人"),
        ("2³=8，x>0，①②", "二的立方 等于 八，x 大于 零， 一 二"),
        ("第Ⅲ章，2斤苹果", "第三章，两斤苹果"),
        ("空间>2GB", "空间 大于 二GB"),
        ("GPT-4，很好", "GPT-四，很好"),
        ("我用iPhone 15 Pro Max拍照", "我用iPhone fifteen Pro Max拍照"),
        ("1. 甲\n2. 乙", "一，甲, 二，乙"),
        (r"面积是$\frac{1}{2}ab$", "面积是 二分之 一 ab"),
        ("加油(ง •̀_•́)ง", "加油"),
    ],
)
def test_chinese(text: str, aloud: str) -> None:
    assert "".join(speak(text, default="zh").text.split()) == "".join(aloud.split())


@pytest.mark.parametrize("text", ["He came in Mar. 5 to us.", "See Apt. 4 there now.", "Dial it at ext. 42 today."])
def test_such_abbreviations_end_no_clause(text: str) -> None:
    cutter = ClauseCutter()
    assert cutter.feed(text) + cutter.finish() == [text]


def test_numbers_take_the_language_of_most_words_where_letters_stand_on_one_side() -> None:
    assert languages("好，Python 3")[-1] == "zh"
    assert languages("We call it 你好 in lesson 3")[-1] == "en"
    assert languages("3.14", "zh") == ["zh"] * 4


@pytest.mark.parametrize(
    ("text", "chinese"), [("你好", True), ("say 你好", True), ("こんにちは世界", False), ("hello", False), ("", False)]
)
def test_chinese_is_told_from_japanese(text: str, chinese: bool) -> None:
    assert is_chinese(text) is chinese
