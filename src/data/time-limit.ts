/** What runs a task under a time limit: Node's `vm`, reached without an import so that a browser can load this file too. */
const vm = globalThis.process?.getBuiltinModule?.('node:vm');
const place = vm?.createContext({});
const call = vm && new vm.Script('task()');

/**
 * Runs `task` and returns what it returns. One that would take longer than `milliseconds`, even inside a regular
 * expression, ends in an Error. Where nothing can interrupt a task (a browser, Node before 20.16) it runs to its end.
 */
export function within<T>(milliseconds: number, task: () => T): T {
  if (!call || !place) return task();
  place.task = task;
  return call.runInContext(place, { timeout: Math.ceil(milliseconds) });
}
