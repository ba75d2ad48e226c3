"""Words at which a sentence goes on, ends or begins: what `end` looks for. All in lower case."""

from __future__ import annotations

import re
from typing import Final, Literal

Look = Literal["finished", "plain", "open", "dangling"]
"""Of what was said so far: a whole sentence; no sign either way; perhaps a part; surely a part."""

WHOLE_NUMBER: Final = 10
"""A number that is told digit by digit is whole after so many."""


def words_of(text: str) -> frozenset[str]:
    """Words that are parted by spaces."""
    return frozenset(text.split())


def any_of(phrases: str) -> str:
    """Alternatives of a pattern, parted by slashes and line ends."""
    return "|".join(filter(None, (phrase.strip() for phrase in re.split(r"[/\n]", phrases))))


_INTERJECTIONS: Final = r"(?:(?:so|and|but|well|ok|okay|oh|hey|hi|hello|please|visavis|then|now|sorry|excuse me)\s+)*"

LEFT_OPEN: Final = words_of("""
    a an the and but or nor because although unless if whether while than as my your our their its whose every each
    another several neither such very quite rather extremely um uh er erm uhm hmm so plus basically mr mrs ms dr gonna
    wanna i'm i've i'd i'll we're we've we'll you're they're he's she's it's that's there's here's let's who's
""")
"""Nothing ends with these."""

VERBS: Final = words_of("""
    i we they he she who which is are was were am be been being can could would should will shall must might may can't
    couldn't won't wouldn't shouldn't don't doesn't didn't isn't aren't wasn't has have had do does did get got make
    made take put
""")
"""Subjects and verbs that want more, but at the end of a question or of one inside a sentence ("what it is")."""

POINTING: Final = words_of("that this these those")
"""Either the last word ("I like that") or the first of what follows ("it is true that")."""

STRANDED: Final = words_of("""
    to of in on at by for from with about into onto over under between through during without within against towards
    around across near behind beside like until till since before after
""")
"""Prepositions: a question may end with one."""

QUESTION: Final = re.compile(
    _INTERJECTIONS
    + "(?:"
    + any_of(r"""
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
    + any_of(r"""
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
    + any_of("""
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
    + any_of("""
        do / does / did / don't / doesn't / didn't / am / are / is / was / were / can / can't / could / will / won't
        would / have / haven't / has / had / should / must / isn't / aren't / wasn't
    """)
    + ")|(?:"
    + any_of("""
        yes / yeah / yep / no / nope / ok / okay / sure / of course / thanks / thank you / please / right / exactly
        hello / hi / hey / good morning / good evening / good night / goodbye / bye / bye bye / stop / wait / sorry
        excuse me / nothing / never mind / maybe / perhaps / i don't know / i see / really / why / why not / what
        who
        where / how / when / great / good / fine / cool / all right / alright / absolutely / definitely / probably
        me too / so do i / i think so / i hope so / i guess so / let's go / go on / that's it / that's all
        it depends
    """)
    + r")(?:\s+(?:thanks|thank you|please|very much|visavis|there))?|"
    + any_of("""
        (?:what|who|how|where) (?:is|are|was|were) (?:it|that|this|you|they|he|she|we) / what's that
        (?:how|what) (?:do|can|should) (?:i|we|you) do / how are you(?: doing| today)?
    """)
)
"""Short things that are said as they are."""

BEGINS: Final = re.compile(
    _INTERJECTIONS
    + "(?:yes|yeah|no|okay|ok|sorry|well|right|sure|great|good|good morning|good evening|hello|hi|hey|really|maybe)"
)
"""Whole by themselves, and as often the beginning of more."""

COMMAND: Final = re.compile(
    r"(?:(?:please|so|and|okay|now|then|well)\s+)*(?:(?:could|can|would|will) you (?:please )?)?(?:please )?(?:"
    + any_of("""
        tell / show / give / play / sing / read / say / turn / set / add / remind / translate / explain
        describe / let's / write / spell
        count / repeat / find / look / call / stop / open / close / switch / help / teach / recommend / imagine
    """)
    + r")\b"
)
"""The opening of what somebody is asked to do."""

DIGIT: Final = words_of("zero oh one two three four five six seven eight nine double")

TOLD: Final = words_of("number phone code pin zip telephone")
"""Where these are said, digits are told one by one."""
