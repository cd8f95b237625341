#!/usr/bin/env node
import { run } from './program.ts';

// A reader that has seen enough (such as `head`) is no error: what only prints may end, a training goes on unseen.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!['train', 'reproduce'].includes(process.argv[2])) process.exit(0);
  });
}

process.exitCode = await run(process.argv.slice(2));
