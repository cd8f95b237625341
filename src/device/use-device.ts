/** Which device runs: the one place where it is chosen, and where it is said what runs and why. */
import { cpu } from './cpu.ts';
import type { Device, DeviceStarter } from './device.ts';
import { deviceStarters } from './devices.ts';

/** What was asked for, what runs, and the reason where the two differ. */
export interface DeviceReport {
  asked: string;
  running: string;
  /** Why this device runs, in one line. */
  reason: string;
}

export interface UseDeviceOptions {
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
 * The device of this name, started if it is not running yet.
 *
 * @throws Error for an unknown name, or where the device cannot run here.
 */
export async function startDevice(name: string): Promise<Device> {
  const device = running.get(name) ?? (await requireName(name)());
  running.set(name, device);
  return device;
}

/**
 * Starts a device and makes it the home of new tensors. Tensors made before stay where they are.
 *
 * @returns what was asked, what runs, and why.
 * @throws Error for an unknown name, or where the device cannot run and `fallback` is 'error'.
 */
export async function useDevice(
  name: string,
  { fallback = 'cpu' }: UseDeviceOptions = {},
): Promise<DeviceReport> {
  requireName(name);
  try {
    current = await startDevice(name);
    return { asked: name, running: current.name, reason: current.description };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (fallback === 'error') {
      throw new Error(
        `useDevice: '${name}' cannot run here: ${reason}. Pass { fallback: 'cpu' } to go on without it.`,
      );
    }
    current = cpu;
    return { asked: name, running: cpu.name, reason };
  }
}
