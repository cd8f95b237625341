/**
 * Why a mutant may live. A rule says of which mutants it speaks by patterns on `file:line`, the mutated text, what
 * stands in its place and the whole line; the first that fits gives the reason.
 */
const rules = [];

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
