"""MouthPlace: where the listener hears the voice from."""

from collections.abc import Iterator

import pytest

from conversation.errors import LinkClosedError
from conversation.link.mouth_place import AHEAD, Mouth, MouthPlace

BESIDE = Mouth((1.0, -0.1, -0.5), (-1.0, 0.0, 0.2), (1.0, -3.0, -0.5))


@pytest.fixture
def place() -> Iterator[MouthPlace]:
    place = MouthPlace.create()
    yield place
    place.close()


def test_before_anybody_says_otherwise_it_is_ahead(place: MouthPlace) -> None:
    assert MouthPlace.attach(place.name).read() == AHEAD


def test_what_one_process_writes_another_reads(place: MouthPlace) -> None:
    other = MouthPlace.attach(place.name)
    place.write(BESIDE)
    assert other.read() == BESIDE
    assert other.read() is other.read(), "without anything new it stays the same object"
    other.close()


def test_a_place_that_is_none_is_left_out(place: MouthPlace) -> None:
    place.write(BESIDE)
    place.write(Mouth((float("nan"), 0.0, 0.0), (0.0, 0.0, 1.0)))
    place.write(Mouth((0.0, 0.0, -1.0), (0.0, 0.0, 1.0), (0.0, float("inf"), 0.0)))
    assert place.read() == BESIDE


def test_a_writer_that_was_killed_in_the_middle_is_not_waited_for(place: MouthPlace) -> None:
    other = MouthPlace.attach(place.name)
    place.write(BESIDE)
    assert other.read() == BESIDE
    sequence = place._block._numbers()
    sequence[0] += 1
    place._numbers[:] = 0.0
    assert other.read() == BESIDE
    place.write(AHEAD)
    assert other.read() == AHEAD, "the next one writes over it"
    other.close()


def test_a_place_that_is_gone() -> None:
    place = MouthPlace.create()
    place.close()
    with pytest.raises(LinkClosedError):
        MouthPlace.attach(place.name)
