// Preloaded: ends this process as kill -9 would, at the KILL_AT-th call that changes a file; a write is cut in half.
// Without KILL_AT it says, in the file COUNT_IN, how many such calls there were.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { KILL_AT, COUNT_IN } = process.env;
const write = fs.writeFileSync;
let calls = 0;
for (const name of [
  'mkdirSync',
  'openSync',
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'renameSync',
  'linkSync',
  'rmSync',
]) {
  const call = fs[name];
  fs[name] = (...args) => {
    if (++calls === Number(KILL_AT)) {
      if (name.startsWith('write')) call(args[0], args[1].slice(0, args[1].length / 2));
      process.kill(process.pid, 'SIGKILL');
    }
    return call(...args);
  };
}
syncBuiltinESMExports();
if (COUNT_IN) process.on('exit', () => write(COUNT_IN, String(calls)));
