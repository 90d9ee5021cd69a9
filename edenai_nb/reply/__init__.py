"""A model's answer as plain values, and how it is built from a stream."""

from .builder import ReplyBuilder
from .values import CodeBlock, Delta, Reply, Usage

__all__ = ["CodeBlock", "Delta", "Reply", "ReplyBuilder", "Usage"]
