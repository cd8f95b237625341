"""Random arguments, from a seed made of the case's name: a new case changes no other."""

import zlib

import torch


class Draw:
    def __init__(self, name):
        self.generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))

    def __call__(self, *shape, low=-2, high=2):
        """Numbers from low to high, with three decimals so that they are short to write."""
        unit = torch.rand(shape, generator=self.generator, dtype=torch.float64)
        return torch.round((low + unit * (high - low)) * 1000) / 1000

    def apart(self, *shape):
        """Numbers around 0, no two of them closer than 0.06; an even count of them keeps as far from 0."""
        size = torch.Size(shape).numel()
        order = torch.randperm(size, generator=self.generator) - size / 2 + 0.5
        jitter = self(size, low=-0.02, high=0.02)
        return torch.round((order / 10 + jitter) * 1000).reshape(shape) / 1000

    def ids(self, *shape, below):
        """Whole numbers from 0 to below - 1."""
        return torch.randint(below, shape, generator=self.generator)

    def mask(self, *shape):
        return torch.rand(shape, generator=self.generator) < 0.5
