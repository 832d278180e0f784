import type { Timers } from "./options.ts";

/** Rejects if the promise does not settle in time. Its later result is ignored. */
export function withTimeout<T>(promise: Promise<T>, ms: number, timers: Timers, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = timers.setTimeout(() => reject(new Error(`${name} did not answer within ${ms / 1000} s`)), ms);
    promise.then(resolve, reject).finally(() => timers.clearTimeout(timer));
  });
}
