/**
 * Cross-entropy in GLSL, from the same sums of powers as softmax. Targets stand on the host, too: how many rows count is known
 * there before anything has run. Here they are floats, which tell all classes apart, and ignoreIndex from them.
 *
 * Errors: of the loss 4e-7 · (1 + log V) + 5e-7 |loss|; of the gradient 5e-7 + 6e-8 log V of the largest that there can be,
 * |g| / rows. A row whose own loss is beyond float32 costs ∞, though the mean would be within.
 */
import type { Kernels, View } from '../contract.ts';
import { type GpuBuffer, type GpuMachine, kernelFamily } from '../glsl/kernel.ts';
import { addingRows, addRows, lanes, rowsOf } from '../glsl/rows.ts';
import { offsetOf } from '../glsl/views.ts';
import { powers, withPowers } from '../softmax/gpu-powers.ts';

export function gpuCrossEntropy(
  machine: GpuMachine,
): Pick<Kernels<GpuBuffer>, 'crossEntropy' | 'crossEntropyBackward'> {
  const countOf = ({ buffer, offset, shape }: View<GpuBuffer>, ignoreIndex: number): number => {
    const targets = machine.host(buffer);
    let count = 0;
    for (let row = 0; row < shape[0]; row++) if (targets[offset + row] !== ignoreIndex) count++;
    return count;
  };
  return {
    crossEntropy: (logits, targets, ignoreIndex, out) => {
      const count = countOf(targets, ignoreIndex);
      if (count === 0) {
        machine.write(out.buffer, Float32Array.of(Number.NaN));
        return;
      }
      const shape = rowsOf(logits);
      const { rows, columns, aligned } = shape;
      const numbers = [logits.offset, targets.offset, ignoreIndex, count];
      withPowers(machine, logits, shape, (inputs) => {
        const kernel = addLosses(columns, aligned);
        addRows(machine, { rows, columns: 1 }, kernel, [...inputs, targets.buffer], numbers, out.buffer);
      });
    },
    crossEntropyBackward: (g, logits, targets, ignoreIndex, out) => {
      const count = countOf(targets, ignoreIndex);
      const shape = rowsOf(logits);
      const kernel = gradient(shape.columns, shape.aligned);
      const numbers = [logits.offset, targets.offset, ignoreIndex, count, g.offset];
      withPowers(machine, logits, shape, (inputs) => {
        machine.run(kernel, [...inputs, targets.buffer, g.buffer], numbers, out.buffer);
      });
    },
  };
}

const numberNames = [offsetOf('x'), offsetOf('targets'), 'ignoreIndex', 'count'];

/** What rows contribute to the mean. */
const addLosses = kernelFamily('addLosses', (columns: number, aligned: boolean) => {
  const { textures, code } = powers(columns, aligned);
  return addingRows(
    1,
    [...textures, 'targets'],
    numberNames,
    `${code}
vec4 term(float row, float column) {
  float target = targets_at(n_${offsetOf('targets')} + row);
  if (target == n_ignoreIndex) return vec4(0.0);
  vec4 powers = powers_row(row);
  float score = x_at(n_${offsetOf('x')} + row * ${columns}.0 + target);
  return ((powers.x - score) + logOf(vec4(powers.y))) / n_count;
}`,
  );
});

/** (softmax − one-hot) · g / count. */
const gradient = kernelFamily('crossEntropyBackward', (columns: number, aligned: boolean) => {
  const { textures, code } = powers(columns, aligned);
  return {
    textures: [...textures, 'targets', 'g'],
    numbers: [...numberNames, offsetOf('g')],
    code: `${code}
vec4 target_row(float row) {
  return vec4(powers_row(row).xy, targets_at(n_${offsetOf('targets')} + row), 0.0);
}
${lanes('target', columns)}
vec4 texel(float t) {
  mat4 row = target_lanes(t);
  vec4 share = expOf(x_four(4.0 * t) - row[0]) / row[1];
  vec4 atTarget = vec4(equal(row[3], row[2]));
  vec4 ignored = vec4(equal(row[2], vec4(n_ignoreIndex)));
  return choose(ignored, vec4(0.0), (share - atTarget) * (g_at(n_${offsetOf('g')}) / n_count));
}`,
  };
});
