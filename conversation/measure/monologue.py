"""What the avatar says while listening beside it is measured: plain talk of all sounds, in its own voice."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from conversation.engines.tts.hibari import Hibari

F32 = npt.NDArray[np.float32]

SENTENCES: Final = (
    "The moon goes around the earth once in about four weeks, and it always shows us the same side.",
    "Yes, of course I can help you with that.",
    "My favourite part of the summer is the long evening, when nobody wants to go home.",
    "Bring a large pot of water to the boil, add two spoons of salt, and cook the pasta for nine minutes.",
    "Honestly, I have never thought about it that way before!",
    "The train to the coast leaves at seven fifteen, but you should be there a little earlier.",
    "Whales are mammals, so they have to come up to the surface to breathe.",
    "Would you like to hear a short story about a fox and a very stubborn goose?",
    "In the year nineteen sixty nine, three people flew to the moon and back in just over eight days.",
    "I would choose the blue jacket, because it goes with almost everything you have.",
    "There are three things to remember: keep it short, keep it simple, and keep going.",
    "Oh no, I am sorry to hear that; please get well soon.",
    "A violin has four strings, a guitar usually has six, and a piano has more than two hundred.",
    "The shop around the corner closes early on Wednesdays, so let us hurry.",
    "Light from the sun needs about eight minutes and twenty seconds to reach us.",
    "Please put the milk back into the fridge before you go out.",
    "Chess was played in India long before it came to Europe, and its rules changed on the way.",
    "What a beautiful view; you can see the whole valley from up here.",
    "If you mix yellow and blue, you get green, and if you add some red, you get a muddy brown.",
    "He asked her quietly whether she had seen the old map, and she shook her head.",
    "Bees tell each other by dancing where the best flowers are.",
    "We could watch a film tonight, or we could simply sit outside and talk.",
    "The library has more than forty thousand books, and most of them may be borrowed for a month.",
    "Do not worry about the noise, that is only the wind in the chimney.",
    "Thunder always comes after lightning, since sound is so much slower than light.",
    "My grandmother used to bake bread every Friday, and the whole street could smell it.",
    "Turn left at the church, walk past the two white houses, and you will see the garden gate.",
    "Volcanoes are born where plates of the crust pull apart or push against each other.",
    "It is usually cheaper to repair a good pair of shoes than to buy a new one.",
    "Just think of a number between one and ten, and do not tell me what it is.",
)


def monologue(voice: Hibari, seconds: float) -> list[F32]:
    """Sentences at the voice's rate that last so long together, none of them twice the same."""
    said: list[F32] = []
    left = seconds
    number = 0
    while left > 0:
        sentence = voice.synthesise(SENTENCES[number % len(SENTENCES)]).samples
        round_ = number // len(SENTENCES)
        # Another loudness each time round: the voice gives the same samples for the same words.
        said.append(sentence * np.float32((1.0, 0.7, 1.3, 0.85, 1.15)[round_ % 5]))
        left -= len(sentence) / voice.sample_rate
        number += 1
    return said
