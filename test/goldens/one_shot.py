"""
The one-shot protocol of "Learning to Skip for Language Modeling", written from its description and not from hopgrad:
read the files in one-shot/tasks, put a demonstration and two newlines before each question, and score choices by the mean
log-probability of their tokens, or write greedily up to the end of the line. One whole forward per choice, no cache.

The models are in one-shot/random and one-shot/trained: run folders, of which only the weights and the vocabulary are read
here. Every task has one training question, or two questions that are each other's demonstration, so nothing is drawn.
"""

import json
import math
import os
import re
import string
import struct

import torch
import torch.nn.functional as F

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'one-shot')
NARROW = 1e-5  # nothing may hang on less: neither a gate nor a choice


def goldens():
    return {name: [task(Model(name), *rows) for rows in prompts()] for name in ('random', 'trained')}


# The files, and a prompt for each kind: (task, [question], [training question])


def lines(file):
    with open(os.path.join(HERE, 'tasks', file), encoding='utf8') as f:
        return [json.loads(line) for line in f]


def prompts():
    triviaqa = [{'context': d['context'], 'right': [d['answer'], *d['aliases']]} for d in lines('triviaqa_small.jsonl')]
    yield 'TriviaQA', triviaqa, None
    yield 'ARC-e', [arc(d) for d in lines('ARC-Easy-Test.jsonl')], None
    yield 'BoolQ', [boolq(d) for d in lines('BoolQ/val.jsonl')], boolq(lines('BoolQ/train.jsonl')[0])
    yield 'CB', [cb(d) for d in lines('superglue/CB.dev32.jsonl')], cb(lines('superglue/CB.train.jsonl')[0])
    copa = [choices(d['query'], d['choices'], d['gold']) for d in lines('copa.jsonl')]
    yield 'COPA', copa, None
    yield 'PIQA', [piqa(d) for d in lines('piqa.jsonl')], piqa(lines('piqa.train.jsonl')[0])
    yield 'ReCoRD', [q for d in lines('record.jsonl') for q in record(d)], None
    schemas = [schema(d) for d in lines('winograd_wsc.jsonl')]
    yield 'Winograd', schemas, schema(lines('winograd_wsc.train.jsonl')[0])
    yield 'WinoGrande', [winogrande(d) for d in lines('winogrande.jsonl')], None


def choices(prompt, options, gold):
    return {'pairs': [(prompt, ' ' + option) for option in options], 'gold': gold}


def arc(d):
    options = d['question']['choices']
    gold = [o['label'] for o in options].index(d['answerKey'])
    return choices(f"Question: {d['question']['stem']}\nAnswer:", [o['text'] for o in options], gold)


def boolq(d):
    return choices(f"{d['passage']}\nquestion: {d['question']}?\nanswer:", ['no', 'yes'], int(d['label']))


def cb(d):
    prompt = f"{d['premise']}\nquestion: {d['hypothesis']}; true, false, or neither?\nanswer:"
    return choices(prompt, ['true', 'false', 'neither'], ['entailment', 'contradiction', 'neutral'].index(d['label']))


def piqa(d):
    return choices(d['query'].rstrip() + '\nAnswer:', d['choices'], d['gold'])


def record(d):
    text = d['passage']['text']
    names = []
    for span in d['passage']['entities']:
        name = text[span['start'] : span['end'] + 1]
        if name not in names:
            names.append(name)
    for q in d['qas']:
        options = [q['query'].replace('@placeholder', name) for name in names]
        prompt = text.replace('\n@highlight\n', '\n- ') + '\n-'
        yield choices(prompt, options, names.index(q['answers'][0]['text']))


def schema(d):
    return {'pairs': [(c, ' ' + d['continuation']) for c in d['context_options']], 'gold': d['gold']}


def winogrande(d):
    before, after = d['sentence'].split('_')
    return {'pairs': [(before + d[o], after) for o in ('option1', 'option2')], 'gold': int(d['answer']) - 1}


# The protocol


def task(model, name, questions, training):
    answers = []
    for i, question in enumerate(questions):
        shot = training or questions[1 - i]
        answers.append(write(model, question, shown(shot)) if 'right' in question else choose(model, question, shown(shot)))
    return {'name': name, 'layersPerToken': model.layers_per_token(), 'answers': answers}


def shown(question):
    if 'right' in question:
        return question['context'] + ' ' + question['right'][0]
    context, continuation = question['pairs'][question['gold']]
    return context + continuation


