/** hopgrad/node: what needs files. Use it beside `hopgrad`. */
import './assemble.ts';

export { hop24Files } from './data/hop24/files.ts';
export { loadText } from './data/load-text.ts';
export { readTasks, type TaskFiles } from './evaluate/one-shot/files.ts';
export { createDocument } from './report/document.ts';
export { htmlReport } from './report/html-report.ts';
export {
  type Checkpoint,
  readCheckpoint,
  readTensors,
  writeCheckpoint,
  writeTensors,
} from './train/checkpoint.ts';
export { type Corpus, type CorpusOptions, loadCorpus } from './train/corpus.ts';
export { type LoadedRun, loadRun } from './train/load-run.ts';
export { RunFolder, type SavedConfig } from './train/run-folder.ts';
export { measure, reportOf, summarize } from './train/summary.ts';
export { TrainingRun } from './train/training-run.ts';
