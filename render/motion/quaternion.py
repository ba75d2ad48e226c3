"""Unit quaternions and vectors as plain tuples: for a handful of joints far quicker than arrays.

Quaternions are (w, x, y, z); a product turns by the right factor first. Vectors are (x, y, z).
"""

from __future__ import annotations

from math import cos, radians, sin, sqrt
from typing import Final, TypeAlias

Quaternion: TypeAlias = tuple[float, float, float, float]
Vector: TypeAlias = tuple[float, float, float]

IDENTITY: Final[Quaternion] = (1.0, 0.0, 0.0, 0.0)


def mul(p: Quaternion, q: Quaternion) -> Quaternion:
    """`q` first, then `p`."""
    a, b, c, d = p
    w, x, y, z = q
    return (
        a * w - b * x - c * y - d * z,
        a * x + b * w + c * z - d * y,
        a * y - b * z + c * w + d * x,
        a * z + b * y - c * x + d * w,
    )


def inverse(q: Quaternion) -> Quaternion:
    return q[0], -q[1], -q[2], -q[3]


def rotate(q: Quaternion, v: Vector) -> Vector:
    """`v` turned by `q`."""
    w, x, y, z = q
    vx, vy, vz = v
    tx, ty, tz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    return (
        vx + w * tx + y * tz - z * ty,
        vy + w * ty + z * tx - x * tz,
        vz + w * tz + x * ty - y * tx,
    )


def turn(axis: Vector, degrees: float) -> Quaternion:
    """A turn about a unit `axis`."""
    half = radians(degrees) / 2
    s = sin(half)
    return cos(half), s * axis[0], s * axis[1], s * axis[2]


def euler(pitch: float, yaw: float, roll: float) -> Quaternion:
    """Degrees: roll about z first, then pitch about x, then yaw about y. Positive is down, to the left and to the right
    ear's side up, of one who faces +z with the left at +x."""
    return mul(turn((0.0, 1.0, 0.0), yaw), mul(turn((1.0, 0.0, 0.0), pitch), turn((0.0, 0.0, 1.0), roll)))


def add(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def sub(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def scaled(a: Vector, s: float) -> Vector:
    return a[0] * s, a[1] * s, a[2] * s


def dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def norm(a: Vector) -> float:
    return sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


def unit(a: Vector) -> Vector:
    """Of length one; a vector of no length stays."""
    length = norm(a)
    return a if length < 1e-12 else (a[0] / length, a[1] / length, a[2] / length)


def across(a: Vector, axis: Vector) -> Vector:
    """The unit vector along the part of `a` that is square to the unit vector `axis`."""
    along = dot(a, axis)
    return unit((a[0] - along * axis[0], a[1] - along * axis[1], a[2] - along * axis[2]))


def frame(first: Vector, second: Vector) -> Quaternion:
    """The turn that takes x to the unit vector `first`, and y to `second` as far as that is square to it."""
    x = first
    y = across(second, x)
    z = cross(x, y)
    trace = x[0] + y[1] + z[2]
    # Shepperd's method: divide by the largest of the four.
    if trace > 0:
        s = 2 * sqrt(1 + trace)
        return s / 4, (y[2] - z[1]) / s, (z[0] - x[2]) / s, (x[1] - y[0]) / s
    if x[0] > y[1] and x[0] > z[2]:
        s = 2 * sqrt(1 + x[0] - y[1] - z[2])
        return (y[2] - z[1]) / s, s / 4, (y[0] + x[1]) / s, (z[0] + x[2]) / s
    if y[1] > z[2]:
        s = 2 * sqrt(1 + y[1] - x[0] - z[2])
        return (z[0] - x[2]) / s, (y[0] + x[1]) / s, s / 4, (z[1] + y[2]) / s
    s = 2 * sqrt(1 + z[2] - x[0] - y[1])
    return (x[1] - y[0]) / s, (z[0] + x[2]) / s, (z[1] + y[2]) / s, s / 4