def choose(model, question, shot):
    room = model.context - math.ceil(model.context / 4) + 1
    sequences = []
    truncated = False
    for context, continuation in question['pairs']:
        prompt, scored = model.encode(shot + '\n\n' + context), model.encode(continuation)
        truncated = truncated or len(scored) > room
        sequences.append((prompt, scored[:room]))
    excess = max(0, *(len(prompt) + len(scored) - 1 - model.context for prompt, scored in sequences))
    sequences = [(prompt[excess:], scored) for prompt, scored in sequences]
    # Work counts what all begin with once.
    whole = [prompt + scored for prompt, scored in sequences]
    shared = os.path.commonprefix([*whole, *(prompt for prompt, _ in sequences)])
    sums = []
    for i, (prompt, scored) in enumerate(sequences):
        logits, layers = model.forward(whole[i][:-1])
        logs = F.log_softmax(logits, -1)
        sums.append(sum(logs[len(prompt) - 1 + j, token].item() for j, token in enumerate(scored)))
        model.count(layers if i == 0 else layers[len(shared) :])
    means = [log / len(scored) for log, (_, scored) in zip(sums, sequences)]
    best, second, *_ = sorted(means, reverse=True)
    assert best - second > NARROW, 'two choices are as likely: change the question'
    choice = means.index(best)
    return {
        'correct': choice == question['gold'],
        'truncated': truncated or excess > 0,
        'choice': choice,
        'logProbabilities': sums,
        'tokens': [len(scored) for _, scored in sequences],
    }


def write(model, question, shot):
    room = min(64, model.context // 4)
    prompt = model.encode(shot + '\n\n' + question['context'])
    ids = prompt[-(model.context - room) :]
    truncated = len(ids) < len(prompt)
    end = len(ids)
    while len(ids) < end + room and '\n' not in model.decode(ids[end:]):
        logits, _ = model.forward(ids)
        best, second = logits[-1].topk(2).values.tolist()
        assert best - second > NARROW, 'two tokens are as likely: change the question'
        ids = ids + [int(logits[-1].argmax())]
    model.count(model.forward(ids)[1])
    written = model.decode(ids[end:]).split('\n')[0].strip()
    right = {normalize_answer(answer) for answer in question['right']}
    return {'correct': normalize_answer(written) in right, 'truncated': truncated, 'written': written}


def normalize_answer(answer):
    """TriviaQA's evaluation: lower case, no punctuation, no articles."""
    kept = ''.join(' ' if c in string.punctuation + '‘’´`' else c for c in answer.lower())
    return ' '.join(re.sub(r'\b(a|an|the)\b', ' ', kept).split())


# The model


class Model:
    """A pre-LN decoder whose layers run for the tokens that its routers choose, from a run folder; in float64."""

    def __init__(self, folder):
        read = lambda file: open(os.path.join(HERE, folder, file), 'rb').read()
        config = json.loads(read('config.json'))['model']
        self.layers, self.heads, self.context = config['layers'], config['heads'], config['context']
        self.characters = ['\ufffd', *json.loads(read('tokenizer.json'))['characters']]
        self.weights = safetensors(read('model.safetensors'))
        self.counted = []

    def encode(self, text):
        return [self.characters.index(c) if c in self.characters else 0 for c in text]

    def decode(self, ids):
        return ''.join(self.characters[i] for i in ids)

    def linear(self, name, x):
        return F.linear(x, self.weights[f'{name}.weight'], self.weights.get(f'{name}.bias'))

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[f'{name}.weight'], self.weights[f'{name}.bias'])

    def forward(self, ids):
        """T ids -> logits (T, V), and how many layers each token ran (T)."""
        tokens = len(ids)
        x = self.weights['tokens.weight'][ids] + self.weights['positions.weight'][:tokens]
        ran = torch.zeros(tokens)
        for i in range(self.layers):
            layer = f'layers.{i}'
            z = self.norm(f'{layer}.normAttention', x)
            skip, run = self.linear(f'{layer}.router.gate', z).unbind(-1)
            assert (run - skip).abs().min() > NARROW, 'a gate so narrow that rounding could turn it'
            q, k, v = (
                self.linear(f'{layer}.attention.{part}', z).reshape(tokens, self.heads, -1).transpose(0, 1)
                for part in ('query', 'key', 'value')
            )
            scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])
            future = torch.ones(tokens, tokens).triu(1).bool()
            read = scores.masked_fill(future, -math.inf).softmax(-1) @ v
            y = x + self.linear(f'{layer}.attention.output', read.transpose(0, 1).reshape(tokens, -1))
            hidden = self.linear(f'{layer}.feedForward.up', self.norm(f'{layer}.normFeedForward', y))
            y = y + self.linear(f'{layer}.feedForward.down', F.gelu(hidden, approximate='tanh'))
            x = torch.where((run > skip)[:, None], y, x)
            ran += run > skip
        return self.linear('head', self.norm('norm', x)), ran

    def count(self, layers):
        self.counted += layers.tolist()

    def layers_per_token(self):
        return sum(self.counted) / len(self.counted)


def safetensors(data):
    """Eight bytes of length, a header of JSON, then the numbers."""
    (size,) = struct.unpack('<Q', data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name == '__metadata__':
            continue
        assert entry['dtype'] == 'F32'
        start, end = (8 + size + offset for offset in entry['data_offsets'])
        flat = torch.frombuffer(bytearray(data[start:end]), dtype=torch.float32)
        tensors[name] = flat.reshape(entry['shape']).to(torch.float64)
    return tensors
