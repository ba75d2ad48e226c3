"""Words at which a sentence goes on, ends or begins: what turn_end looks for. All in lower case."""

from __future__ import annotations

import re
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _any(phrases: str) -> str:
    """Alternatives of a pattern, parted by slashes and line ends."""
    return "|".join(filter(None, (phrase.strip() for phrase in re.split(r"[/\n]", phrases))))


_INTERJECTIONS: Final = r"(?:(?:so|and|but|well|ok|okay|oh|hey|hi|hello|please|visavis|then|now|sorry|excuse me)\s+)*"

LEFT_OPEN: Final = _words("""
    a an the and but or nor because although unless if whether while than as my your our their its whose every each
    another several neither such very quite rather extremely um uh er erm uhm hmm so plus basically mr mrs ms dr gonna
    wanna i'm i've i'd i'll we're we've we'll you're they're he's she's it's that's there's here's let's who's
""")
"""Nothing ends with these."""

VERBS: Final = _words("""
    i we they he she who which is are was were am be been being can could would should will shall must might may can't
    couldn't won't wouldn't shouldn't don't doesn't didn't isn't aren't wasn't has have had do does did get got make
    made take put
""")
"""Subjects and verbs that want more, but at the end of a question or of one inside a sentence ("what it is")."""

POINTING: Final = _words("that this these those")
"""Either the last word ("I like that") or the first of what follows ("it is true that")."""

STRANDED: Final = _words("""
    to of in on at by for from with about into onto over under between through during without within against towards
    around across near behind beside like until till since before after
""")
"""Prepositions: a question may end with one."""

QUESTION: Final = re.compile(
    _INTERJECTIONS
    + "(?:"
    + _any(r"""
        what / who / whom / whose / which / why / how / where / what's / who's / where's / how's
        when(?=\s+(?:is|are|was|were|do|does|did|will|can|could|should|has|have))
        is / are / was / were / am / do / does / did / can / could / will / would / should / shall / may / have / has
        isn't / aren't / don't / doesn't / didn't / can't / won't / wouldn't
    """)
    + r")\b"
)
"""The opening of a question."""

ASKS_FOR: Final = re.compile(_INTERJECTIONS + r"(?:what|who|whom|where|which|how|what's|who's|where's)\b")
"""The opening of a question that may end with a preposition."""

CARRIED_ON: Final = re.compile(
    r"^(?:well|okay so|so yeah)$|(?:^|\s)(?:"
    + _any(r"""
        i want / i need / i'd like / i would like / i'd love / i would love / i'd prefer / i think / i guess / i mean
        i believe / i suppose / i wonder / i hope / i heard / i was wondering / i'm wondering / i was thinking
        let us / let me / let me think / let me see / (?:can|could|would|will) you(?: please)? / can i / could i
        may i / should i / shall we / do you / did you / are you / do you know / do you think / do you want
        would you like / tell me / show me / give me / bring me / remind me / send me / teach me / ask me / explain
        recommend / there is / there are / is there / are there / how about / what about / what if / how do / how many
        how much / what kind / how long / such as / for example / for instance / kind of / sort of / a lot of
        lots of
        some of / most of / one of / all of / a couple / the only / the first / the second / the next / the most
        even though / so that / in order / because of / at least / not only / going to / want to / have to / used to
        able to / need to / as if / my name / the name / the thing / the problem / the question / the point / what i
        more than / less than / and then / or maybe / and also / but also / and maybe / you know / you know what
        a bit / a little / a little bit / (?:read|write|play|sing|teach|ask|buy|make|get|find) me / to be / to say
        to ask / to tell you / (?:and|but|think|know|say|said|hope|sure|afraid|means|heard|true) that
        (?:problem|thing|idea|point|truth) is that / told me that / between(?: (?!and\b)\w+){1,3}
    """)
    + ")$"
)
"""Ends after which the object or the clause is missing."""

