"""Words at which a sentence goes on, ends or begins: what turn_end looks for."""

from __future__ import annotations

import re
from typing import Final

LEFT_OPEN: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "but",
        "or",
        "nor",
        "because",
        "although",
        "unless",
        "if",
        "whether",
        "while",
        "than",
        "as",
        "my",
        "your",
        "our",
        "their",
        "its",
        "whose",
        "every",
        "each",
        "another",
        "several",
        "neither",
        "such",
        "very",
        "quite",
        "rather",
        "extremely",
        "um",
        "uh",
        "er",
        "erm",
        "uhm",
        "hmm",
        "so",
        "plus",
        "basically",
        "mr",
        "mrs",
        "ms",
        "dr",
        "gonna",
        "wanna",
        "i'm",
        "i've",
        "i'd",
        "i'll",
        "we're",
        "we've",
        "we'll",
        "you're",
        "they're",
        "he's",
        "she's",
        "it's",
        "that's",
        "there's",
        "here's",
        "let's",
        "who's",
    ]
)
"""Nothing ends with these."""

_VERBS_WORDS: Final = """
    i we they he she who which is are was were am be been being can could would should will shall must might may
    can't couldn't won't wouldn't shouldn't don't doesn't didn't isn't aren't wasn't has have had do does did get
    got make made take put
"""
VERBS: Final = frozenset(_VERBS_WORDS.split())
"""Subjects and verbs that want more, but at the end of a question or of one inside a sentence ("what it is")."""

_STRANDED_WORDS: Final = """
    to of in on at by for from with about into onto over under between through during without within against towards
    around across near behind beside like until till since before after
"""
STRANDED: Final = frozenset(_STRANDED_WORDS.split())
"""Prepositions: a question may end with one."""

QUESTION: Final = re.compile(
    r"(?:(?:so|and|but|well|ok|okay|oh|hey|hi|hello|please|visavis|then|now|sorry|excuse me)\s+)*"
    r"(?:what|who|whom|whose|which|why|how|where|when(?=\s+(?:is|are|was|were|do|does|did|will|can|could|should|has|have))"
    r"|what's|who's|where's|how's|is|are|was|were|do|does|did|can|could|will|would|should|have|has|may|shall|am"
    r"|isn't|aren't|don't|doesn't|didn't|can't|won't|wouldn't)\b"
)
"""The opening of a question."""

CARRIED_ON: Final = re.compile(
    r"(?:^|\s)(?:i want|i need|i'd like|i would like|i'd love|i would love|i'd prefer|i think|i guess|i mean|i believe"
    r"|i suppose|i wonder|i hope|i heard|i know that|i was wondering|i'm wondering|i was thinking|let us|let me"
    r"|(?:can|could|would|will) you(?: please)?|can i|could i|may i|should i|shall we|do you|did you|are you"
    r"|do you know|do you think|do you want|would you like|tell me|show me|give me|bring me|remind me|send me"
    r"|teach me|ask me|explain|recommend|there is|there are|is there|are there|how about|what about"
    r"|what if|how do|how many|how much"
    r"|what kind|how long|such as|for example|for instance|kind of|sort of|a lot of|lots of|some of|most of|one of"
    r"|all of|a couple|the only|the first|the second|the next|the best|the most|the same|instead|as well|even though"
    r"|so that|in order|because of|at least|not only|going to|want to|have to|used to|able to|need to|as if"
    r"|my name|the name|the thing|the problem|the question|the point|what i|more than|less than|and then|or maybe"
    r"|and also|but also|and maybe|you know|to be|and that|but that|think that|know that|so that|say that|hope that"
    r"|sure that|afraid that|means that|said that|told me that|heard that)$"
)
"""Ends after which the object or the clause is missing."""

OPENING: Final = re.compile(
    r"(?:(?:so|and|but|well|ok|okay|oh)\s+)*"
    r"(?:if|when|whenever|while|because|although|though|since|after|before|once|unless|until|as soon as|as long as"
    r"|even if|in case|apart from|besides|instead of|first of all|on the one hand|by the way|the last time)\b"
)
"""The opening of a sentence whose main clause comes later."""

