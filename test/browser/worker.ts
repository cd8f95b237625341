/** A worker that trains and says what came of it. */
import { page } from './page.ts';
import { train } from './training.ts';

page.postMessage(await train());
