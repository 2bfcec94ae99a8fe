"""Compiled sample-rate code. Only + - * / sqrt floor and integers, no libm: same bits everywhere.

numba without fastmath gives identical results from SSE2 to AVX-512 as long as no call leaves for
the C library, whose sin, exp and pow differ between processors. So transcendental functions come
from `math`, noise from a counter hash, and nothing in this package may call `np.sin` and the like.
"""
