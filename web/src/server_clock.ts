// The server's clock as this page knows it. The device's own clock is never asked: only the time that passes on it counts.

export interface Reading {
  readonly serverNowUs: number;
  readonly closesAtUs: number; // 0: no limit
  readonly standing: boolean;
}

export class ServerClock {
  private reading: Reading | undefined;
  private readAt = 0;

  constructor(private readonly elapsedMs: () => number = () => performance.now()) {}

  set(reading: Reading): void {
    this.reading = reading;
    this.readAt = this.elapsedMs();
  }

  /** Microseconds since 1970; the device's word until the server has spoken. */
  nowUs(): number {
    if (this.reading === undefined) return Date.now() * 1000;
    return this.reading.serverNowUs + (this.elapsedMs() - this.readAt) * 1000;
  }

  get standing(): boolean {
    return this.reading?.standing ?? false;
  }

  /** Milliseconds until the end, never negative; undefined without a limit (or before the server has spoken). */
  leftMs(): number | undefined {
    if (this.reading === undefined || this.reading.closesAtUs === 0) return undefined;
    const now = this.reading.standing ? this.reading.serverNowUs : this.nowUs();
    return Math.max(0, (this.reading.closesAtUs - now) / 1000);
  }
}

/** "1:04:09", "04:09": always the same width for the same length. */
export function clockFace(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

const announcedMinutes = [30, 10, 5, 1];

/** The minute mark that lies between two looks at the clock, if one is to be announced. */
export function markPassed(beforeMs: number, afterMs: number): number | undefined {
  return announcedMinutes.find((minutes) => beforeMs > minutes * 60_000 && afterMs <= minutes * 60_000);
}
