/** Running sums and products in WebAssembly: float64, in order, rounded at each store, so the bits are the reference's. */
import { f32, f64, i32, type Value } from '../assembler/instructions.ts';
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import { fourTimes, type KernelFunction, type ModuleBuilder } from '../assembler/module.ts';
import { eachRow } from '../assembler/vectors.ts';
import type { Kernels } from '../contract.ts';
import { sizeOf } from '../strides.ts';

type ScanKernels = Pick<Kernels<LinearBuffer>, 'scan'>;

/** What an element costs, in additions that need not wait for one another. */
const COST = 4;

/** @param otherwise for other types than float32 */
export function simdScan(machine: Machine, otherwise: ScanKernels): ScanKernels {
  const emitted = lazily(() => machine.module(emitScan));
  return {
    scan: (kind, x, out) => {
      if (x.dtype !== 'float32') return otherwise.scan(kind, x, out);
      const columns = x.shape[x.shape.length - 1];
      const rows = columns === 0 ? 0 : sizeOf(x.shape) / columns;
      const { perPart, parts } = cut(rows, COST * columns);
      const [from, to] = [machine.address(x), machine.address(out)];
      machine.launch(emitted()[kind], parts, from, to, rows, columns, perPart);
    },
  };
}

function emitScan(module: ModuleBuilder): Record<'sum' | 'prod', KernelFunction> {
  const kernel = (name: string, start: number, step: (a: Value, b: Value) => Value): KernelFunction =>
    module.kernel(
      name,
      ['x', 'out', 'rows', 'columns', 'perPart'],
      (f, [x, out, rows, columns, perPart], part) => {
        const total = f.local('f64');
        eachRow(f, part, { rows, columns, perPart }, [x, out], () => {
          f.set(total, f64.const(start));
          f.for(i32.const(0), fourTimes(columns), 4, (at) => {
            f.set(total, step(total, f64.promote(f32.load(i32.add(x, at)))));
            f.add(f32.store(i32.add(out, at), f32.demote(total)));
          });
        });
      },
    );
  return { sum: kernel('running sum', 0, f64.add), prod: kernel('running product', 1, f64.mul) };
}
