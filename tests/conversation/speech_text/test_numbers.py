"""Numbers in words: against another reader of English, an inverse for Chinese, and sentences as people say them."""

import pytest
from hibari.g2p import numbers as reference
from hypothesis import given
from hypothesis import strategies as st

from conversation.speech_text import speak
from conversation.speech_text.numbers import chinese_words, english_words
from conversation.speech_text.numbers.english import roman


def plain(words: str) -> list[str]:
    return words.replace(",", "").replace("-", " ").replace(" and ", " ").split()


@given(st.integers(0, 10**15 - 1))
def test_english_cardinals_and_ordinals(number: int) -> None:
    assert plain(english_words.cardinal(number)) == plain(reference.cardinal(number))
    assert plain(english_words.ordinal(number)) == plain(reference.ordinal(number))


@given(st.integers(1000, 2999))
def test_english_years(number: int) -> None:
    assert plain(english_words.year(number)) == plain(reference.year(number))


def value_of(words: str) -> int:
    """What a Chinese number means: the largest power divides it."""
    for power, name in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        # "一万二千亿" is (一万二千)亿: the last of the largest names divides.
        at = words.rfind(name)
        if at >= 0:
            before, after = words[:at].strip("零"), words[at + len(name) :].strip("零")
            return (value_of(before) if before else 1) * power + (value_of(after) if after else 0)
    assert len(words) == 1
    return "零一二三四五六七八九".index(words)


@given(st.one_of(st.integers(0, 10**16 - 1), st.integers(0, 200_000)))
def test_chinese_cardinals_mean_their_number(number: int) -> None:
    assert value_of(chinese_words.cardinal(number)) == number


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"), (10, "十"), (12, "十二"), (105, "一百零五"), (110, "一百一十"), (215, "二百一十五"),
        (1001, "一千零一"), (10010, "一万零一十"), (100000, "十万"), (20002, "二万零二"),
        (123456789, "一亿二千三百四十五万六千七百八十九"),
        (10**12 + 5, "一万亿零五"), (1234500000000, "一万二千三百四十五亿"),
    ],
)  # fmt: skip
def test_chinese_cardinals(number: int, words: str) -> None:
    assert chinese_words.cardinal(number) == words


@given(st.integers(1, 3999))
def test_roman_numerals_are_read_back(number: int) -> None:
    text, rest = "", number
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text, rest = text + sign * (rest // value), rest % value
    assert roman(text) == number
    assert roman("IIX") == roman("VX") == 0


@pytest.mark.parametrize(
    ("text", "aloud"),
    [
        ("It costs $5.50 or £3.01.", "It costs five dollars and fifty cents or three pounds and one penny."),
        ("$0.99, $1.5 million", "ninety-nine cents, one point five million dollars"),
        ("at 10:30 a.m., 14:05, 5:00 and 5pm", "at ten thirty A.M., fourteen oh five, five o'clock and five P.M."),
        ("March 5, 2024 and 5 May", "March fifth, twenty twenty-four and May fifth"),
        ("2024-03-05, 12/25/2024", "March fifth, twenty twenty-four, December twenty-fifth, twenty twenty-four"),
        ("In 1905, in 1066 and 2007", "In nineteen oh five, in ten sixty-six and two thousand seven"),
        ("the 1990s, the 80s, 30s", "the nineteen nineties, the eighties, thirty seconds"),
        ("1/2, 3/4, 2 1/2 cups, ½", "one half, three quarters, two and a half cups, one half"),
        ("Call 555-123-4567.", "Call five five five, one two three, four five six seven."),
        ("-5°C, 20-25°C", "minus five degrees Celsius, twenty to twenty-five degrees Celsius"),
        ("5-10%, 1 km, 16GB", "five to ten percent, one kilometre, sixteen gigabytes"),
        ("100 km/h, 1990–2000", "one hundred kilometres per hour, nineteen ninety to two thousand"),
        ("21st, 3rd, #5, No. 7", "twenty-first, third, number five, number seven"),
        ("1,234 birds, 007, 3.14", "one thousand two hundred thirty-four birds, zero zero seven, three point one four"),
        ("version 1.2.3, GPT-4, 3D, MP3", "version one point two point three, GPT-four, three D, MP3"),
        ("10:30-11:00, $5–$10, 5-6pm", "ten thirty to eleven o'clock, five to ten dollars, five to six P.M."),
        ("5'10\", 24/7, 50/50, 2x", "five foot ten, twenty-four seven, fifty fifty, two times"),
        ("10k, 4K, 1,000,000", "ten thousand, four K, one million"),
        ("我有3个苹果，2个梨，12个，第2次，2月2号。", "我有三个苹果，两个梨，十二个，第二次，二月二号。"),
        ("2024年3月5日10:30，10:05，2:00", "二零二四年三月五日十点三十分，十点零五分，两点"),
        ("2024-03-05到了，温度-5°C", "二零二四年三月五日到了，温度零下五摄氏度"),
        ("涨了5.5%，20%–30%，1/2，3:2", "涨了百分之五点五，百分之二十到百分之三十，二分之一，三比二"),
        ("价格￥5.5，$20，1.5万元，5–10公里，3km", "价格五点五元，二十美元，一点五万元，五到十公里，三公里"),
        ("10月1日-7日，大约~5000元", "十月一日到七日，大约五千元"),
        ("电话13812345678", "电话幺三八幺二三四五六七八"),
    ],
)  # fmt: skip
def test_sentences(text: str, aloud: str) -> None:
    assert speak(text).text == aloud


@given(st.text("0123456789 .,:/-–%$°年个", max_size=40))
def test_no_digit_is_left_to_the_voice(text: str) -> None:
    assert not any(c.isdecimal() for c in speak(text).text)


@pytest.mark.parametrize("before", ["", "#", "$", "1:", "v1.2.", "1/", "-", "共", "￥", "第", "+", "1,"])
@pytest.mark.parametrize("after", ["", "th", "%", "km", "个", ":5", ".5"])
def test_a_number_without_end_is_only_digits(before: str, after: str) -> None:
    assert speak(before + "9" * 5000 + after).text
