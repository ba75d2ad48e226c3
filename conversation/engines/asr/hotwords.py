"""Words to expect: a search is paid for every token that goes on with one of them, and pays back what came to nothing.

An Aho-Corasick automaton over tokens, as the contextual biasing of icefall and sherpa: in each state the score of the
longest beginning of a phrase that was just said. A phrase said to its end keeps what it was paid, and all start anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(eq=False, repr=False)
class State:
    """Tokens that were said of a phrase; the root: none."""

    reward: float = 0.0
    """Of the token that leads here."""
    total: float = 0.0
    """Of all tokens up to here."""
    ends: bool = False
    following: dict[int, State] = field(default_factory=dict)
    shorter: State | None = None
    """The longest end of this that begins a phrase; None at the root."""
    ending: State | None = None
    """The longest end of this that is a phrase."""


class Hotwords:
    """`phrases` as tokens, each token worth `reward` (in nats)."""

    def __init__(self, phrases: Sequence[Sequence[int]], reward: float = 1.5) -> None:
        self.root = State()
        for phrase in phrases:
            self._add(phrase, reward)
        self._link()

    def follow(self, state: State, token: int) -> tuple[float, State]:
        """What a token is worth in a state, and the state after it."""
        if token in state.following:
            after = state.following[token]
            worth = after.reward
        else:
            after = self._fall(state.shorter or self.root, token)
            worth = after.total - state.total
        phrase = after if after.ends else after.ending
        if phrase is None:
            return worth, after
        return worth + phrase.total - after.total, self.root

    def _add(self, phrase: Sequence[int], reward: float) -> None:
        state = self.root
        for token in phrase:
            following = state.following.setdefault(token, State())
            following.reward = reward
            following.total = state.total + reward
            state = following
        if state is not self.root:
            state.ends = True

    def _link(self) -> None:
        waiting = deque(self.root.following.values())
        for state in waiting:
            state.shorter = self.root
        while waiting:
            state = waiting.popleft()
            for token, after in state.following.items():
                after.shorter = self._fall(state.shorter or self.root, token)
                shorter = after.shorter
                after.ending = shorter if shorter.ends else shorter.ending
                waiting.append(after)

    def _fall(self, state: State, token: int) -> State:
        """The longest beginning of a phrase that ends in `token`, from `state` on to shorter ones."""
        while token not in state.following:
            if state.shorter is None:
                return state
            state = state.shorter
        return state.following[token]