OPENING: Final = re.compile(
    _INTERJECTIONS
    + "(?:"
    + _any("""
        if / when / whenever / while / because / although / though / since / after / before / once / unless / until
        as soon as / as long as / as far as / as for / even if / in case / apart from / besides / instead of
        first of all / on the one hand / by the way / the last time
    """)
    + r")\b"
)
"""The opening of a sentence whose main clause comes later."""

WHOLE: Final = re.compile(
    r"(?:(?:yes|yeah|yep|no|nope|well|oh|of course|sure|ok|okay)\s+)?(?:i|we|they|you|he|she|it|that|this|there)\s+"
    + "(?:"
    + _any("""
        do / does / did / don't / doesn't / didn't / am / are / is / was / were / can / can't / could / will / won't
        would / have / haven't / has / had / should / must / isn't / aren't / wasn't
    """)
    + ")|(?:"
    + _any("""
        yes / yeah / yep / no / nope / ok / okay / sure / of course / thanks / thank you / please / right / exactly
        hello / hi / hey / good morning / good evening / good night / goodbye / bye / bye bye / stop / wait / sorry
        excuse me / nothing / never mind / maybe / perhaps / i don't know / i see / really / why / why not / what
        who
        where / how / when / great / good / fine / cool / all right / alright / absolutely / definitely / probably
        me too / so do i / i think so / i hope so / i guess so / let's go / go on / that's it / that's all
        it depends
    """)
    + r")(?:\s+(?:thanks|thank you|please|very much|visavis|there))?|"
    + _any("""
        (?:what|who|how|where) (?:is|are|was|were) (?:it|that|this|you|they|he|she|we) / what's that
        (?:how|what) (?:do|can|should) (?:i|we|you) do / how are you(?: doing| today)?
    """)
)
"""Short things that are said as they are."""

DIGIT: Final = _words("zero oh one two three four five six seven eight nine double")

TOLD: Final = _words("number phone code pin zip telephone")
"""Where these are said, digits are told one by one."""

DIGIT_ZH: Final = re.compile(r"[零〇一二三四五六七八九幺两\d]{2,}$")

WHOLE_ZH: Final = re.compile(
    _any("""
        是 / 是的 / 不是 / 对 / 對 / 对的 / 不对 / 好 / 好的 / 好吧 / 好啊 / 行 / 可以 / 不可以 / 能 / 不能 / 会
        不会 / 要 / 不要
        想 / 不想 / 有 / 没有 / 沒有 / 不在 / 谢谢 / 謝謝 / 谢谢你 / 再见 / 再見 / 你好 / 您好 / 没事 / 没关系
        不用 / 不用了
        不知道 / 我不知道 / 当然 / 當然 / 当然可以 / 真的 / 真的吗 / 什么 / 怎么了 / 停 / 等等
        等一下 / 算了
        我也是 / 还好 / 继续 / 明白 / 明白了 / 知道了 / 没问题 / 晚安 / 早上好 / 晚上好 / 我会 / 我是 / 我有
        你们好 / 大家好 / 我的 / 你的
    """)
)

