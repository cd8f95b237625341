// The training step of ../yardstick.ts in TensorFlow.js: its WebAssembly backend, with SIMD; it has no threads in Node.
//   node gpt_tfjs.mjs [batch,sequence,dim,heads,layers [steps]]
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import { batch, dim, heads, layers, sequence, timeSteps, vocabulary } from './step.mjs';
import { makeStep } from './tfjs_model.mjs';

wasm.setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/`);
await tf.setBackend('wasm');
await tf.ready();
const step = makeStep(tf, { batch, sequence, dim, heads, layers, vocabulary });

await timeSteps(`tfjs ${tf.version_core} (wasm)`, { step });
