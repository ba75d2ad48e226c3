"""Chinese words at which a sentence goes on, ends or begins: what `end_chinese` looks for."""

from __future__ import annotations

import re
from typing import Final

from conversation.turns.end_words import any_of, words_of

DIGIT_ZH: Final = re.compile(r"[零〇一二三四五六七八九幺两\d]{2,}$")

WHOLE_ZH: Final = re.compile(
    any_of("""
        是 / 是的 / 不是 / 对 / 對 / 对的 / 不对 / 好 / 好的 / 好吧 / 好啊 / 行 / 可以 / 不可以 / 能 / 不能 / 会
        不会 / 要 / 不要
        想 / 不想 / 有 / 没有 / 沒有 / 不在 / 谢谢 / 謝謝 / 谢谢你 / 再见 / 再見 / 你好 / 您好 / 没事 / 没关系
        不用 / 不用了
        不知道 / 我不知道 / 当然 / 當然 / 当然可以 / 真的 / 真的吗 / 什么 / 怎么了 / 停 / 等等
        等一下 / 算了
        我也是 / 还好 / 继续 / 明白 / 明白了 / 知道了 / 没问题 / 晚安 / 早上好 / 晚上好 / 我会 / 我是 / 我有
        你们好 / 大家好 / 我的 / 你的 / 为什么 / 为什么呢 / 怎么回事 / 多久 / 几点 / 你知道吗
    """)
)

CARRIED_ON_ZH: Final = re.compile(
    "(?:"
    + any_of("""
        或者 / 还有 / 還有 / 还是 / 還是 / 但是 / 可是 / 不过 / 不過 / 因为 / 因為
        所以 / 如果 / 要是
        虽然 / 雖然 / 然后 / 然後 / 而且 / 并且 / 並且 / 就是 / 就是说 / 那个 / 那個 / 这个 / 這個 / 比如 / 比如说
        例如 / 关于 / 關於
        对于 / 對於 / 给我 / 給我 / 帮我 / 幫我 / 替我 / 让我 / 讓我 / 教我 / 请你 / 我想 / 我要
        我觉得 / 我覺得 / 我认为
        我希望 / 我喜欢 / 我打算 / 我想知道 / 我想问 / 告诉我 / 告訴我 / 你觉得 / 你能 / 你可以 / 能不能 / 可不可以
        是不是 / 有没有
        非常 / 特别 / 特別 / 比较 / 比較 / 一些 / 一种 / 这些 / 那些 / 由于 / 由於 / 除了
        根据 / 为了 / 為了 / 通过
        呃 / 额 / 嗯 / 的话 / 的話 / 时候 / 時候 / 应该 / 應該 / 要不要 / 想不想 / 会不会 / 该不该 / 知不知道
        可能 / 必须 / 需要 / 想要 / 准备 / 準備 / 开始 / 開始 / 另外 / 甚至 / 首先 / 其实 / 其實 / 不仅 / 不但
        只要 / 只有 / 即使
        (?:吃|看|听|闻|说|做|用|摸|喝|穿)起来 / 看来 / 依我看 / 我看 / 说实话 / 老实说 / 说真的 / 总之
        总的来说 / 换句话说
        我是说 / 我的意思是 / 对了 / 一方面 / 说到 / 至于 / 除非 / 只不过 / 再说 / 反正 / 结果 / 最后 / 接着 / 平时
        (?:一|两|几|这|那|每)(?:个|名|位|种|些|条|张|本|家|件|份|只|次|部|辆|杯|块|句|首|座|间)
    """)
    + ")$"
)
"""Ends after which the object or the clause is missing."""

BEGINS_ZH: Final = words_of("""
    为什么 多久 几点 好 好的 好吧 对 是 是的 不是 行 没有 不 真的 不用 不用了 你好 可以 会 有 想 要 怎么了 没事
    我的 你的 我会 我有 我是 你知道吗 我知道 明白
""")
"""Whole by themselves, and as often the beginning of more."""

