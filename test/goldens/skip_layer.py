"""
SkipLayer, written from "Learning to Skip for Language Modeling" (arXiv 2311.15436) and not from hopgrad: one token
after the other, as in its Algorithm 1. Where the paper is silent: learned positions, LayerNorm with epsilon 1e-5, GELU
in its tanh form, biases everywhere but in router and head, an untied head. The router reads the normalised input, as in
the paper's figure 3.

The noise is drawn here and handed to both, so both take the same decisions.
"""

import math

import torch
import torch.nn.functional as F

from adafactor import Adafactor
from draw import Draw

CONFIG = {
    'vocabularySize': 11,
    'context': 8,
    'layers': 2,
    'dim': 6,
    'heads': 2,
    'feedForward': 2,
    'density': [0.5, 0.7],
}
BATCH, TOKENS = 2, 7  # one position less than there are: its embedding gets no gradient
TRAINING = {
    'lambda': 0.3,
    'temperature': 0.7,
    'noiseScale': 0.8,
    'weightDecay': 0.1,
    'clip': 0.8,  # below every norm in the runs, so that it acts
    'betas': [0.9, 0.95],
    'learningRates': [0.01, 0.03, 0.02, 0.02, 0.01],
}
STEPS = len(TRAINING['learningRates'])


def goldens():
    weights = initial_weights()
    batches = [draw_batch(step) for step in range(STEPS)]
    return {
        'config': CONFIG,
        'training': TRAINING,
        'weights': weights,
        'batches': batches,
        'evaluation': evaluation(weights, batches[0]['ids']),
        'runs': [
            run(estimator, gated, optimizer, weights, batches)
            for estimator, gated, optimizer in [
                ('straight-through', False, 'adamw'),
                ('taken-branch', False, 'adamw'),
                ('straight-through', False, 'adafactor'),
                ('taken-branch', False, 'adafactor'),
                ('taken-branch', True, 'adamw'),
            ]
        ],
    }


def draw_batch(step):
    """Ids, targets and each layer's Gumbel(0, 1) noise (B, T, 2) of one step."""
    draw = Draw(f'step {step}')
    noise = [-torch.log(-torch.log(draw(BATCH, TOKENS, 2, low=0.001, high=0.999))) for _ in range(CONFIG['layers'])]
    return {
        'ids': draw.ids(BATCH, TOKENS, below=CONFIG['vocabularySize']),
        'targets': draw.ids(BATCH, TOKENS, below=CONFIG['vocabularySize']),
        'noise': [torch.round(n * 1000) / 1000 for n in noise],
    }


def initial_weights():
    """By the names of hopgrad's state dict, gates included; large enough that every part of the model matters."""
    d, hidden, draw = CONFIG['dim'], CONFIG['feedForward'] * CONFIG['dim'], Draw('weights')
    near = lambda centre, *shape: centre + draw(*shape, low=-0.6, high=0.6)
    weights = {
        'tokens.weight': near(0, CONFIG['vocabularySize'], d),
        'positions.weight': near(0, CONFIG['context'], d),
    }
    for i in range(CONFIG['layers']):
        layer = f'layers.{i}'
        for norm in ('normAttention', 'normFeedForward'):
            weights[f'{layer}.{norm}.weight'] = near(1, d)
            weights[f'{layer}.{norm}.bias'] = near(0, d)
        for part in ('query', 'key', 'value', 'output'):
            weights[f'{layer}.attention.{part}.weight'] = near(0, d, d)
            weights[f'{layer}.attention.{part}.bias'] = near(0, d)
        for part in ('up', 'gate'):
            weights[f'{layer}.feedForward.{part}.weight'] = near(0, hidden, d)
            weights[f'{layer}.feedForward.{part}.bias'] = near(0, hidden)
        weights[f'{layer}.feedForward.down.weight'] = near(0, d, hidden)
        weights[f'{layer}.feedForward.down.bias'] = near(0, d)
        weights[f'{layer}.router.gate.weight'] = near(0, 2, d)
    return weights | {
        'norm.weight': near(1, d),
        'norm.bias': near(0, d),
        'head.weight': near(0, CONFIG['vocabularySize'], d),
    }


