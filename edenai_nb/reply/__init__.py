"""What the model has said so far, as plain values."""

from .builder import ReplyBuilder
from .values import CodeBlock, Delta, Reply, Usage

__all__ = ["CodeBlock", "Delta", "Reply", "ReplyBuilder", "Usage"]
