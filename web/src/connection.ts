// A WebSocket that comes back: waits grow and are spread at random, so that a server that returns is not met by everybody at once.

export interface Handlers {
  opened(): void;
  received(bytes: Uint8Array): void;
  lost(): void;
  /** The server refuses again and again although the network is there: is this page still signed in? */
  refusedOften?(): void;
}

const firstWaitMs = 500;
const longestWaitMs = 15_000;
const refusalsBeforeAsking = 4;

/** Full jitter: anywhere between a quarter of the bound and the bound. `random` in [0, 1). */
export function waitBeforeAttempt(attempt: number, random: number): number {
  const bound = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempt, 10));
  return bound * (0.25 + 0.75 * random);
}

export class Connection {
  private socket: WebSocket | undefined;
  private attempts = 0;
  private timer: number | undefined;
  private stopped = false;

  constructor(
    private readonly address: string,
    private readonly protocol: string,
    private readonly handlers: Handlers,
  ) {
    addEventListener('online', () => this.hurry());
  }

  open(): void {
    this.stopped = false;
    const socket = new WebSocket(this.address, this.protocol);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.attempts = 0;
      this.handlers.opened();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.socket === socket && event.data instanceof ArrayBuffer) this.handlers.received(new Uint8Array(event.data));
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      if (this.stopped) return;
      if (wasOpen) this.handlers.lost();
      this.attempts += 1;
      if (!wasOpen && this.attempts % refusalsBeforeAsking === 0 && navigator.onLine) this.handlers.refusedOften?.();
      this.later(waitBeforeAttempt(this.attempts, Math.random()));
    };
  }

  /** False when it could not be handed to the network; what matters is in the outbox anyway. */
  send(bytes: Uint8Array): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(bytes as Uint8Array<ArrayBuffer>); // never shared memory: protobuf allocates its own
    return true;
  }

  /** Bytes that wait in the browser for the network. */
  get backlog(): number {
    return this.socket?.bufferedAmount ?? 0;
  }

  /** Leaves the present connection, which is of no use any more, and comes back within `boundMs`. */
  reconnectWithin(boundMs: number): void {
    const socket = this.socket;
    this.socket = undefined;
    socket?.close(1000);
    this.handlers.lost();
    this.later(boundMs * Math.random());
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.close(1000);
    this.socket = undefined;
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.open(), ms);
  }

  private hurry(): void {
    if (this.stopped || this.socket !== undefined) return;
    this.later(200 + 800 * Math.random());
  }
}
