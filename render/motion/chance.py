"""Chance without a memory: numbers that look drawn, and are a function of what they are asked for."""

from __future__ import annotations

from math import pi, sin


def chance(seed: int, channel: int, index: int) -> float:
    """A fixed number in [0, 1) for these three (the finaliser of MurmurHash3, Appleby 2011)."""
    h = (seed * 0x9E3779B1 + channel * 0x85EBCA77 + index * 0xC2B2AE3D) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return (h ^ (h >> 16)) / 2**32


def between(low: float, high: float, x: float) -> float:
    """From `low` at x = 0 to `high` at x = 1."""
    return low + (high - low) * x


def wander(time_s: float, seed: int, channel: int, period_s: float) -> float:
    """A smooth wander between -1 and 1: three sines whose periods have no common multiple."""
    total = 0.0
    for k, ratio in enumerate((1.0, 1.618, 2.414)):
        phase = 2 * pi * chance(seed, channel, k)
        total += sin(2 * pi * time_s * ratio / period_s + phase) / ratio
    return total / (1 + 1 / 1.618 + 1 / 2.414)
