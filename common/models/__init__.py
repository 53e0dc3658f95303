from .base import AppendOnly, Named

__all__ = ["AppendOnly", "Named"]
