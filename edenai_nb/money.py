"""Formats amounts of money."""

from __future__ import annotations


def dollars(amount: float) -> str:
    """USD as text, as shown everywhere: $12.30; below ten cents with up to four decimals; $0 for zero."""
    if amount == 0:
        return "$0"
    if amount < 0.00005:
        return "<$0.0001"
    if amount >= 0.09995:
        return f"${amount:,.2f}"
    whole, small = f"{amount:.4f}".split(".")
    return f"${whole}.{small.rstrip('0'):0<2}"
