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