WHOLE: Final = re.compile(
    r"(?:(?:yes|yeah|yep|no|nope|well|oh|of course|sure|ok|okay)\s+)?"
    r"(?:(?:i|we|they|you|he|she|it|that|this|there)\s+(?:do|does|did|don't|doesn't|didn't|am|are|is|was|were|can|can't"
    r"|could|will|won't|would|have|haven't|has|had|should|must|isn't|aren't|wasn't|i'm not))"
    r"|(?:(?:yes|yeah|yep|no|nope|ok|okay|sure|of course|thanks|thank you|please|yes please|no thanks|no thank you"
    r"|right|exactly|hello|hi|hey|good morning|good evening|good night|goodbye|bye|bye bye|stop|wait|sorry|excuse me"
    r"|nothing|never mind|maybe|perhaps|i don't know|i see|really|why|why not|what|who|where|how|when|great|good"
    r"|fine|cool"
    r"|all right|alright|absolutely|definitely|probably|actually no|as well|me too|so do i|i think so|i hope so|i guess"
    r"|i do|let's go|go on|that's it|that's all|it depends)(?:\s+(?:thanks|thank you|please|very much|visavis|there))?)"
    r"|(?:what|who|how|where) (?:is|are|was|were) (?:it|that|this|you|they|he|she|we)"
    r"|(?:how|what) (?:do|can|should) (?:i|we|you) do|how are you(?: doing| today)?|what's that|what is it"
)
"""Short things that are said as they are."""

_DIGIT_WORDS: Final = """
    zero oh one two three four five six seven eight nine double
"""
DIGIT: Final = frozenset(_DIGIT_WORDS.split())

DIGIT_ZH: Final = re.compile(r"[零〇一二三四五六七八九幺两\d]{3,}$")

WHOLE_ZH: Final = re.compile(
    r"(?:是|是的|不是|对|對|对的|不对|好|好的|好吧|好啊|行|可以|不可以|能|不能|会|不会|要|不要|想|不想|有|没有|沒有|在|不在|谢谢|謝謝"
    r"|谢谢你|再见|再見|你好|您好|嗯|没事|沒事|没关系|不用|不用了|不知道|我不知道|当然|當然|当然可以|真的|真的吗|为什么|為什麼|什么"
    r"|怎么了|停|等等|等一下|算了|我也是|还好|继续|明白|明白了|知道了|没问题|晚安|早上好|晚上好|我想要|我要|我会|我是|我有|这个|那个"
    r"|你们好|大家好|我们|我的|你的|他们)"
)

CARRIED_ON_ZH: Final = re.compile(
    r"(?:和|跟|与|與|及|以及|或|或者|还有|還有|还是|還是|但是|可是|不过|不過|因为|因為|所以|如果|要是|虽然|雖然|然后|然後|而且|并且|並且"
    r"|就是|就是说|那个|那個|这个|這個|比如|比如说|例如|譬如|关于|關於|对于|對於|从|從|把|被|给我|給我|向|让|讓|帮我|幫我|替我|请|請|我想"
    r"|我要|我们|我們|我觉得|我覺得|我认为|我認為|我希望|我喜欢|我打算|我想知道|我想问|告诉我|告訴我|你觉得|你能|你可以|能不能|可不可以|是不是|有没有|最|很|非常"
    r"|特别|特別|更|比较|比較|一个|一個|一些|一种|一種|这些|那些|每|每个|每个人都|第|由于|由於|除了|根据|為了|为了|通过|呃|额|嗯|的话|的話"
    r"|的时候|的時候|是|在|对|對|给|給|用|跟我|到|去|叫|当|當|会|會|应该|應該|可能|必须|需要|想要|准备|準備|开始|開始|另外|甚至|首先"
    r"|其实|其實|不仅|不但|只要|只有|即使|我|你|他|她|它|他们|她们|你们|咱们|大家|也|都|就|又|再|还|還|才|不|没|別|别|一下那个|什么的话)$"
)

LEFT_OPEN_ZH: Final = re.compile(r"(?:的|地|得|之后|之後|以后|以後|之前|以前|那么|那麼|后来|然後呢)$")

OPENING_ZH: Final = re.compile(
    r"(?:那|那么|嗯|呃|所以|但是)?(?:如果|要是|因为|因為|虽然|雖然|当|當|即使|只要|除了|不管|无论|無論|自从|自從|由于|由於|首先|比如)"
)

FINISHED_ZH: Final = re.compile(
    r"(?:吗|嗎|呢|吧|啊|呀|嘛|啦|谢谢|謝謝|再见|再見|一下|好不好|行不行|对不对|是什么|什么|怎么办|怎么样|怎麼樣|多少|哪里|哪裡|哪儿|几点|谁|了)$"
)
