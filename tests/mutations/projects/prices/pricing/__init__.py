"""Prices; what others use is here."""

from pricing.discounts import seasonal
from pricing.rounding import round_half as round_price

__all__ = ["round_price", "seasonal"]

VERSION = "1.0"
