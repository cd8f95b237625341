/** Every op that takes no tensor first and is therefore no Tensor method, a line each. */
export { cat } from './cat.ts';
export { einsum } from './einsum.ts';
export { stack } from './stack.ts';