BROUGHT_ZH: Final = words_of("把 被 跟 对 對 从 從 比 用 为了 按照 根据 除了")
"""Prepositions that bring their noun before the verb."""

WORDS_ON_ZH: Final = words_of("""
    和 跟 与 與 及 或 从 從 把 被 向 让 讓 请 請 最 很 更 每 第 是 在 对 對 给 給 用 到 去 叫 当 當 会 會 也 都
    就 又 再 还 還 才
    不 没 別 别 将 往 离 比 替 为 由 以 因 但 而 且 如 若 要 想 能 得 地 太 挺 越 好像 似乎 大概 也许 连 等于
    关于 平时 一直 已经 正在
""")
"""Words after which the object or the clause is missing."""

LEFT_OPEN_ZH: Final = re.compile(
    "(?:"
    + any_of("""
        的 / 地 / 得 / 之后 / 之後 / 以后 / 以後 / 之前 / 以前 / 那么 / 那麼 / 后来 / 找 / 买 / 買 / 学 / 學 / 写
        寫 / 读 / 讀 / 选 / 選
        换 / 換 / 试 / 試 / 推荐 / 介绍 / 翻译 / 听说 / 听说过 / 发现 / 不确定 / 为什么 / 有点 / 有一点 / 查一下
        讲一下 / 说一下 / 解释一下 / 介绍一下 / 看一下 / 问一下 / 翻译一下 / 算一下 / 听一下 / 好奇 / 没决定
        没想好 / 讲讲 / 说说 / 看看 / 查查 / 想想 / 一个问题 / 担心 / 怀疑 / 以为
        (?:去|买|看|学|做|认识|发现|用|写|听|读|参加|收到|忘)了 / (?:找|看|听|买|想|记|做|说)不(?:到|起来|出|清|出来)
        (?:[要想会能去][^了的吗]|刚[^才]{1,3}|^一[^起定直下点][^，]{0,3})
    """)
    + ")$|^(?:这|那|我的|你的|他的)(?:个|些|种|件|家)?[^是有在了吗呢]{1,3}$"
)
"""Ends after which most often an object follows, and subjects alone."""

ONLY_WHEN_ZH: Final = re.compile(
    "(?:"
    + any_of(r"""
        今天 / 明天 / 后天 / 昨天 / 今年 / 明年 / 去年 / 上午 / 下午 / 中午 / 早上 / 晚上 / 星期. / 周. / 礼拜.
        [\d一二三四五六七八九十两]+(?:点|分|月|号|日|年) / 半 / 的 / 在 / 从
    """)
    + ")+"
)
"""A time, of which it is not said what happens then."""

OPENING_ZH: Final = re.compile(
    "(?:那|那么|嗯|呃|所以|但是)?(?:"
    + any_of("""
        如果 / 要是 / 假如 / 假设 / 倘若 / 万一 / 既然 / 尽管 / 换成 / 换作 / 要不是 / 等到 / 每次 / 每当 / 一旦
        只有
        因为 / 因為 / 虽然 / 雖然 / 当 / 當 / 即使 / 只要 / 除了 / 不管 / 无论 / 無論 / 自从 / 自從
        由于 / 由於 / 首先 / 比如
    """)
    + ")"
)
"""The opening of a sentence whose main clause comes later."""

MAIN_ZH: Final = re.compile(".{3}(?:就|但是|可是|不过|所以|那么|我们|也|还|都|却)(?=.{2})")
"""Where that main clause has begun."""

PARTICLES_ZH: Final = words_of("吗 嗎 呢 吧 啊 呀 嘛 啦 哦 喔 呗 嘞")
"""Particles that end a sentence."""

QUESTION_ENDS_ZH: Final = re.compile(
    "(?:"
    + any_of("""
        什么 / 谁 / 誰 / 哪里 / 哪裡 / 哪儿 / 多少 / 几点 / 多大 / 多久 / 多远 / 怎么办 / 怎么样 / 怎麼樣
        怎么了 / 如何
        好不好 / 行不行 / 对不对 / 可以不可以 / 谢谢 / 謝謝 / 再见 / 再見 / 多少钱 / 几岁
        [哪几][一]?[个個颗家本种種条條只位边次间件天] / 是.*[谁什怎哪几为].*的 / [谁哪几什怎].*[^的]的
    """)
    + ")了?$"
)
"""Ends of questions, and of what else is over there."""

