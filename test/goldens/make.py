"""
Goldens: what PyTorch computes, for hopgrad to agree with.

The property tests hold hopgrad to finite differences and to itself; a mistake made on both sides would pass them. Here
everything is computed a second time by an implementation that shares no line with it:

- ops.json         every op: value, gradient along a random cotangent, and the gradient of that gradient
- kinks.json       values and gradients where no derivative exists: ties, zeros, infinities, NaN
- skip-layer.json  a whole SkipLayer model, written from the paper token by token: decisions, losses, every gradient, and
                   five steps of AdamW and of Adafactor
- one-shot.json    one-shot evaluation of a random and a trained model on files of every format: log-probabilities, choices

All of it is float64, in the shortest decimals that read back to the same bits. Arguments have three decimals, to be
short. The tests beside this file read the JSON and need no Python.

Run by hand, never in CI, when an op is new or a case below has changed:

    /usr/bin/python3 test/goldens/make.py

It takes three seconds and writes the same bytes each time. Every case draws from a seed made of its own name, so a new
case changes no other line. A new op needs its counterpart in torch_ops.py and two calls or more in ops.py.

Written with PyTorch 1.13.0a0 (Debian 12, python3-torch) under Python 3.11. Another PyTorch may differ in last digits,
within the tests' bounds; where it takes another convention at a kink, the table in kinks.test.ts has to follow.

draw.py draws arguments, record.py calls, differentiates and writes, torch_ops.py has hopgrad's ops in PyTorch's terms,
ops.py and kinks.py the calls, skip_layer.py and adafactor.py the model and its optimizer.
"""

import sys

sys.dont_write_bytecode = True  # what follows is imported from this folder

import torch

import kinks
import one_shot
import ops
import skip_layer
from record import write

torch.set_default_dtype(torch.float64)
# One thread: sums are added up in one order.
torch.set_num_threads(1)

write('ops.json', ops.goldens())
write('kinks.json', kinks.goldens())
write('skip-layer.json', skip_layer.goldens(), broken=4)
write('one-shot.json', one_shot.goldens(), broken=4)
