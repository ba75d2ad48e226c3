"""Train the A2BS network: `python packaging/a2bs/train.py` (see docs/a2bs.md for the environment).

Speaks a corpus, aligns it, draws the mouth curves, fits the network, measures it on held-out sentences and on a
held-out voice, and writes `assets/data/visavis-a2bs/`, the tests' speech and the picture of the docs. Everything random
comes from one seed; one thread, about twenty minutes.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import samples
import torch
from align import align, frame_labels
from corpus import resized, sentences, varied
from export import write
from network import LOOK_AHEAD, LOOK_BACK, Mouth, Tcn
from picture import picture
from rooms import PAUSE, pauses, recorded
from speech import HibariVoice
from voices import revoiced

from conversation.engines.asr.mel import BANDS, SILENCE, log_mel
from conversation.phonetics.flite import FLITE_VOICES, RATE, Utterance, flite
from conversation.phonetics.measure import Clip, measure
from conversation.phonetics.mouth import CHANNELS, OPENING, targets
from conversation.phonetics.phones import PHONES

SEED = 7
HELD_OUT_VOICE = "rms"
HIBARI_SENTENCES, FLITE_SENTENCES = 560, 170
_HELD_OUT_PART = 0.08
_REVOICED_PART = 0.7
"""Of all utterances, said once more by a made-up speaker."""
_WINDOW, _BATCH = 160, 10
_ALIGNMENT_STEPS = 1250
_RATE = 5e-3
_CLIP = 5.0
_MOTION = 16.0
"""Weight of the error of motion: what jitters looks worse than what is a little off."""
_SHUT = 3.0
"""By how much more an error counts while the lips touch: lips that nearly shut look open."""


Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""Of the prediction (batch, outputs, t), the phone labels (batch, t) and the mouth (batch, t, channels); a scalar."""


@dataclass(frozen=True)
class Example:
    """One utterance made ready: padded log-mel (bands, LOOK_BACK + t + LOOK_AHEAD), phone labels and mouth (t, ...)."""

    mel: torch.Tensor
    labels: torch.Tensor
    mouth: torch.Tensor


