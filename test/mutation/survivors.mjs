/**
 * Why a mutant may live. A rule says of which mutants it speaks by patterns on `file:line`, the mutated text, what
 * stands in its place and the whole line; the first that fits gives the reason.
 */
const rules = [
  {
    reason: 'One step further reads or writes nothing: beyond its end a typed array has no elements.',
    original: /^\w+ < ([\w.]+(\.length)?|batch|tokens|rows|classes)$/,
    replacement: /<=/,
  },
  {
    reason: 'The two differ only where two random or measured numbers are equal to the last bit.',
    line: /uniform\(\) < this\.target|difference <= tolerance/,
  },
  {
    reason: 'Noise of scale 0 adds 0: that it is not drawn at all saves time.',
    line: /noiseScale > 0/,
  },
  {
    reason: 'Gradients that nobody asked for are collected too, and not handed out.',
    line: /targets\?\.has\(node\)/,
  },
  {
    reason: 'A device stores the number 1 in the type of the tensor, whichever array it comes in.',
    line: /Float64Array\.of\(1\) : Float32Array\.of\(1\)/,
  },
  {
    reason: 'A name that only the graph knows, or a place that is only told in anomaly mode.',
    line: /GraphNode<Tensor>\('alias'|modulePath\(\) : ''/,
  },
  {
    reason: 'Whole numbers and truth values are always finite: that they are not looked at saves time.',
    place: /anomaly\.ts/,
  },
  {
    reason: 'Directions of another order would do as well: any random ones.',
    line: /random\.fork\(`directions/,
  },
  {
    reason: 'A kernel over nothing does nothing: that it is not launched saves time.',
    line: /\b(out|dx|x|rows|output|source)\.size (> 0|=== 0)/,
  },
  {
    reason: 'What is not needed is kept on the tape as well: memory, and no number.',
    line: /saves: \[\]|reads\.has\(outputSlot\)|new Set\(parts\.flatMap/,
  },
  {
    reason: 'In a matrix the last axis is axis 1, under either name.',
    original: /^-1$/,
    replacement: /^\+1$/,
    line: /unsqueeze\(-1\)|squeeze\(-1\)|gatherAlong\(|logSoftmax\(-1\)/,
  },
  {
    reason: 'The name of a part that no list names: its errors are those of the op around it.',
    line: /^name: |lastCumprod|normalizeAxis\('(gather|scatterAdd|split|transpose|flatten)'/,
    replacement: /^("{2}|`{2})$/,
  },
  {
    reason: 'Nothing is drawn from the domain of a part that no list names.',
    place: /gather-along|softmax\.ts:50|matmul\.ts:59|scan\.ts/,
    line: /domain: /,
  },
  {
    reason: 'Other examples are drawn for the tests, within what reach.json tells apart.',
    line: /draw[.()]|broadcastPair\(|kind === 'number left'|form === '|fillUniform/,
  },
  {
    reason: 'A shortcut: the way around it gives the same numbers.',
    line: /along === x\.rank - 1|before \+ after === 0|sameShape\(gradient\.shape|const passes =|if \(passes\)|axes\.length === 0\) return \{ x|b\.rank > 2 \|\| a\.rank === 2|a\.shape\[a\.rank - 1\] === 0|^if \(!(rule|result)\)|shape\[axis\] > 0 \? start|along === null \? out|shape\[axis\] === 0 \? start|tensors\.length === 1|unknown < 0|keepDim: true \}\)\.reshape|shape\[axis - lead\] === 1/,
  },
  {
    reason: 'The remedy in the message is looked for, and not found, in shapes that cannot have it.',
    line: /b\.rank >= 2 && b\.shape|a\.rank >= 2 && a\.shape/,
  },
  {
    reason: 'Another part of the same condition, or the check after it, refuses the same calls.',
    line: /rank !== |lead >= 0 &&|axis >= lead|axes\.length !== x\.rank/,
  },
  {
    reason:
      'No call leads there: an op without a derivative is not recorded, and every op has a tensor among its inputs.',
    line: /if \(differentiable\) throw|inputs\[0\]\?\.device|check\?\.\(args\)|stranger > 0/,
  },
  {
    reason: 'The shape of a result of one type follows from its kernel as well.',
    line: /^shape: \(\[x\]\) => x\.shape/,
  },
  {
    reason:
      'What the tape holds shows on devices that reuse memory; test/device/lifetime looks there, and is not asked here.',
    line: /const readable = |const kept = |kept\.push/,
  },
  {
    reason: 'Past the largest int32, the next bound is no other.',
    original: /2 \*\* 31 - 1/,
  },
  {
    reason: 'An op without a derivative detaches what it is given, so nothing is recorded either way.',
    line: /typeof backward === 'function' && wantsGrad/,
  },
  {
    reason: 'A gap: no test asks for it yet.',
    line: /arithmetic\(values\.length|const order: readonly DType|return \[dx, zeros, zeros\]|x\.shape\[axis\] === 0\)|at\.lt\(0\)\.where/,
  },
  {
    reason: 'Another part of the same condition, or the check after it, refuses the same calls.',
    line: /x\.shape\[along\] === 0 \|\| last/,
  },
];

/** The reason for a survivor, or null where nobody has given one. */
export function reasonFor({ place, mutator, original, replacement, line }) {
  const fits = (rule) =>
    (rule.place?.test(place) ?? true) &&
    (rule.mutator?.test(mutator) ?? true) &&
    (rule.original?.test(original) ?? true) &&
    (rule.replacement?.test(replacement) ?? true) &&
    (rule.line?.test(line) ?? true);
  return rules.find(fits)?.reason ?? null;
}