CARRIED_ON_ZH: Final = re.compile(
    "(?:"
    + _any("""
        和 / 跟 / 与 / 與 / 及 / 或 / 或者 / 还有 / 還有 / 还是 / 還是 / 但是 / 可是 / 不过 / 不過 / 因为 / 因為
        所以 / 如果 / 要是
        虽然 / 雖然 / 然后 / 然後 / 而且 / 并且 / 並且 / 就是 / 就是说 / 那个 / 那個 / 这个 / 這個 / 比如 / 比如说
        例如 / 关于 / 關於
        对于 / 對於 / 从 / 從 / 把 / 被 / 给我 / 給我 / 向 / 让 / 讓 / 帮我 / 幫我 / 替我 / 请 / 請 / 我想 / 我要
        我觉得 / 我覺得 / 我认为
        我希望 / 我喜欢 / 我打算 / 我想知道 / 我想问 / 告诉我 / 告訴我 / 你觉得 / 你能 / 你可以 / 能不能 / 可不可以
        是不是 / 有没有
        最 / 很 / 非常 / 特别 / 特別 / 更 / 比较 / 比較 / 一些 / 一种 / 这些 / 那些 / 每 / 第 / 由于 / 由於 / 除了
        根据 / 为了 / 為了 / 通过
        呃 / 额 / 嗯 / 的话 / 的話 / 时候 / 時候 / 是 / 在 / 对 / 對 / 给 / 給 / 用 / 到 / 去 / 叫 / 当 / 當 / 会
        會 / 应该 / 應該
        可能 / 必须 / 需要 / 想要 / 准备 / 準備 / 开始 / 開始 / 另外 / 甚至 / 首先 / 其实 / 其實 / 不仅 / 不但
        只要 / 只有 / 即使
        我 / 你 / 他 / 她 / 它 / 我们 / 他们 / 她们 / 你们 / 咱们 / 大家 / 也 / 都 / 就 / 又 / 再 / 还 / 還 / 才
        不 / 没 / 別 / 别
        (?:一|两|几|这|那|每)(?:个|名|位|种|些|条|张|本|家|件|份|只|次|部|辆|杯|块|句|首|座|间)
    """)
    + ")$"
)
"""Ends after which the object or the clause is missing."""

LEFT_OPEN_ZH: Final = re.compile(
    "(?:"
    + _any("""
        的 / 地 / 得 / 之后 / 之後 / 以后 / 以後 / 之前 / 以前 / 那么 / 那麼 / 后来 / 找 / 买 / 買 / 学 / 學 / 写
        寫 / 读 / 讀 / 选 / 選
        换 / 換 / 试 / 試 / 推荐 / 介绍 / 翻译 / 听说 / 听说过 / 发现 / 不确定 / 为什么 / 有点 / 有一点 / 查一下
        讲一下 / 说一下 / 讲讲 / 说说 / 看看 / 查查 / 想想 / 一个问题 / 担心 / 怀疑 / 以为
        (?:去|买|看|学|做|认识|发现|用|写|听|读|参加|收到|忘)了
    """)
    + ")$|^(?:这|那|我的|你的|他的)(?:个|些|种|件|家)?[^是有在了吗呢]{1,3}$"
)
"""Ends after which most often an object follows, and subjects alone."""

ONLY_WHEN_ZH: Final = re.compile(
    "(?:"
    + _any(r"""
        今天 / 明天 / 后天 / 昨天 / 今年 / 明年 / 去年 / 上午 / 下午 / 中午 / 早上 / 晚上 / 星期. / 周. / 礼拜.
        [\d一二三四五六七八九十两]+(?:点|分|月|号|日|年) / 半 / 的 / 在 / 从
    """)
    + ")+"
)
"""A time, of which it is not said what happens then."""

OPENING_ZH: Final = re.compile(
    "(?:那|那么|嗯|呃|所以|但是)?(?:"
    + _any("""
        如果 / 要是 / 因为 / 因為 / 虽然 / 雖然 / 当 / 當 / 即使 / 只要 / 除了 / 不管 / 无论 / 無論 / 自从 / 自從
        由于 / 由於 / 首先 / 比如
    """)
    + ")"
)
"""The opening of a sentence whose main clause comes later."""

FINISHED_ZH: Final = re.compile(
    "(?:"
    + _any("""
        吗 / 嗎 / 呢 / 吧 / 啊 / 呀 / 嘛 / 啦 / 谢谢 / 謝謝 / 再见 / 再見 / 好不好 / 行不行 / 对不对 / 是什么
        什么 / 怎么办
        怎么样 / 怎麼樣 / 多少 / 哪里 / 哪裡 / 哪儿 / 几点 / 谁 / 了
    """)
    + ")$"
)
