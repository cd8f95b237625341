"""The training step of ../yardstick.ts in PyTorch.

    python3 gpt_torch.py [batch,sequence,dim,heads,layers [steps [threads]]]

Prints one line of JSON: name, stepMs (the median).
"""

import json
import math
import os
import statistics
import sys
import time

SIZE = sys.argv[1] if len(sys.argv) > 1 else "8,128,128,4,4"
STEPS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
THREADS = int(sys.argv[3]) if len(sys.argv) > 3 else 2
WARMUP = 5
VOCABULARY = 256
BATCH, SEQUENCE, DIM, HEADS, LAYERS = map(int, SIZE.split(","))
HEAD_DIM = DIM // HEADS

os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))

import torch  # noqa: E402  it reads the number of threads when it is loaded
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

torch.set_num_threads(THREADS)
torch.manual_seed(0)
LATER = torch.ones(SEQUENCE, SEQUENCE, dtype=torch.bool).triu(1)  # keys that a query may not read


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_attention = nn.LayerNorm(DIM)
        self.query_key_value = nn.Linear(DIM, 3 * DIM)
        self.output = nn.Linear(DIM, DIM)
        self.norm_feed_forward = nn.LayerNorm(DIM)
        self.up = nn.Linear(DIM, 4 * DIM)
        self.down = nn.Linear(4 * DIM, DIM)

    def attention(self, x):
        joined = self.query_key_value(x).view(BATCH, SEQUENCE, 3, HEADS, HEAD_DIM)
        query, key, value = joined.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-2, -1) / math.sqrt(HEAD_DIM)
        weights = scores.masked_fill(LATER, -math.inf).softmax(-1)
        return self.output((weights @ value).transpose(1, 2).reshape(BATCH, SEQUENCE, DIM))

    def forward(self, x):
        x = x + self.attention(self.norm_attention(x))
        hidden = functional.gelu(self.up(self.norm_feed_forward(x)), approximate="tanh")
        return x + self.down(hidden)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, DIM)
        self.positions = nn.Parameter(0.02 * torch.randn(SEQUENCE, DIM))
        self.layers = nn.Sequential(*(Layer() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(DIM)
        self.head = nn.Linear(DIM, VOCABULARY, bias=False)

    def forward(self, ids):
        return self.head(self.norm(self.layers(self.tokens(ids) + self.positions)))


model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, foreach=True)
ids, targets = torch.randint(VOCABULARY, (2, BATCH, SEQUENCE))
times = []
for _ in range(WARMUP + STEPS):
    began = time.perf_counter()
    loss = functional.cross_entropy(model(ids).view(-1, VOCABULARY), targets.view(-1))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    times.append(time.perf_counter() - began)

step_ms = 1000 * statistics.median(times[WARMUP:])
print(
    json.dumps(
        {
            "name": f"PyTorch {torch.__version__.split('a')[0]}",
            "stepMs": round(step_ms, 3),
            "tokensPerSecond": round(1000 * BATCH * SEQUENCE / step_ms),
            "parameters": sum(p.numel() for p in model.parameters()),
            "loss": round(loss.item(), 4),
            "threads": torch.get_num_threads(),
        }
    )
)
