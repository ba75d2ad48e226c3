"""The avatar's place from frame to frame: a ghost that is put down, someone who stands, is moved, or comes.

    RECALLING  where it stood last time is being looked for; nobody is seen
    CHOOSING   a ghost follows the gaze or the pointer; a pinch or the trigger puts it down
    STANDING   it stands; a grab takes it, `call` has it come
    HELD       one hand has it, or two
    COMING     it glides to the user

Whatever happens, what is shown moves no faster than motion.py's paces allow, and feet stay on the floor. Nothing here
knows of OpenXR or of GL, and time comes in with every frame.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import Enum, auto
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xr_app.input.inputs import Inputs
from xr_app.placement.body import Body
from xr_app.placement.carrying import Carrying
from xr_app.placement.keeper import Keeper
from xr_app.placement.motion import AIMED, ARM, HELD, SETTLING, TURNING, Walk, limited
from xr_app.placement.pointing import Pointing
from xr_app.placement.room import EMPTY, Room
from xr_app.placement.spot import Spot, ahead_of, facing, known
from xr_app.placement.standing import Hint, Pulse, Standing
from xr_app.preferences import Preferences

F64 = NDArray[np.float64]

HUMAN_HEIGHT: Final = 1.75
GHOST: Final = 0.5
"""How much of a ghost is seen."""
_FADE: Final = 5.0
"""Of the opacity, a second, at most."""
_LONGEST_S: Final = 0.1
"""What passed between two frames at most, as far as motion goes: after a pause it goes on where it was."""
_RECALL_S: Final = 2.5
"""How long the place of last time is waited for."""
_DRIFT_M: Final = 0.03
_DRIFT: Final = math.radians(3)
"""What an anchor has to have moved by for the avatar to follow."""


class _Mode(Enum):
    RECALLING = auto()
    CHOOSING = auto()
    STANDING = auto()
    HELD = auto()
    COMING = auto()


class Placement:
    """Of one avatar, `height` metres high at human size; `keeper` remembers where it stands, nobody does without."""

    def __init__(self, *, height: float = HUMAN_HEIGHT, keeper: Keeper | None = None) -> None:
        self.height = height
        """Of the avatar at human size, metres."""
        self.keeper = keeper
        """Of the session of now."""
        self.floor = 0.0
        """Metres above the space's origin at which feet are."""
        self._room = EMPTY
        self._mode = _Mode.CHOOSING
        self._shown: Spot | None = None
        self._home = Spot()
        self._opacity = 0.0
        self._last_s: float | None = None
        self._waiting_s = 0.0
        self._head: F64 | None = None
        self._before = Inputs()
        self._pointing = Pointing()
        self._walk: Walk | None = None
        self._carrying = Carrying()
        self._preferred = Preferences()
        self._order = 1, 0
        """The hand that goes before the other, and the other."""
        self._called = False
        self._roomless = False

    @property
    def placed(self) -> bool:
        """Whether it stands, is held or comes, and is no ghost."""
        return self._mode in (_Mode.STANDING, _Mode.HELD, _Mode.COMING)

    @property
    def body(self) -> Body:
        """What hands meet."""
        return Body(self.spot, self.floor, self.height, self._preferred.fade)

    @property
    def holders(self) -> tuple[int, ...]:
        """The hands that have it: 0 left, 1 right."""
        return self._carrying.holders

    def pointer(self, inputs: Inputs) -> int | None:
        """The hand that a ghost follows; None where there is no ghost, or no hand that points."""
        return self._pointing.side(inputs) if self._mode is _Mode.CHOOSING else None

    @property
    def spot(self) -> Spot:
        """Where it stands now, on its way or not; where it will, before the first frame."""
        return self._shown or self._home

    @property
    def room(self) -> Room:
        """What stands and hangs about; the avatar makes way for what is new in it."""
        return self._room

    @room.setter
    def room(self, room: Room) -> None:
        self._room = room
        if self._mode is _Mode.STANDING:
            self._settle(self._home)

    def prefer(self, preferred: Preferences) -> None:
        """From now on: the hand that goes before the other, how near it fades, whether human size catches."""
        if preferred.hand != self._preferred.hand:
            self._pointing.hand = first = int(preferred.hand == "right")
            self._order = first, 1 - first
        if preferred.detent != self._preferred.detent:
            self._carrying.prefer(self.spot.scale, detent=preferred.detent)
        self._preferred = preferred

    def load(self) -> None:
        """Look for where it stood last time, unless it stands already; until that is found it is not seen, and not for
        long."""
        if self.keeper is not None and self.keeper.searching and not self.placed:
            self._mode, self._waiting_s = _Mode.RECALLING, 0.0

    def save(self) -> None:
        """Keep where it stands; done by itself whenever it was put somewhere."""
        if self.keeper is not None and self.placed:
            self.keeper.keep(self._home)

    def place_again(self) -> None:
        """Be a ghost again, and follow the user's pointer."""
        self._drop()
        self._mode = _Mode.CHOOSING

    def stand(self) -> None:
        """Stand before the user at once, without being put down."""
        self._drop()
        self._mode, self._shown = _Mode.STANDING, None

    def call(self) -> None:
        """Come to the user, if it stands anywhere."""
        self._called = True

    def recentred(self, pose_in_previous: F64 | None) -> None:
        """The space moved: (4, 4) its new origin in what it was before, and the avatar stays where it is in the room.
        Where that is not known, it comes to stand before the user."""
        pose = known(pose_in_previous)
        if pose is None or pose[1, 1] < 0.9:
            self._shown = None
        else:
            change = np.asarray(np.linalg.inv(pose), np.float64)
            self._home = self._home.seen_from(change)
            if self._shown is not None:
                self._shown = self._shown.seen_from(change)
            if self._walk is not None:
                x, _, z = (change @ (self._walk.goal[0], 0.0, self._walk.goal[1], 1.0))[:3].tolist()
                self._walk.goal = x, z
        self._carrying.take_anew()

    def update(self, frame_time_s: float, head: F64, inputs: Inputs) -> Standing:
        """Where it is at a frame's time, any clock's seconds; (4, 4) head to world."""
        dt = self._passed(frame_time_s)
        seen = known(head)
        self._head = head = (np.eye(4) if self._head is None else self._head) if seen is None else seen
        if self._shown is None:
            self._appear(head)
        pulses: list[Pulse] = []
        called, self._called = self._called or inputs.call, False
        match self._mode:
            case _Mode.RECALLING:
                self._recall(dt)
            case _Mode.CHOOSING:
                self._choose(head, inputs, dt, pulses)
            case _Mode.STANDING:
                self._stand(head, inputs, dt, pulses, called)
            case _Mode.HELD:
                self._carry(head, inputs, dt, pulses)
            case _Mode.COMING:
                self._come(head, inputs, dt, pulses)
        self._before = inputs
        self._fade(head, inputs, dt)
        ghost = self._mode is _Mode.CHOOSING
        return Standing(self.spot.model(self.floor), self._opacity, ghost, self._hint(), tuple(pulses))

    def _passed(self, frame_time_s: float) -> float:
        if not math.isfinite(frame_time_s):
            return 0.0
        last = frame_time_s if self._last_s is None else self._last_s
        self._last_s = frame_time_s
        return min(max(frame_time_s - last, 0.0), _LONGEST_S)

    def _appear(self, head: F64) -> None:
        """Be before the user at once."""
        spot = ahead_of(head, scale=self.spot.scale)
        self._shown = self._home = self._freed(spot, head) or spot
        if self._mode in (_Mode.HELD, _Mode.COMING):
            self._drop()
            self._mode = _Mode.STANDING

    def _recall(self, dt: float) -> None:
        keeper = self.keeper
        self._waiting_s += dt
        spot = keeper.found() if keeper is not None else None
        if spot is not None:
            self._shown = self._home = spot
            self._mode = _Mode.STANDING
            self._settle(spot)
        elif keeper is None or not keeper.searching or self._waiting_s > _RECALL_S:
            self._mode = _Mode.CHOOSING

    def _choose(self, head: F64, inputs: Inputs, dt: float, pulses: list[Pulse]) -> None:
        self._act_by(inputs)
        x, z = self._pointing.at(head, inputs, self.floor)
        now = self.spot
        goal = self._freed(facing(x, z, head, now.scale, now.yaw), head)
        self._roomless = goal is None
        if goal is None:
            self._shown = AIMED.follow(now, replace(now, yaw=facing(now.x, now.z, head, otherwise=now.yaw).yaw), dt)
            return
        self._shown = AIMED.follow(now, facing(goal.x, goal.z, head, now.scale, now.yaw), dt)
        hand = self._pressed(inputs)
        if hand is not None:
            pulses.append(Pulse.of(hand, 0.06, 0.7))
            self._mode = _Mode.STANDING
            self._settle(self.spot)
            self.save()

    def _stand(self, head: F64, inputs: Inputs, dt: float, pulses: list[Pulse], called: bool) -> None:
        if self._taken(inputs, pulses):
            return
        if called:
            goal = self._freed(ahead_of(head), head) or self.spot
            self._walk = Walk((goal.x, goal.z))
            self._mode = _Mode.COMING
            return
        found = self.keeper.found() if self.keeper is not None else None
        if found is not None:
            turned_by = abs(math.remainder(found.yaw - self._home.yaw, math.tau))
            if math.dist((found.x, found.z), (self._home.x, self._home.z)) > _DRIFT_M or turned_by > _DRIFT:
                self._settle(replace(found, scale=self._home.scale))
        self._shown = SETTLING.follow(self.spot, self._home, dt)

    def _come(self, head: F64, inputs: Inputs, dt: float, pulses: list[Pulse]) -> None:
        walk, now = self._walk, self.spot
        if self._taken(inputs, pulses) or walk is None:
            self._walk = None
            return
        user = float(head[0, 3]), float(head[2, 3])
        if math.dist(walk.goal, user) < ARM:  # the user went there meanwhile
            goal = self._freed(ahead_of(head), head) or now
            walk.goal = goal.x, goal.z
        x, z = walk.step((now.x, now.z), user, dt)
        there = facing(x, z, head, now.scale, now.yaw)
        self._shown = replace(TURNING.follow(now, replace(there, x=now.x, z=now.z), dt), x=x, z=z)
        facing_them = abs(math.remainder(there.yaw - self.spot.yaw, math.tau)) < _DRIFT
        if walk.arrived((x, z)) and facing_them:
            self._walk = None
            self._mode = _Mode.STANDING
            self._settle(self.spot)
            self.save()

    def _taken(self, inputs: Inputs, pulses: list[Pulse]) -> bool:
        """Whether a hand closed on it in this frame."""
        if not self._carrying.taken(self._before, inputs, self._order, self.body, pulses):
            return False
        self._walk, self._mode = None, _Mode.HELD
        return True

    def _carry(self, head: F64, inputs: Inputs, dt: float, pulses: list[Pulse]) -> None:
        if not self._carrying.held(self._before, inputs, pulses):
            self._drop()
            self._mode = _Mode.STANDING
            self._settle(self.spot)
            self.save()
            return
        goal = self._carrying.goal(self.body, head, inputs, pulses)
        if goal is not None:
            self._shown = HELD.follow(self.spot, goal, dt)

    def _drop(self) -> None:
        self._carrying.drop()
        self._walk = None

    def _settle(self, spot: Spot) -> None:
        """Stand there, or as near as one can."""
        self._home = self._freed(spot, self._head) or spot

    def _freed(self, spot: Spot, head: F64 | None) -> Spot | None:
        """The nearest spot to that one where the room lets it stand, none of them an arm's length from the user where
        that one is not either; None where there is none."""
        user = (float(head[0, 3]), float(head[2, 3])) if head is not None else None
        place = self._room.free_near((spot.x, spot.z), spot.scale, user, ARM)
        return None if place is None else replace(spot, x=place[0], z=place[1])

    def _act_by(self, inputs: Inputs) -> None:
        """The hand that does something is the one that points."""
        for index in self._order:
            before, now = self._before.hands[index], inputs.hands[index]
            if (now.select and not before.select) or (now.grab and not before.grab):
                self._pointing.hand = index
                return

    def _pressed(self, inputs: Inputs) -> int | None:
        if self._opacity < GHOST / 2:
            return None  # nobody has seen yet what they would put down
        for index in self._order:
            if inputs.hands[index].select and not self._before.hands[index].select:
                return index
        return None

    def _fade(self, head: F64, inputs: Inputs, dt: float) -> None:
        goal = 0.0
        if self._mode is not _Mode.RECALLING:
            free = [hand for i, hand in enumerate(inputs.hands) if i not in self.holders and not hand.grab]
            hands = [grip[:3, 3] for hand in free if (grip := known(hand.grip)) is not None]
            goal = self.body.opacity(head[:3, 3], hands)
            if self._mode is _Mode.CHOOSING:
                goal = min(goal, GHOST)
        self._opacity += limited(goal - self._opacity, _FADE * dt)

    def _hint(self) -> Hint:
        if self._mode is _Mode.CHOOSING:
            return Hint.NO_ROOM if self._roomless else Hint.PLACE
        if self._mode is _Mode.HELD:
            if len(self.holders) == 1:
                return Hint.HELD
            return Hint.RESIZED if self._preferred.detent else Hint.FREELY
        return Hint.NONE
