"""Headsets that can more than the simulated one: an OpenXR API layer in this process, with emulations to choose from.

    with SimulatedLayer(FbPassthrough()) as layer:
        layers = [CORE_VALIDATION, layer.name]
        with XrSession(monado.environment, layers=layers, extensions=layer.extensions) as session:
            run(session, 10)
    assert layer.frames[-1].layers[0].type == xr.StructureType.COMPOSITION_LAYER_PASSTHROUGH_FB
    assert not layer.leaked

The layer stands between the app and the real runtime (Monado); name it after the core validation layer, which then
checks the app's calls to what is emulated too. It offers the extensions of its emulations, answers their functions,
writes their properties and events, takes their composition layers, and keeps a copy of every frame that was submitted.
Tests use it, and the scripted visit does; nobody's own talk ever does.
Instances and sessions may come and go within one `with`; what an emulation keeps in itself outlives them.

An emulation is a subclass of `Emulation` in a module of its own:

    class Chairs(Emulation):
        extensions = {"XR_XX_chairs": 1}                 # offered; its functions exist where an app enabled it
        layer_types = {StructureType.COMPOSITION_LAYER_CHAIR_XX: xr.CompositionLayerChairXX}    # taken, not passed on

        @emulates("xrCreateChairXX")                     # a function of the extension; arguments as in the C API
        def create(self, session, info, chair):
            check_type(info, StructureType.CHAIR_CREATE_INFO_XX)
            self.layer.handles.find("XrSession", session)
            self.layer.handles.create("XrChairXX", chair, parent=session, value=Chair())

        @emulates("xrDestroyChairXX")
        def destroy(self, chair):
            self.layer.handles.destroy("XrChairXX", chair)

        @wraps("xrCreateSwapchain")                      # a function of the runtime; `runtime` goes on to it
        def swapchain(self, runtime, session, info, swapchain):
            for each in chain(info): ...                 # structures that hang on its next pointers
            return runtime(session, info, swapchain)

        def system_property(self, structure): ...        # fill one that hangs on XrSystemProperties; True if it is ours
        def check_layer(self, layer): ...                # of one of layer_types, before the frame is taken
        def submitted(self, frame): ...                  # after each frame that the runtime took
        def instance_begun(self): ...                    # forget what does not outlive an instance

Handlers are held to what a strict runtime does: they raise `Refused(xr.Result.ERROR_...)` for a wrong structure, order
or handle, and return None (success) or a result's value. `self.layer` offers handles (`create`, `find`, `destroy`:
known by kind, dead with their parent), `send(event)` for the app's next xrPollEvent, and `runtime(name)` for calling
the runtime itself. An exception of another kind is the emulation's own fault and is raised when the layer is left.
"""

from xr_app.emulated.calls import Refused, chain, check_type
from xr_app.emulated.emulation import Emulation, SubmittedFrame, emulates, wraps
from xr_app.emulated.layer import SimulatedLayer

__all__ = [
    "Emulation",
    "Refused",
    "SimulatedLayer",
    "SubmittedFrame",
    "chain",
    "check_type",
    "emulates",
    "wraps",
]