def speak(seed: int) -> list[Utterance]:
    """The corpus: every voice says its own sentences, at several speeds and sizes of speaker."""
    rng = np.random.default_rng(seed)
    own = HibariVoice()
    spoken = [own.say(text, rng.uniform(0.85, 1.25), rng) for text in sentences(HIBARI_SENTENCES, seed)]
    for i, voice in enumerate(FLITE_VOICES):
        spoken += [flite(text, voice, rng.uniform(0.85, 1.2)) for text in sentences(FLITE_SENTENCES, seed + 1 + i)]
    # Every other utterance keeps the voice's true size: that is how it will be heard.
    spoken = [resized(u, rng.uniform(0.85, 1.18)) if rng.random() < 0.5 else u for u in spoken]
    return spoken + pauses(len(spoken) // 20, rng)


def padded_mel(samples: np.ndarray) -> torch.Tensor:
    """Features with silence beyond both ends, as the engine feeds them: (bands, LOOK_BACK + t + LOOK_AHEAD)."""
    mel = np.pad(log_mel(samples), ((LOOK_BACK, LOOK_AHEAD), (0, 0)), constant_values=SILENCE)
    return torch.from_numpy(np.ascontiguousarray(mel.T))


def prepare(utterance: Utterance, rng: np.random.Generator) -> Example:
    mel = padded_mel(utterance.samples if utterance.voice == PAUSE else recorded(utterance.samples, rng))
    frames = mel.shape[1] - LOOK_BACK - LOOK_AHEAD
    labels = frame_labels(utterance.segments, frames)
    mouth = targets(utterance.segments, utterance.samples, RATE, frames)
    return Example(mel, torch.from_numpy(labels), torch.from_numpy(mouth))


def batches(
    examples: Sequence[Example], steps: int, seed: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Random windows of _WINDOW frames; long utterances come up more often, every frame about as often as any other."""
    rng = random.Random(seed)
    weights = [e.labels.shape[0] for e in examples]
    for _ in range(steps):
        mel, labels, mouth = [], [], []
        for e in rng.choices(examples, weights, k=_BATCH):
            at = rng.randint(0, max(e.labels.shape[0] - _WINDOW, 0))
            mel.append(varied(e.mel[:, at : at + _WINDOW + LOOK_BACK + LOOK_AHEAD], rng))
            labels.append(e.labels[at : at + _WINDOW])
            mouth.append(e.mouth[at : at + _WINDOW])
        yield torch.stack(mel), torch.stack(labels), torch.stack(mouth)


def fit(net: Tcn, examples: Sequence[Example], steps: int, seed: int, loss: Loss, title: str) -> None:
    """AdamW under a one-cycle schedule."""
    examples = [e for e in examples if e.labels.shape[0] >= _WINDOW]
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    began, mean = time.monotonic(), 0.0
    net.train()
    for step, (mel, labels, mouth) in enumerate(batches(examples, steps, seed), start=1):
        value = loss(net(mel), labels, mouth)
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), _CLIP)
        optimiser.step()
        schedule.step()
        mean += value.item()
        if step % 500 == 0:
            print(
                f"{title}: step {step} of {steps}, loss {mean / 500:.3f}, {time.monotonic() - began:.0f} s", flush=True
            )
            mean = 0.0
    net.eval()


def aligned(spoken: list[Utterance], steps: int) -> tuple[list[Utterance], Tcn]:
    """The corpus with hibari's phones moved to where they sound, and the network that tells phones apart.

    It learns from flite's exact times first, then from both.
    """
    for known in ([u for u in spoken if u.exact], spoken):
        rng = np.random.default_rng(SEED)
        examples = [prepare(u, rng) for u in known]
        torch.manual_seed(SEED)
        net = Tcn(BANDS, len(PHONES))
        fit(net, examples, steps, SEED, lambda p, labels, _: torch.nn.functional.cross_entropy(p, labels), "alignment")
        counts = torch.bincount(torch.cat([e.labels for e in examples]), minlength=len(PHONES))
        prior = torch.log((counts + 1) / counts.sum())
        spoken = [u if u.exact else _realigned(u, net, prior) for u in spoken]
    return spoken, net


@torch.no_grad()
def _realigned(utterance: Utterance, net: Tcn, prior: torch.Tensor) -> Utterance:
    scores = torch.log_softmax(net(padded_mel(utterance.samples)[None])[0].T, 1) - prior
    return replace(utterance, segments=align(utterance.segments, scores.numpy()))


def statistics(examples: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and spread of every channel, (len(CHANNELS),) each."""
    mouth = torch.cat([e.mouth for e in examples])
    return mouth.mean(0), mouth.std(0)


def mouth_loss(spread: torch.Tensor) -> Loss:
    """Squared error of every channel in units of its spread, of its motion, and of the gap between the lips.

    The gap decides whether a closure looks shut, so it counts by itself, and more while the lips touch.
    """
    opening = torch.from_numpy(OPENING).float()
    shut_channel = CHANNELS.index("mouthClose")

    def loss(prediction: torch.Tensor, _: torch.Tensor, mouth: torch.Tensor) -> torch.Tensor:
        error = prediction.transpose(1, 2) - mouth
        shut = 1.0 + _SHUT * (mouth[..., shut_channel] > 0.02).float()
        place = ((error / spread) ** 2).mean(2)
        motion = ((error.diff(dim=1) / spread) ** 2).mean()
        gap = ((error @ opening) / 0.1) ** 2
        return (shut * (place + gap)).mean() + _MOTION * motion

    return loss


def main() -> None:
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=root / "assets/data/visavis-a2bs")
    parser.add_argument("--steps", type=int, default=10000)
    options = parser.parse_args()
    torch.set_num_threads(1)

    began = time.monotonic()
    spoken = speak(SEED)
    print(
        f"spoke {sum(len(u.samples) for u in spoken) / RATE / 60:.1f} min in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    spoken, listener = aligned(spoken + samples.say(SEED, HELD_OUT_VOICE), _ALIGNMENT_STEPS)
    *spoken, own_sample, strange_sample = spoken
    for sample in (own_sample, strange_sample):
        samples.write(sample, root / "tests/data/a2bs")

    rng = np.random.default_rng(SEED)
    held = {id(u) for u in spoken if u.voice == HELD_OUT_VOICE or rng.random() < _HELD_OUT_PART}
    heard = [u for u in spoken if id(u) not in held]
    heard += [revoiced(u, rng) for u in heard if u.voice != PAUSE and rng.random() < _REVOICED_PART]
    examples = [prepare(u, rng) for u in heard]
    torch.manual_seed(SEED)
    net = Tcn(BANDS, len(CHANNELS))
    mean, spread = statistics(examples)
    net.listen_as(listener)
    net.expect(mean, spread)
    fit(net, examples, options.steps, SEED, mouth_loss(spread), "mouth")

    clips = [_clip(u, Mouth(net)) for u in spoken if id(u) in held]
    figures = {
        "hibari, held-out sentences": measure([c for c in clips if c.voice == "hibari"]),
        "held-out sentences of the other voices": measure(
            [c for c in clips if c.voice not in ("hibari", HELD_OUT_VOICE)]
        ),
        "held-out voice": measure([c for c in clips if c.voice == HELD_OUT_VOICE]),
    }
    picture(_clip(own_sample, Mouth(net)), root / "docs/pictures/a2bs.png")
    minutes = sum(e.labels.shape[0] for e in examples) / 6000
    write(options.out, Mouth(net), {"seed": SEED, "steps": options.steps, "minutes": round(minutes, 1)}, figures)
    print(f"done in {time.monotonic() - began:.0f} s")


@torch.no_grad()
def _clip(utterance: Utterance, mouth: Mouth) -> Clip:
    predicted = mouth(padded_mel(utterance.samples)[None])[0].T.numpy()
    wanted = targets(utterance.segments, utterance.samples, RATE, len(predicted))
    return Clip(utterance.voice, utterance.samples, utterance.segments, wanted, predicted)


if __name__ == "__main__":
    main()
