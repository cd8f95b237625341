import { existsSync } from 'node:fs';
import type { Tokenizer } from '../data/tokenizer.ts';
import { SkipTransformer } from '../model/skip-transformer.ts';
import { checkSize, readCheckpoint, readTensors } from './checkpoint.ts';
import { RunFolder, type SavedConfig } from './run-folder.ts';
import { withoutPrefix } from './trainer.ts';

export interface LoadedRun {
  model: SkipTransformer;
  tokenizer: Tokenizer;
  config: SavedConfig;
}

/**
 * The model of a run, in evaluation mode on the current device, from its last checkpoint, or from model.safetensors
 * where that is all there is.
 *
 * @throws Error with one line where the folder holds no run, or a damaged one
 */
export function loadRun(path: string): LoadedRun {
  const folder = new RunFolder(path);
  const config = folder.config();
  const tokenizer = folder.tokenizer();
  const files = ['checkpoint.safetensors', 'model.safetensors'].map((name) => folder.file(name));
  const file = files.find((name) => existsSync(name));
  if (!file) throw new Error(`${path} holds no weights yet; train it with: hopgrad train --resume ${path}`);
  const weights =
    file === files[0]
      ? withoutPrefix(readCheckpoint(file, folder.identity()).state, 'model.')
      : readTensors(file).tensors;
  checkSize(file, weights, config.model);
  const model = new SkipTransformer(config.model);
  model.loadStateDict(weights);
  return { model: model.eval(), tokenizer, config };
}
