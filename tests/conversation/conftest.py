"""Fixtures of several modules."""

from tests.conversation.engines.asr.zipformer_folder import mnn_folder, onnx_folder

__all__ = ["mnn_folder", "onnx_folder"]
