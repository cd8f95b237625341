/**
 * hopgrad: tensors, gradients, routers and a transformer that learns which layers to skip. This entry runs anywhere;
 * `hopgrad/node` adds what needs files: texts, run folders, checkpoints.
 */
import './assemble.ts';

// Gradients
export { detectAnomaly, inModule } from './autograd/anomaly.ts';
export {
  type BackwardOptions,
  backward,
  grad,
  gradients,
  registerHook,
  type ScalarFunction,
  valueAndGrad,
} from './autograd/backward.ts';
export { type CustomOp, customOp } from './autograd/custom-op.ts';
export * from './autograd/gradcheck.ts';
export { isGradEnabled, noGrad } from './autograd/mode.ts';
// Training and measuring
export * from './data/safetensors.ts';
export * from './data/text-dataset.ts';
export * from './data/tokenizer.ts';
export { tokenizerFromJSON } from './data/tokenizer-from-json.ts';
// Devices
export {
  type Counters,
  type Device,
  DeviceLost,
  type DeviceOptions,
  type DType,
  OutOfMemory,
  type TypedArray,
} from './device/device.ts';
export { flopsSoFar } from './device/flops.ts';
export { type KernelCheck, type SelfTest, selfTest } from './device/self-test.ts';
export type { Timing } from './device/self-timing.ts';
export { currentDevice, type DeviceReport, type UseDeviceOptions, useDevice } from './device/use-device.ts';
export { type CalibratedExit, calibrateExit, setExitThreshold } from './evaluate/calibrate-exit.ts';
export { type Evaluation, evaluate, nextTokenLoss } from './evaluate/evaluate.ts';
export { type OneShotOptions, runTask, type TaskResult } from './evaluate/one-shot/run-task.ts';
export { skipMapOf, skipMapOfGenerated, tokenUsage, wordUsage } from './evaluate/skip-map.ts';
export { defaultModel, type ModelConfig, type Wraps } from './model/config.ts';
export { type GeneratedToken, type GenerateOptions, generate } from './model/generate.ts';
export { type Execution, SkipLayer } from './model/skip-layer.ts';
export { type ForwardOptions, type ForwardResult, SkipTransformer } from './model/skip-transformer.ts';
// Modules
export { CausalSelfAttention, type Places } from './nn/causal-self-attention.ts';
export { Dropout } from './nn/dropout.ts';
export { Embedding } from './nn/embedding.ts';
export { FeedForward, type FeedForwardOptions } from './nn/feed-forward.ts';
export { type KeysAndValues, KeyValueCache } from './nn/key-value-cache.ts';
export { LayerNorm } from './nn/layer-norm.ts';
export { Linear, type LinearOptions } from './nn/linear.ts';
export { Module, parameter } from './nn/module.ts';
export { RMSNorm } from './nn/rms-norm.ts';
// Ops, each also a method of Tensor where its first argument is one
export { defineComposite, defineOp, notDifferentiable, type Op, type OpRecord } from './ops/define.ts';
export * from './ops/functions.ts';
export * from './ops/index.ts';
export { definePointwise } from './ops/pointwise.ts';
export * from './ops/several-results.ts';
export { Adafactor, type AdafactorOptions } from './optim/adafactor.ts';
export { AdamW, type AdamWOptions } from './optim/adamw.ts';
export { clipGradNorm } from './optim/clip.ts';
export { Optimizer, type ParameterGroup } from './optim/optimizer.ts';
export * from './optim/schedule.ts';
export { Sgd, type SgdOptions } from './optim/sgd.ts';
export type { CurvePoint, RunReport, RunSummary, SkipMap, TokenUsage } from './report/types.ts';
// Routers and the model
export { BinaryRouter } from './routing/binary-router.ts';
export { EarlyExitRouter } from './routing/compared/early-exit-router.ts';
export { exitLoss } from './routing/compared/exit-loss.ts';
export { HighwayRouter } from './routing/compared/highway-router.ts';
export { MixtureOfDepthsRouter } from './routing/compared/mixture-of-depths-router.ts';
export { SigmoidRouter } from './routing/compared/sigmoid-router.ts';
export { Top1Router } from './routing/compared/top-1-router.ts';
export { densityLoss } from './routing/density-loss.ts';
export {
  type EstimatorName,
  estimators,
  hardMask,
  straightThrough,
  takenBranch,
} from './routing/estimators.ts';
export { hardRoute } from './routing/hard-route.ts';
export { RandomRouter } from './routing/random-router.ts';
export { type Route, type RouteOptions, type Router, shareOf } from './routing/router.ts';
export { type RouterName, routers } from './routing/table.ts';
export { allClose, equal } from './tensor/compare.ts';
// Tensors
export * from './tensor/create.ts';
export { OpError } from './tensor/errors.ts';
export { Random, type RandomState } from './tensor/random.ts';
export { type Nested, Tensor } from './tensor/tensor.ts';
export { toDevice } from './tensor/to-device.ts';
export { defaultTraining, type RunConfig, type TrainingConfig } from './train/config.ts';
export { type StepMetrics, Trainer } from './train/trainer.ts';
