/** Which device runs: the one place where it is chosen, and where it is said what runs and why. */
import { cpu } from './cpu.ts';
import type { Device, DeviceOptions, DeviceStarter } from './device.ts';
import { deviceStarters } from './devices.ts';

/** What was asked for, what runs, and the reason where the two differ. */
export interface DeviceReport {
  asked: string;
  running: string;
  /** What draws, in its own words, where a GPU or software in its place runs. */
  renderer: string | null;
  /** Why this device runs, in one line. */
  reason: string;
}

export interface UseDeviceOptions extends DeviceOptions {
  /** Where to go when the device cannot run here; 'error' refuses instead. Default 'cpu'. */
  fallback?: 'cpu' | 'error';
}

const starters = new Map<string, DeviceStarter>(Object.entries(deviceStarters));
const running = new Map<string, Device>([['cpu', cpu]]);
let current: Device = cpu;

/** Makes a device available to `useDevice` under a name. */
export function addDevice(name: string, start: DeviceStarter): void {
  starters.set(name, start);
}

export function deviceNames(): string[] {
  return [...starters.keys()];
}

/** The device on which new tensors are made. */
export function currentDevice(): Device {
  return current;
}

function requireName(name: string): DeviceStarter {
  const start = starters.get(name);
  if (!start) {
    throw new Error(`useDevice: there is no device '${name}'. Choose one of: ${deviceNames().join(', ')}.`);
  }
  return start;
}

/**
 * The device of this name, started if it is not running yet, or not any more.
 *
 * @throws Error for an unknown name, or where the device cannot run here.
 */
export async function startDevice(name: string): Promise<Device> {
  const known = running.get(name);
  if (known && !known.isLost) return known;
  const device = await requireName(name)();
  running.set(name, device);
  return device;
}

/** Hands options on to a device; where none are given there is nothing to do. */
async function configure(device: Device, options: DeviceOptions): Promise<void> {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length === 0) return;
  if (!device.configure) {
    throw new Error(
      `useDevice: the device '${device.name}' takes no ${given.join(', ')}: leave the option out, or use 'cpu'`,
    );
  }
  try {
    await device.configure(options);
  } catch (error) {
    throw new Error(`useDevice: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/**
 * Starts a device and makes it the home of new tensors. Tensors made before stay where they are.
 *
 * @param options where to go if it cannot run here, and how it is to work: `{ threads: 2 }`
 * @returns what was asked, what runs, and why.
 * @throws Error for an unknown name or option, or where the device cannot run and `fallback` is 'error'.
 */
export async function useDevice(
  name: string,
  { fallback = 'cpu', ...options }: UseDeviceOptions = {},
): Promise<DeviceReport> {
  requireName(name);
  let device = cpu;
  let missing: string | null = null;
  try {
    device = await startDevice(name);
  } catch (error) {
    missing = error instanceof Error ? error.message : String(error);
    if (fallback === 'error') {
      throw new Error(
        `useDevice: '${name}' cannot run here: ${missing}. Pass { fallback: 'cpu' } to go on without it.`,
      );
    }
  }
  await configure(device, options);
  await device.ready?.();
  current = device;
  return {
    asked: name,
    running: device.name,
    renderer: device.renderer ?? null,
    reason: missing ?? device.description,
  };
}
