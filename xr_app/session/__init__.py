"""The OpenXR session: instance, graphics binding, swapchains, frames and times."""
