"""A language model in MNN.llm's format, reduced to what a dialogue needs: tokens in, logits out, a cache to rewind.

MNN.llm 3.6.1 trusts its files and its caller: a missing file or an empty list of tokens ends the process with a
signal. So the folder is checked (llm_folder) before MNN sees it, and only calls that cannot fail that way are made. Its
own loop (`response`, `generate`) holds the GIL until the answer is complete and can neither stream nor stop; `forward`
holds it for one token.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.quiet import c_stdout_silenced
from conversation.engines.llm.llm_folder import check_parts, check_recorded
from conversation.engines.llm.lora_graph import model_graph
from conversation.errors import EngineError

ANSWER: Final = "<|im_start|>assistant\n"


class _Loaded:
    """MNN's objects over one set of weights, which it frees with the first of them: that one has to go last.

    The others go with the MnnLlm that uses each, or all here, whatever order Python's garbage collector may choose.
    """

    def __init__(self, first: Any) -> None:
        self.objects: Final[list[Any]] = [first]

    def __del__(self) -> None:
        while self.objects:
            self.objects.pop()


class MnnLlm:
    """One loaded model and its KV cache; belongs to one thread.

    `exact` computes with weights expanded to float32, as the source model does; otherwise int8 activations multiply the
    weights as they are stored, three times as fast and within the rounding that 4-bit weights suffered anyway.
    `recorded`: the folder is one of ours, with a record to compare it with.
    Raises ModelMissingError or ModelError where the folder is not a complete, undamaged model.
    """

    def __init__(self, model_dir: Path, *, threads: int = 1, exact: bool = False, recorded: bool = True) -> None:
        (check_recorded if recorded else check_parts)(model_dir)
        with c_stdout_silenced():
            import MNN.llm

            model = MNN.llm.create(str(model_dir / "config.json"))
            model.set_config({"thread_num": threads, "memory": "normal" if exact else "low"})
            model.load()
        # The wrapper's own methods hide what is needed of the object inside.
        self._loaded = _Loaded(model._c_obj)
        self._number = 0
        self._folder, self._graph = model_dir, model_graph(model_dir).name
        self._length = 0
        # Damaged files show in the first token: here, where whoever loads a model can say so.
        self.feed(self.encode("a")[:1] or [0])
        self.rewind(0)

    def __del__(self) -> None:
        number = getattr(self, "_number", 0)
        if 0 < number < len(self._loaded.objects):
            self._loaded.objects[number] = None

    @property
    def _model(self) -> Any:
        return self._loaded.objects[self._number]

    @property
    def length(self) -> int:
        """Tokens in the KV cache."""
        return self._length

    def another(self) -> MnnLlm:
        """An empty KV cache of its own over the same weights, which cost no second memory."""
        return self._over_the_same(self._graph)

    def with_lora(self, graph: Path) -> MnnLlm:
        """The same with a LoRA, which lora_graph.checked has looked at; EngineError where it lies out of reach."""
        try:
            return self._over_the_same(Path(os.path.relpath(graph, self._folder)).as_posix())
        except ValueError:
            raise EngineError(f"{graph} is on another drive than its language model: move it there.") from None

    def _over_the_same(self, graph: str) -> MnnLlm:
        other = object.__new__(MnnLlm)
        objects = self._loaded.objects
        with c_stdout_silenced():
            # MNN puts the name into JSON as it is.
            objects.append(objects[0].create_lora(json.dumps(graph)[1:-1]))
        other._loaded, other._number = self._loaded, len(objects) - 1
        other._folder, other._graph, other._length = self._folder, graph, 0
        return other

    def encode(self, text: str) -> list[int]:
        """Token numbers; the text of a special token becomes that token."""
        tokens: list[int] = self._model.tokenizer_encode(text) if text else []
        return tokens

    def decode(self, token: int) -> bytes:
        """The bytes of a token, which may be a part of a character."""
        try:
            text: str = self._model.tokenizer_decode(token)
        except UnicodeDecodeError as error:
            return error.object
        return text.encode()

    def answer_opening(self, *, thinking: bool) -> str:
        """What the model's own chat template puts at the beginning of an answer, such as an empty thought."""
        turns = [{"role": "system", "content": "."}, {"role": "user", "content": "."}]
        with c_stdout_silenced():
            self._model.set_config(json.dumps({"jinja": {"context": {"enable_thinking": thinking}}}))
            prompt: str = self._model.apply_chat_template(turns)
        return prompt.rpartition(ANSWER)[2] if ANSWER in prompt else ""

    def feed(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Append tokens (at least one) to the cache; (vocabulary,) logits of what follows the last one."""
        if not tokens:
            raise ValueError("there is nothing to feed")
        with c_stdout_silenced():
            logits = self._model.forward(list(tokens))
        if logits is None:
            raise EngineError("The language model failed while it read: start the conversation again.")
        self._length += len(tokens)
        result: NDArray[np.float32] = np.array(logits.read(), np.float32).reshape(-1)
        return result

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens; MNN does it when it is fed next."""
        if length >= self._length:
            return
        with c_stdout_silenced():
            if length:
                self._model.erase_history(length, 0)
            else:
                self._model.reset()
        self._length = length