class Model:
    """The weights, and the paper's sentences about them."""

    def __init__(self, weights, estimator, gated):
        own = {name: w for name, w in weights.items() if gated or 'feedForward.gate' not in name}
        self.weights = {name: w.clone().requires_grad_(True) for name, w in own.items()}
        self.estimator, self.gated = estimator, gated

    def linear(self, name, x):
        return F.linear(x, self.weights[f'{name}.weight'], self.weights.get(f'{name}.bias'))

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[f'{name}.weight'], self.weights[f'{name}.bias'])

    def forward(self, ids, noise=None):
        """ids (B, T), noise per layer or None when decoding -> logits (B, T, V), masks and densities per layer."""
        x = self.weights['tokens.weight'][ids] + self.weights['positions.weight'][: ids.shape[1]]
        masks, densities = [], []
        for i in range(CONFIG['layers']):
            x, mask, density = self.layer(f'layers.{i}', x, None if noise is None else noise[i])
            masks.append(mask)
            densities.append(density)
        return F.linear(self.norm('norm', x), self.weights['head.weight']), masks, densities

    def layer(self, name, x, noise):
        z = self.norm(f'{name}.normAttention', x)
        # Algorithm 1, line 2: keys and values of every token, whether it skips or not.
        keys, values = self.linear(f'{name}.attention.key', z), self.linear(f'{name}.attention.value', z)
        soft, run = self.route(f'{name}.router.gate', z, noise)
        rows = []
        for b in range(x.shape[0]):
            for t in range(x.shape[1]):
                branch = lambda: self.token(name, x[b, t], z[b, t], keys[b, : t + 1], values[b, : t + 1])
                rows.append(self.combine(soft[b, t], bool(run[b, t]), x[b, t], branch))
        # The share of tokens that run, a number of hard decisions; its gradient is that of the probabilities.
        density = torch.mean(straight_through(soft[..., 1], run.to(torch.float64)))
        return torch.stack(rows).reshape(x.shape), run, density

    def route(self, name, z, noise):
        """Probabilities (B, T, 2) of [skip, run], and whether each token runs. Without noise: the likelier one."""
        logits = self.linear(name, z)
        if noise is None:
            return torch.softmax(logits, -1), torch.argmax(logits, -1) == 1
        disturbed = logits + TRAINING['noiseScale'] * noise
        gap = (disturbed[..., 1] - disturbed[..., 0]).abs().min()
        assert gap > 1e-4, 'a decision so narrow that rounding could turn it: draw another step'
        return torch.softmax(disturbed / TRAINING['temperature'], -1), torch.argmax(disturbed, -1) == 1

    def combine(self, soft, run, x, branch):
        if self.estimator == 'straight-through':  # Eq. 1, with a mask that is hard forward and soft backward
            mask = straight_through(soft[1], torch.tensor(float(run)))
            return mask * branch() + (1 - mask) * x
        # Eq. 4 with "the soft probabilities used for the gradients": the branch taken, times 1
        taken = soft[1] if run else soft[0]
        return straight_through(taken, torch.tensor(1.0)) * (branch() if run else x)

    def token(self, name, x, z, keys, values):
        """Eq. 5 for one token, which reads the tokens up to itself: keys and values (t + 1, D)."""
        query = self.linear(f'{name}.attention.query', z)
        size = CONFIG['dim'] // CONFIG['heads']
        read = []
        for h in range(CONFIG['heads']):
            part = slice(h * size, (h + 1) * size)
            weights = torch.softmax(keys[:, part] @ query[part] / math.sqrt(size), 0)
            read.append(weights @ values[:, part])
        x = x + self.linear(f'{name}.attention.output', torch.cat(read))
        normal = self.norm(f'{name}.normFeedForward', x)
        hidden = F.gelu(self.linear(f'{name}.feedForward.up', normal), approximate='tanh')
        if self.gated:
            hidden = hidden * self.linear(f'{name}.feedForward.gate', normal)
        return x + self.linear(f'{name}.feedForward.down', hidden)


def straight_through(soft, hard):
    """The value of `hard`, the gradient of `soft`."""
    return soft + (hard - soft).detach()


def evaluation(weights, ids):
    """Decoding (Algorithm 2): no noise, no temperature."""
    logits, masks, densities = Model(weights, 'taken-branch', gated=False).forward(ids)
    return {'logits': logits, 'active': masks, 'densities': [d.item() for d in densities]}


def run(estimator, gated, optimizer, weights, batches):
    """Five steps of training, and everything there is to compare."""
    model = Model(weights, estimator, gated)
    update = AdamW(model.weights) if optimizer == 'adamw' else Adafactors(model.weights)
    golden = {'estimator': estimator, 'gated': gated, 'optimizer': optimizer, 'steps': []}
    for batch, rate in zip(batches, TRAINING['learningRates']):
        logits, masks, densities = model.forward(batch['ids'], batch['noise'])
        assert all(mask.any() and not mask.all() for mask in masks), 'every layer has to run and to skip'
        nll = F.cross_entropy(logits.flatten(0, 1), batch['targets'].flatten())
        density_loss = sum((r - p) ** 2 for r, p in zip(densities, CONFIG['density']))
        for w in model.weights.values():
            w.grad = None
        (nll + TRAINING['lambda'] * density_loss).backward()
        if optimizer == 'adamw' and not golden['steps']:  # Adafactor's first gradients are the same
            golden['gradients'] = {name: w.grad.clone() for name, w in model.weights.items()}
        golden['steps'].append({
            'nll': nll.item(),
            'densityLoss': density_loss.item(),
            'densities': [r.item() for r in densities],
            'active': masks,
            'gradNorm': clip(model.weights.values()),
        })
        update.step(rate)
    return golden | {'weights': model.weights} | ({} if gated else {'state': update.state()})


def clip(weights):
    """Scales all gradients, as one vector, down to the longest allowed. PyTorch's own adds 1e-6 to the norm."""
    norm = math.sqrt(sum((w.grad**2).sum().item() for w in weights))
    assert norm > TRAINING['clip'], 'clipping has to act'
    for w in weights:
        w.grad *= TRAINING['clip'] / norm
    return norm


def decay_of(parameter):
    """Weight decay is for matrices."""
    return TRAINING['weightDecay'] if parameter.dim() > 1 else 0.0


class AdamW:
    def __init__(self, weights):
        self.weights = weights
        groups = [{'params': [w], 'weight_decay': decay_of(w)} for w in weights.values()]
        self.optimizer = torch.optim.AdamW(groups, lr=0, betas=TRAINING['betas'])

    def step(self, rate):
        for group in self.optimizer.param_groups:
            group['lr'] = rate
        self.optimizer.step()

    def state(self):
        """By hopgrad's names."""
        state = {}
        for name, w in self.weights.items():
            own = self.optimizer.state[w]
            state[f'{name}.exponentialAverage'] = own['exp_avg']
            state[f'{name}.exponentialAverageSquare'] = own['exp_avg_sq']
        return state


class Adafactors:
    def __init__(self, weights):
        self.rules = {name: Adafactor(w, decay_of(w)) for name, w in weights.items()}

    def step(self, rate):
        for rule in self.rules.values():
            rule.step(rate)

    def state(self):
        return {
            f'{name}.{moment}': value for name, rule in self.rules.items() for moment, value in rule.state().items()
        }
