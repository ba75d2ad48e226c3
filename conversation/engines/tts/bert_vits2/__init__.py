"""Bert-VITS2-MNN, the Chinese voice of MNN-TaoAvatar: a folder that a hub or the user brings."""

from conversation.engines.tts.bert_vits2.voice import BertVits2

__all__ = ["BertVits2"]
