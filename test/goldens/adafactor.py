"""
Adafactor, from Shazeer & Stern 2018 (arXiv 1804.04235): Algorithm 4 for matrices, 5 for vectors, with SkipLayer's
recipe of no first moment and a fixed beta2 of 0.99, whose bias correction is folded into the decay rate (their section
7.1): decay = beta2 (1 - beta2^(t-1)) / (1 - beta2^t). Step sizes are absolute, weight decay is decoupled.
"""

import torch

EPSILON = 1e-30
THRESHOLD = 1.0


class Adafactor:
    """One parameter. R and C are sums of rows and columns, as in the paper."""

    def __init__(self, parameter, weight_decay, beta2=0.99):
        self.parameter, self.weight_decay, self.beta2, self.t = parameter, weight_decay, beta2, 0
        shape = parameter.shape
        if parameter.dim() == 2:
            self.R, self.C = torch.zeros(shape[0], 1), torch.zeros(1, shape[1])
        else:
            self.V = torch.zeros(shape)

    def step(self, rate):
        self.t += 1
        beta2, G = self.beta2, self.parameter.grad
        decay = beta2 * (1 - beta2 ** (self.t - 1)) / (1 - beta2**self.t)
        squares = G**2 + EPSILON
        if self.parameter.dim() == 2:
            self.R = decay * self.R + (1 - decay) * squares.sum(1, keepdim=True)
            self.C = decay * self.C + (1 - decay) * squares.sum(0, keepdim=True)
            # Where G is 0 throughout, R C is about 1e-60: nothing in float64.
            V = self.R @ self.C / self.R.sum()
        else:
            V = self.V = decay * self.V + (1 - decay) * squares
        U = G / torch.sqrt(V)
        rms = torch.sqrt(torch.mean(U**2))
        with torch.no_grad():
            self.parameter -= rate * self.weight_decay * self.parameter
            self.parameter -= rate * U / max(1.0, float(rms) / THRESHOLD)

    def state(self):
        """By hopgrad's names: it keeps means where the paper keeps sums."""
        if self.parameter.dim() != 2:
            return {'exponentialAverageSquare': self.V.clone()}
        rows, columns = self.parameter.shape
        return {
            'exponentialAverageSquareRow': self.R.squeeze(1) / columns,
            'exponentialAverageSquareColumn': self.C.squeeze(0) / rows,
        }