QUESTION_ZH: Final = re.compile(
    "什么|甚么|什麼|谁|誰|哪|怎么|怎麼|怎样|多少|几[点岁个号月年天次]|多[久远大长高重快]|为何|如何|何时|"
    "(?P<a>[是有要会能可想该知好行对])不(?P=a)|有没有"
)
"""What makes a sentence a question."""

COMMAND_ZH: Final = re.compile(
    "(?:请你?|麻烦你?|那|好|现在)?(?:"
    + any_of("""
        给我 / 帮我 / 替我 / 告诉我 / 教我 / 陪我 / 提醒我 / 让我 / 把 / 放 / 唱 / 讲 / 说 / 读 / 念 / 写 / 播放
        打开 / 关
        来 / 换 / 停 / 推荐 / 介绍 / 解释 / 翻译 / 查 / 找 / 算 / 用
    """)
    + ")(?=.{2})"
)
"""Openings of what somebody is asked to do."""

INTRANSITIVE_ZH: Final = words_of("""
    来 走 睡 停 醒 死 坏 懂 好 完 累 忙 饿 渴 病 哭 笑 跑 飞 响 掉 到 见 住 热 冷 行 够 疼 错 起来 下来 出来
    过来 回来 回去 过去
    起床 睡觉 上班 下班 上学 放学 出门 出发 休息 游泳 跑步 散步 吃饭 做饭 开门 关门 开会 迟到 结婚 旅游 旅行
    洗澡 聊天 说话
    唱歌 跳舞 下雨 下雪 堵车 开车 坐车 爬山 逛街 购物 毕业 工作 感冒 生病 发烧 生气 回家 出去 进来 完成 取消
    退休 搬家 起飞
    不错 谢谢 再见 没事 好吃 好看 好听 好玩 够了 关掉 打开 关上 做完 吃完
""")
"""Verbs after which nothing has to come."""

WANTS_ZH: Final = words_of("""
    想 要 想要 觉得 认为 以为 知道 想知道 希望 需要 打算 准备 决定 喜欢 告诉 听说 发现 建议 推荐 介绍 翻译 解释
    叫 让 请 帮 给 教
    说 问 能 会 可以 应该 必须 不能 应当 愿意 开始 继续 属于 成为 变成 当作 觉着 认识 参加 学会 听到 看到 收到
    找到 买到 用到
    提到 想到 碰到 遇到 感到 担心 怀疑 保证 记得 忘记 考虑 试着 麻烦 提醒 位于 来自 等于 包括 关于 有没有 想不想
    能不能
    好奇 不确定 确定 不知道 不明白 不清楚 奇怪 要不要 会不会 是不是 可不可以 该不该 知不知道 不想 不会 不要 不是 没有
""")
"""Verbs with which a sentence goes on."""

TIMES_ZH: Final = re.compile("(?:遍|次|回|趟|一点|一点儿|一会|一会儿|一下|些|岁|块|钱)$")
"""Numbers that end a sentence: how often, how much."""

GOES_FURTHER_ZH: Final = words_of("查 查查 解释 介绍 翻译 讲 说 看 问 想 听 找 试 有 买 学 读 聊 是 打听")
"""Verbs behind whose "一下" or "一点" follows what."""

PERSONS_ZH: Final = words_of("我 你 您 他 她 它 我们 你们 他们 她们 它们 咱们 咱 大家 自己 别人 谁")

ASKED_ZH: Final = words_of("让 叫 请 帮 给 教 告诉 替 要 想让 希望 求 提醒 通知 觉得 认为 说 问 跟 和 对 向 比 被 把")
"""Words behind which a person is one who is to do something, or is told something."""
