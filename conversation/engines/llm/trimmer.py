"""Letting old turns leave a dialogue without making anybody wait.

Between turns, while the avatar speaks, the model first writes notes of the dialogue at the end of its own cache, so
that it need not read the dialogue again for them, and then reads the shorter dialogue into a *second* cache. Only when
that is complete do the two change places. A question that comes meanwhile finds the first cache as it was; the work
goes on after the answer. Only where the context is full before that is done are turns dropped at once.
"""

from __future__ import annotations

from typing import Final

from conversation.engines.base import Cancelled
from conversation.engines.llm.chat_tokens import ChatTokens
from conversation.engines.llm.kv_cache import KvCache, Work
from conversation.engines.llm.sampling import Sampler, Sampling
from conversation.engines.llm.thoughts import ThoughtFilter
from conversation.engines.llm.token_dialogue import TokenDialogue, Trimming
from conversation.history.notes import keeping_own_words

REQUEST: Final = (
    "Write down in at most five short sentences, in the language of this conversation, what you have to remember of "
    "it: names, facts, wishes, what was agreed. Only the notes."
)


class Trimmer:
    """Belongs to the thread of its model. `begins_with`: how the model begins an answer without a thought.
    `writes`: whether it can write notes; otherwise the user's own words are all that stays."""

    def __init__(self, chat: ChatTokens, work: Work, begins_with: list[int], *, writes: bool) -> None:
        self._chat, self._work, self._begins_with, self._writes = chat, work, begins_with, writes
        self._plan: Trimming | None = None
        self._spare: KvCache | None = None

    def forget(self) -> None:
        """Another dialogue begins."""
        self._plan = None

    def start_over(self) -> None:
        """Another model goes on with the dialogue: what was read for this one is of no use."""
        self._plan = self._spare = None

    def work(self, dialogue: TokenDialogue, cache: KvCache, cancelled: Cancelled) -> KvCache:
        """Go on until there is nothing to do, or cancelled; the cache that holds the dialogue now."""
        if self._plan is None and dialogue.is_filling and (gone := dialogue.leaving(keep=1)):
            notes = self._notes(dialogue, cache, cancelled) if self._writes else ""
            if notes is not None:
                self._plan = dialogue.trimming(gone, self._kept(dialogue, gone, notes))
        if self._plan is None:
            return cache
        spare = self._spare = self._spare or KvCache(cache.llm.another(), self._work)
        if spare.read(dialogue.trimmed(self._plan), cancelled) is None:
            return cache
        return self._adopt(dialogue, cache)

    def make_room(self, dialogue: TokenDialogue, cache: KvCache, needed: int) -> KvCache:
        """Make `needed` tokens fit, at once; the cache that is nearest to what the dialogue is then."""
        if self._plan is not None:
            cache = self._adopt(dialogue, cache)
        if not dialogue.fits(needed):
            gone = dialogue.leaving(needed)
            dialogue.trim(dialogue.trimming(gone, self._kept(dialogue, gone, "")))
        return cache

    def _adopt(self, dialogue: TokenDialogue, cache: KvCache) -> KvCache:
        """Let the turns of the plan leave; the second cache, where there is one, takes the first one's place."""
        plan, self._plan = self._plan, None
        if plan is not None:
            dialogue.trim(plan)
        if self._spare is None:
            return cache
        other, self._spare = self._spare, cache
        return other

    def _kept(self, dialogue: TokenDialogue, gone: int, notes: str) -> str:
        keep = keeping_own_words(lambda earlier, turns: notes, dialogue.notes_room)
        return keep(dialogue.notes, dialogue.asked(gone))

    def _notes(self, dialogue: TokenDialogue, cache: KvCache, cancelled: Cancelled) -> str | None:
        """What the model writes down of all that was said, None where cancelled."""
        asked = [*self._chat.closing, *self._chat.question(self._chat.text(REQUEST)), *self._begins_with]
        text, written, sampler = b"", list[int](), Sampler(Sampling())
        while len(written) < dialogue.notes_room:
            logits = cache.read([*dialogue.tokens, *asked, *written], cancelled)
            if logits is None:
                return None
            token = sampler.pick(logits, written)
            if self._chat.is_special(token):
                break
            written.append(token)
            text += cache.llm.decode(token)
        thoughts = ThoughtFilter()
        return thoughts.feed(text.decode(errors="ignore")) + thoughts.end()
