"""What is read from one frame's input without knowing what it came from."""

from xr_app.input.inputs import HOLD_S, Hand, Inputs, Source


def test_select_is_pressed_in_its_first_frame_alone() -> None:
    assert not Hand().pressed
    assert Hand(select=True).pressed
    assert not Hand(select=True, held_s=0.01).pressed


def test_a_hand_that_holds_wants_to_talk_unless_it_is_busy() -> None:
    held = Hand(Source.HAND, select=True, held_s=HOLD_S)
    clicked = Hand(Source.HAND, select=True, held_s=HOLD_S / 2)
    assert not Inputs().wants_to_talk()
    assert Inputs(right=held).wants_to_talk()
    assert not Inputs(right=clicked).wants_to_talk()
    assert not Inputs(right=held).wants_to_talk(busy="right")
    assert Inputs(right=held).wants_to_talk(busy="left")
    assert Inputs(left=held, right=held).wants_to_talk(busy="right")
    assert not Inputs(left=held, right=held).wants_to_talk(busy="both")


def test_the_button_for_it_always_wants_to_talk() -> None:
    assert Inputs(talk=True).wants_to_talk(busy="both")
