/** What can be said of the text of GPU kernels without a GPU. */
import { expect, test } from 'vitest';
import { wholeSource } from '../../kernels/glsl/prelude.ts';

test('nothing is computed from what WebGL 1 gives in medium precision, which some GPUs round to 11 bits', () => {
  const source = wholeSource(['x'], ['factor'], 'vec4 texel(float t) { return x_texel(t) * n_factor; }');
  const code = source.replaceAll(/\/\/.*/g, '');
  expect(code).toContain('texel(t)');
  expect(code).not.toMatch(/gl_FragCoord|gl_PointCoord|mediump|lowp/);
});
