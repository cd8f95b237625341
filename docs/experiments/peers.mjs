// The peers of bench/peers: which of them are installed here, and one run of each.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../bench/peers/', import.meta.url);
const path = (name) => fileURLToPath(new URL(name, folder));
const python = '/usr/bin/python3';
/** OpenBLAS over OpenMP, from the Debian package libopenblas0-openmp: with it PyTorch is fastest. */
const openblas = '/usr/lib/x86_64-linux-gnu/openblas-openmp';

/** PyTorch at its best: two threads, the widest vectors of the processor, no waiting thread sent to sleep. */
function torchEnvironment() {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  return { ...rest, OMP_WAIT_POLICY: 'ACTIVE', LD_LIBRARY_PATH: openblas };
}

/** The figures on the last line of JSON that a command prints. @throws Error if it fails or prints none */
export function figuresOf(command, args, environment = process.env) {
  const options = { encoding: 'utf8', env: environment, maxBuffer: 2 ** 26, timeout: 600_000 };
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  const line = stdout?.split('\n').findLast((text) => text.startsWith('{'));
  if (status !== 0 || !line) {
    const lines = (stderr ?? '').split('\n').filter((text) => text.trim());
    const why =
      error?.message ?? lines.find((text) => /Error: /.test(text)) ?? lines.at(-1) ?? `status ${status}`;
    throw new Error(why.trim());
  }
  return JSON.parse(line);
}

/** The training step in PyTorch. */
export function torchPeer(size, steps, threads) {
  const args = [path('gpt_torch.py'), size, String(steps), String(threads)];
  const run = () => {
    if (!existsSync(openblas))
      throw new Error('it takes the Debian packages python3-torch and libopenblas0-openmp');
    return figuresOf(python, args, torchEnvironment());
  };
  return { name: 'PyTorch', node: null, run };
}

/** The libraries of bench/peers on one Node. Those that are slow run once, or some times, not every round. */
export function javaScriptPeers(node, version, size) {
  const peers = [
    { name: '@jax-js/jax', file: 'gpt_jaxjs.mjs', steps: 6, most: 3 },
    { name: '@tensorflow/tfjs', file: 'gpt_tfjs.mjs', steps: 3, most: 1 },
    {
      name: 'js-pytorch',
      file: 'gpt_jspytorch.mjs',
      steps: 1,
      most: 1,
      flags: ['--max-old-space-size=12000'],
    },
  ];
  return peers.map(({ name, file, steps, most, flags = [] }) => ({
    ...{ name, node: version, most },
    run: () => {
      if (!existsSync(path(`node_modules/${name}`)))
        throw new Error('run npm ci --ignore-scripts in bench/peers');
      return figuresOf(node, [...flags, path(file), size, String(steps)]);
    },
  }));
}
