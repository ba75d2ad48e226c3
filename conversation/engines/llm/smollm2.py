"""SmolLM2-135M-Instruct as a partner in a spoken dialogue, and with it every model for MNN that speaks ChatML.

The history is one list of tokens, and the KV cache follows it: whatever changes the history (an answer cut short, a
thought left out, old turns gone) costs the reading of what differs, and cancelling may stop anything between two chunks
of tokens.

A model of this size answers well only when it is shown how: examples follow the system prompt, and an answer ends after
two sentences, before it begins to ramble.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from conversation.engines.base import Cancelled, LanguageModelStats, never
from conversation.engines.llm.chat_tokens import ChatTokens
from conversation.engines.llm.kv_cache import KvCache, Work
from conversation.engines.llm.lora_graph import checked
from conversation.engines.llm.mnn_llm import MnnLlm
from conversation.engines.llm.sampling import Sampler, Sampling
from conversation.engines.llm.thoughts import CLOSING, OPENING, ThoughtFilter
from conversation.engines.llm.token_dialogue import TokenDialogue
from conversation.engines.llm.trimmer import Trimmer
from conversation.errors import EngineError
from conversation.history.dialogue import Turn
from conversation.history.notes import keeping_own_words

EXAMPLES: Final = (
    ("Hello!", "Hello! It is nice to meet you. What would you like to talk about?"),
    ("Who are you?", "My name is Visavis. I am an avatar, and I like to talk with people."),
    ("What is the largest ocean?", "The largest ocean is the Pacific Ocean. It covers about a third of the Earth."),
    ("Why do leaves fall in autumn?", "Leaves fall because trees save water and energy for the winter."),
    ("How do you feel?", "I feel very well, thank you for asking. How are you?"),
    ("Can you help me write a letter?", "Of course! Who would you like to write to?"),
    ("Tell me about elephants.", "Elephants are the largest animals on land. They live in Africa and Asia."),
    ("Thank you!", "You are welcome. It is nice to talk with you."),
    ("See you later.", "Goodbye! I hope to see you again soon."),
)
"""Short, plain, in English: without them the model drifts into lists, essays and French."""
LONGEST_THOUGHT: Final = 512
"""Tokens; then the answer has to begin."""
_SENTENCE_END: Final = re.compile(r"(?<!\b[A-Z])(?<!\b[DMSJ][rst])(?<!\bMrs)[.!?…]+[\"'”’)]*(?=\s|$)")


class SmolLM2:
    """A LanguageModel; belongs to one thread. Other models that speak ChatML do, too, without the `examples`.

    `context`: tokens of dialogue that the model sees; before they are full, the oldest turns go (never the system
    prompt), and notes of them stay: the user's own words and, with `writes_notes`, what the model itself writes down.
    `sentences`: an answer ends after so many; None: when the model ends it. `thinking`: whether a model that can think
    before it answers does. Thoughts are neither said nor kept. `lora`: the file of one to begin with (see `use_lora`).
    `recorded`: see MnnLlm. Raises ModelMissingError or ModelError where `model_dir` holds no undamaged model.
    """

    def __init__(
        self,
        model_dir: Path,
        *,
        threads: int = 1,
        exact: bool = False,
        recorded: bool = True,
        sampling: Sampling | None = None,
        examples: tuple[tuple[str, str], ...] = EXAMPLES,
        sentences: int | None = 2,
        context: int = 1024,
        thinking: bool = False,
        writes_notes: bool = False,
        lora: str = "",
    ) -> None:
        self._folder = model_dir
        self._llm = MnnLlm(model_dir, threads=threads, exact=exact, recorded=recorded)
        self._chat = ChatTokens(self._llm.encode)
        self._sampler = Sampler(sampling or Sampling())
        self._examples, self._sentences, self._context = examples, sentences, context
        # Where a mark is one token, MNN may take it for a special one, and says nothing when it is decoded.
        self._marks = {tokens[0]: mark for mark in (OPENING, CLOSING) if len(tokens := self._llm.encode(mark)) == 1}
        stops = [tokens for mark in ".!?。！？" if len(tokens := self._llm.encode(mark)) == 1]
        self._ends = [self._chat.end, *(token for (token,) in stops)]
        self._work = Work()
        self._cache = KvCache(self._llm, self._work)
        self._lora = ""
        self._caches = {"": self._cache}
        """By LoRA: of the model itself, and of the last one in use."""
        silent = _ended(self._llm.answer_opening(thinking=False))
        self._trimmer = Trimmer(self._chat, self._work, self._llm.encode(silent), writes=writes_notes)
        self._begins_with = self._llm.answer_opening(thinking=True) if thinking else silent
        self._thoughts_most = min(LONGEST_THOUGHT, context // 4) if self._begins_with or thinking else 0
        self._dialogue: TokenDialogue | None = None
        self._version = 0
        """Counts changes other than writing: an iterator of before such a change ends."""
        self.use_lora(lora)

    @property
    def stats(self) -> LanguageModelStats:
        """Work done so far."""
        return self._work.stats

    @property
    def history(self) -> tuple[int, ...]:
        """The dialogue as tokens, the system prompt first; what the next turn builds on."""
        return tuple(self._dialogue.tokens) if self._dialogue is not None else ()

    @property
    def notes(self) -> str:
        """What is still known of turns that left the context."""
        return self._dialogue.notes if self._dialogue is not None else ""

    def begin(self, system: str, *, cancelled: Cancelled = never) -> None:
        """Forget the dialogue and read the system prompt; EngineError where it leaves no room for a dialogue."""
        self._dialogue = TokenDialogue(self._chat, self._context, system, self._examples)
        self._version += 1
        self._sampler.restart()
        self._trimmer.forget()
        # Rounding depends a little on the pieces in which a text is read: the same dialogue shall come out the same.
        self._cache.clear()
        self._cache.read(self._dialogue.tokens, cancelled)

    def reply(self, user_text: str, *, max_tokens: int, cancelled: Cancelled = never) -> Iterator[str]:
        """Answer in pieces; see LanguageModel. The question is part of the history from now on."""
        if self._dialogue is None:
            raise EngineError("The dialogue has not begun: give the language model a system prompt first.")
        self._ask(self._dialogue, user_text, max_tokens)
        return self._write(self._dialogue, max_tokens, cancelled)

    def truncate_last_reply(self, heard_text: str) -> None:
        """Make the history say that the last answer was `heard_text`."""
        if self._dialogue is not None:
            self._dialogue.hear(heard_text)

    def take_back(self) -> None:
        """Forget the last question and its answer."""
        if self._dialogue is not None and self._dialogue.take_back():
            self._version += 1

    def weigh(self, text: str, *, cancelled: Cancelled = never) -> float | None:
        """See LanguageModel: the probability that the turn, or at least a sentence, ends here.

        None for a script that the vocabulary has no tokens for, as SmolLM2's has none for Chinese.
        """
        said = self._chat.text(text := text.rstrip(" .,!?…-。，！？、；："))
        dialogue = self._dialogue
        if dialogue is None or not said or not self._chat.knows(text):
            return None
        tokens = [*(self._chat.closing if dialogue.turns else ()), *self._chat.saying(said)]
        if not dialogue.fits(len(tokens)):
            return None
        logits = self._cache.read(dialogue.tokens + tokens, cancelled)
        if logits is None:
            return None
        likely = np.exp(logits - logits.max())
        return float(likely[self._ends].sum() / likely.sum())

    def resume(self, turns: Sequence[Turn]) -> None:
        """Go on from turns of before, as many of the newest as fit into half of the context."""
        dialogue = self._dialogue
        if dialogue is None:
            return
        room, kept = (self._context - len(dialogue.tokens)) // 2, list[Turn]()
        for turn in reversed(turns):
            frame = len(self._chat.question([])) + len(self._chat.closing)
            room -= frame + len(self._chat.text(turn.question)) + len(self._chat.text(turn.heard))
            if room < 0:
                break
            kept.insert(0, turn)
        keep = keeping_own_words(room=dialogue.notes_room)
        if notes := keep("", turns[: len(turns) - len(kept)]):
            dialogue.trim(dialogue.trimming(0, notes))
        for turn in kept:
            self._ask(dialogue, turn.question, 0)
            dialogue.hear(turn.heard)

    def use_lora(self, file: str) -> None:
        """Speak with the LoRA in `file`, which `visavis models lora` made; empty: as the model itself does.

        The dialogue stays, and is read again between turns. ModelMissingError or ModelError where `file` is none for
        this model; then nothing changes.
        """
        if file == self._lora:
            return
        if file not in self._caches:
            other = KvCache(self._llm.with_lora(checked(file, self._folder)), self._work)
            self._caches = {"": self._caches[""], file: other}
        self._lora, self._cache = file, self._caches[file]
        self._trimmer.start_over()
        self._version += 1

    def settle(self, *, cancelled: Cancelled = never) -> None:
        """Between turns: do now what the next one would have to wait for."""
        if self._dialogue is None or self._cache.read(self._dialogue.tokens, cancelled) is None:
            return
        self._keep(self._trimmer.work(self._dialogue, self._cache, cancelled))

    def close(self) -> None:
        """Nothing to do: the memory goes with the object."""

    def _keep(self, cache: KvCache) -> None:
        """Go on with this cache."""
        self._cache = self._caches[self._lora] = cache

    def _ask(self, dialogue: TokenDialogue, text: str, most: int) -> None:
        """Make a question the end of the history."""
        needed = len(dialogue.question(text, most)) + most + self._thoughts_most
        if not dialogue.fits(needed):
            self._keep(self._trimmer.make_room(dialogue, self._cache, needed))
        dialogue.ask(text, most)
        self._version += 1

    def _write(self, dialogue: TokenDialogue, most: int, cancelled: Cancelled) -> Iterator[str]:
        version, text, answer, thought = self._version, "", list[int](), list[int]()
        utf8, thoughts = codecs.getincrementaldecoder("utf-8")("replace"), ThoughtFilter()
        thoughts.feed(self._begins_with)
        dialogue.tokens += self._llm.encode(self._begins_with)
        try:
            while len(answer) < most and dialogue.fits(1) and version == self._version:
                # Whatever is asked meanwhile comes as `cancelled`.
                logits = None if cancelled() else self._cache.read(dialogue.tokens, cancelled)
                if logits is None:
                    return
                if thoughts.thinking and len(thought) >= (self._thoughts_most or LONGEST_THOUGHT):
                    dialogue.tokens += self._llm.encode(f"\n{CLOSING}\n\n")
                    thoughts.feed(CLOSING)
                    continue
                drawn = thought if thoughts.thinking else answer
                token = self._sampler.pick(logits, drawn)
                if self._chat.is_special(token):
                    break
                piece = thoughts.feed(self._marks.get(token) or utf8.decode(self._llm.decode(token)))
                if self._is_complete(text, piece):
                    return
                drawn.append(token)
                if thoughts.thinking and not text:
                    answer.clear()  # of its mark, which may be several tokens
                dialogue.tokens.append(token)
                text += piece
                if piece:
                    yield piece
            if version == self._version and (piece := thoughts.end()):
                text += piece
                yield piece
        finally:
            # No model is shown its old thoughts, nor that it had none.
            if version == self._version and (thoughts.found or self._begins_with):
                dialogue.hear(text)

    def _is_complete(self, text: str, piece: str) -> bool:
        """Whether `piece` would begin another sentence than the last one allowed."""
        if self._sentences is None or not piece[:1].isspace():
            return False
        return len(_SENTENCE_END.findall(text)) >= self._sentences


def _ended(opening: str) -> str:
    """The beginning of an answer without a thought, for a model that always begins with one."""
    thoughts = ThoughtFilter()
    thoughts.feed(opening)
    return f"{opening}\n{CLOSING}\n\n" if thoughts.thinking else opening
