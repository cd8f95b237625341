/**
 * Every op whose first argument is a tensor, a line each; src/assemble.ts makes each a Tensor method of the same name.
 * An op that is neither here nor in functions.ts does not exist.
 */
export { add } from './add.ts';
export { crossEntropy } from './cross-entropy.ts';
export { detach } from './detach.ts';
export { div } from './div.ts';
export { embedding } from './embedding.ts';
export { equal } from './equal.ts';
export { exp } from './exp.ts';
export { expand } from './expand.ts';
export { gather } from './gather.ts';
export { gatherRows } from './gather-rows.ts';
export { geluTanh } from './gelu-tanh.ts';
export { greaterEqual } from './greater-equal.ts';
export { greaterThan } from './greater-than.ts';
export { indexSelect } from './index-select.ts';
export { layerNorm } from './layer-norm.ts';
export { lessEqual } from './less-equal.ts';
export { lessThan } from './less-than.ts';
export { log } from './log.ts';
export { matmul } from './matmul.ts';
export { max } from './max.ts';
export { mean } from './mean.ts';
export { min } from './min.ts';
export { mul } from './mul.ts';
export { neg } from './neg.ts';
export { permute } from './permute.ts';
export { placeSlice } from './place-slice.ts';
export { relu } from './relu.ts';
export { reshape } from './reshape.ts';
export { scaledDotProductAttention } from './scaled-dot-product-attention.ts';
export { scatterAdd } from './scatter-add.ts';
export { scatterAddRows } from './scatter-add-rows.ts';
export { scatterRows } from './scatter-rows.ts';
export { sigmoid } from './sigmoid.ts';
export { slice } from './slice.ts';
export { logSoftmax, softmax } from './softmax.ts';
export { sqrt } from './sqrt.ts';
export { square } from './square.ts';
export { squeeze } from './squeeze.ts';
export { sub } from './sub.ts';
export { sum } from './sum.ts';
export { tanh } from './tanh.ts';
export { to } from './to.ts';
export { transpose } from './transpose.ts';
export { unsqueeze } from './unsqueeze.ts';
export { where } from './where.ts';
