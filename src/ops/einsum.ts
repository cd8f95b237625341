import { OpError, shapeText } from '../tensor/errors.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

/** A tensor whose axes have names, a letter each. */
interface Term {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

export const einsum: Op<[equation: string, ...operands: Tensor[]]> = defineComposite({
  name: 'einsum',
  takes: 'equation: string, ...operands: Tensor',
  doc: "Sums of products by named axes, such as 'bij,bjk->bik'; without '->' the letters that stand once, in order of the alphabet, remain.",
  compute: (equation, ...operands) => {
    const { terms, output } = parse(equation, operands);
    let [result, ...others] = terms;
    for (let term = others.shift(); term; term = others.shift()) {
      const needed = new Set([...output, ...others.flatMap(({ labels }) => labels)]);
      result = contract(result, term, needed);
    }
    return ordered(sumOut(result, new Set(output)), output);
  },
  domain: (draw) => {
    const equation = draw.pick([
      'i->', 'ij->ji', 'ij', 'ij,jk', 'ij,jk->ki', 'bij,bjk->bik', 'i,j->ij', 'i,i', 'ij,j->j', 'ij,jk,kl->il',
      'bi,bj,b->ij',
    ]); // biome-ignore format: a list to read at a glance
    const sizes = new Map<string, number>();
    for (const label of 'bijkl') sizes.set(label, draw.integer(0, 3));
    const inputs = equation.split('->')[0].split(',');
    return [
      equation,
      ...inputs.map((labels) => draw.tensor([...labels].map((label) => sizes.get(label) as number))),
    ];
  },
});

function parse(equation: string, operands: readonly Tensor[]): { terms: Term[]; output: string[] } {
  const refuse = (problem: string): never => {
    throw new OpError('einsum', `'${equation}' ${problem}`);
  };
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->');
  const inputs = left.split(',');
  if (equation.includes('.')) refuse("holds '...', which is not supported: give every axis a letter");
  if (more.length > 0 || !/^[A-Za-z,]*$/.test(left) || !/^[A-Za-z]*$/.test(right ?? '')) {
    refuse("does not read as letters, commas and one '->', such as 'ij,jk->ik'");
  }
  if (inputs.length !== operands.length)
    refuse(`names ${inputs.length} tensors but ${operands.length} are given`);
  const sizes = new Map<string, number>();
  const terms = operands.map((x, i): Term => {
    const labels = [...inputs[i]];
    if (labels.length !== x.rank) {
      refuse(`names ${labels.length} axes of tensor ${i}, but ${shapeText(x.shape)} has ${x.rank}`);
    }
    labels.forEach((label, axis) => {
      if (labels.indexOf(label) !== axis) {
        refuse(`names two axes of tensor ${i} '${label}': diagonals are not supported`);
      }
      const size = sizes.get(label) ?? x.shape[axis];
      if (size !== x.shape[axis]) {
        refuse(
          `axis '${label}' is ${size} in one tensor and ${x.shape[axis]} in tensor ${i} ${shapeText(x.shape)}`,
        );
      }
      sizes.set(label, size);
    });
    return { x, labels };
  });
  const once = [...sizes.keys()].filter((label) => left.indexOf(label) === left.lastIndexOf(label));
  const output = right === undefined ? once.sort() : [...right];
  const odd = output.find((label, i) => !sizes.has(label) || output.indexOf(label) !== i);
  if (odd) refuse(`has '${odd}' in its result, ${sizes.has(odd) ? 'twice' : 'but in no tensor'}`);
  return { terms, output };
}

/** The product of two terms, summed over the labels that nobody needs any more: one matmul. */
function contract(a: Term, b: Term, needed: ReadonlySet<string>): Term {
  const left = sumOut(a, new Set([...needed, ...b.labels]));
  const right = sumOut(b, new Set([...needed, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const product = grouped(left, [batch, rows, inner]).matmul(grouped(right, [batch, inner, columns]));
  const labels = [...batch, ...rows, ...columns];
  const size = (label: string): number => extent(left.labels.includes(label) ? left : right, label);
  return { x: product.reshape(labels.map(size)), labels };
}

/** Sums over the labels that are not wanted. */
function sumOut({ x, labels }: Term, wanted: ReadonlySet<string>): Term {
  const axes = labels.flatMap((label, axis) => (wanted.has(label) ? [] : [axis]));
  if (axes.length === 0) return { x, labels };
  return { x: x.sum(axes), labels: labels.filter((label) => wanted.has(label)) };
}

function ordered({ x, labels }: Term, order: readonly string[]): Tensor {
  return x.permute(order.map((label) => labels.indexOf(label)));
}

/** The term with each group of labels as one axis. */
function grouped(term: Term, groups: readonly (readonly string[])[]): Tensor {
  const sizes = groups.map((group) => sizeOf(group.map((label) => extent(term, label))));
  return ordered(term, groups.flat()).reshape(sizes);
}

function extent({ x, labels }: Term, label: string): number {
  return x.shape[labels.indexOf(label)];
}
