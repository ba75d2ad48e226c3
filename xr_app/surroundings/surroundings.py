"""What is around the avatar in a session: the wearer's own room where the headset shows it, else a stage.

    surroundings = Surroundings(session)
    for frame in session.frames():
        surroundings.update(frame)
        with frame: draw the avatar on transparent ground in surroundings.light,
                    then surroundings.draw(frame, Standing(...))
    surroundings.close()

Lives on the session's thread. Cameras that fail are replaced by the next way to see the room, and by the stage while
there is none. On the stage and on the wearer's floor the avatar casts a shadow; where light is added to the room's
nothing can be made darker, so there is none.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.ground.balls import Balls
from render.ground.ground import Ground
from render.ground.standing import Standing
from render.stages.compose import PLAIN, Light, lit
from render.view import View
from xr_app.errors import RuntimeFailedError, XrError
from xr_app.session.frame import Frame
from xr_app.session.session import XrSession
from xr_app.surroundings.asked import USUAL, Asked
from xr_app.surroundings.fb_passthrough import Trouble
from xr_app.surroundings.light import Easing
from xr_app.surroundings.light_estimator import LightEstimator
from xr_app.surroundings.mode import Mode
from xr_app.surroundings.ways import Way, opaque, ways_of


class Surroundings:
    """Of one session. Shows the wearer's room from the start where there is a way, unless told otherwise."""

    def __init__(self, session: XrSession, asked: Asked = USUAL) -> None:
        """The session may have been opened with `ways.EXTENSIONS`, or without."""
        self._session = session
        self._ways = ways_of(session, self._hear)
        self._way: Way | None = None
        self._heard: list[Trouble] = []
        self._interrupted = False
        self._ground = Ground(session.ctx, depth_range=session.depth_range)
        self._estimator: LightEstimator | None = None
        self.middle: NDArray[np.float64] | None = None
        """(3,) of the avatar that was drawn last; None where nothing of it was seen."""
        self._easing, self._eased, self._eased_at = Easing(), PLAIN, 0
        self.ask(asked)

    @property
    def mode(self) -> Mode:
        """What is around the avatar now."""
        return self._way.mode if self._way is not None else Mode.STAGE

    @property
    def can_see_through(self) -> bool:
        """Whether there is a way to see the wearer's room."""
        return bool(self._ways)

    def ask(self, asked: Asked) -> Mode:
        """Show the wearer's room or the stage, lit like that; what is shown from the next frame on."""
        self.asked = asked
        if asked.estimate and self._estimator is None:
            self._estimator = LightEstimator(self._session)
        self._choose()
        return self.mode

    def switch(self, see_through: bool) -> Mode:
        """Show the wearer's room, or the stage; what is shown from the next frame on."""
        return self.ask(replace(self.asked, see_through=see_through))

    @property
    def light(self) -> Light:
        """What the avatar's light is multiplied by now."""
        return lit(self.asked.light.gain, self._eased)

    def update(self, frame: Frame) -> None:
        """Follow what the runtime says of its cameras and of the room's light; once a frame, before it is drawn."""
        heard, self._heard = self._heard, []
        for trouble in heard:
            self._suffer(trouble)
        known = None
        if self._estimator is not None and self.asked.estimate and self._way is not None:
            known = self._estimator.light(frame.xr_time)
        seconds = (frame.xr_time - self._eased_at) / 1e9 if self._eased_at else 0.0
        self._eased, self._eased_at = self._easing.toward(known or PLAIN, seconds), frame.xr_time

    def draw(self, frame: Frame, standing: Standing) -> None:
        """Draw stage and shadow beneath what the frame's targets hold, as there are."""
        self.middle = standing.middle
        if self.mode != Mode.ADDED:
            self._ground.draw(frame.views, frame.targets, standing, self.light, stage=self.mode == Mode.STAGE)

    def draw_stage(self, view: View, target: moderngl.Framebuffer) -> None:
        """Fill what is transparent of a finished picture of this frame, for those who do not see the wearer's room;
        the shadow is in the picture."""
        if self.mode != Mode.STAGE:
            self._ground.draw_stage(view, target, self.light, shadow=False)

    def meet(self, balls: Balls) -> None:
        """Have the shadow of this body from now on."""
        self._ground.meet(balls)

    def close(self) -> None:
        """Give back what is the runtime's and the GPU's."""
        self._heard.clear()
        for way in self._ways:
            way.close()
        self._way, self._ways = None, []
        if self._estimator is not None:
            self._estimator.close()
        self._ground.release()

    def _hear(self, trouble: Trouble) -> None:
        self._heard.append(trouble)

    def _suffer(self, trouble: Trouble) -> None:
        cameras = next((way for way in self._ways if way.mode == Mode.CAMERAS), None)
        if cameras is None:
            return
        match trouble:
            case Trouble.INTERRUPTED | Trouble.RESTORED:
                self._interrupted = trouble == Trouble.INTERRUPTED
            case Trouble.MAKE_AGAIN | Trouble.LOST:
                if self._way is cameras:
                    self._way = None
                cameras.close()
                self._interrupted = False
                if trouble == Trouble.LOST:
                    self._ways.remove(cameras)
        self._choose()

    def _choose(self) -> None:
        """Show by the best way that works, or the stage."""
        wanted = [way for way in self._ways if not (self._interrupted and way.mode == Mode.CAMERAS)]
        for way in wanted if self.asked.see_through else []:
            if way is self._way:
                return
            try:
                way.show()
            except RuntimeFailedError:
                way.close()
                self._ways.remove(way)
                continue
            self._leave()
            self._way = way
            return
        self._leave()
        self._session.blend(opaque(self._session), see_through=False)

    def _leave(self) -> None:
        if self._way is not None:
            with suppress(XrError):  # what will not rest is no longer shown all the same
                self._way.hide()
        self._way = None
