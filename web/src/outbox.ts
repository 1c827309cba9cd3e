// Answers that the server has not acknowledged, and who this device is to it. Kept on the device before anything is sent,
// given up only when the server says that it holds them (or that it never will).

export interface Response {
  readonly identifier: string;
  readonly values: readonly string[];
}
export interface PendingAnswer {
  readonly kind: 'answer';
  readonly seq: number;
  readonly ordinal: number;
  readonly response: readonly Response[];
  readonly responseTimeMs: number;
}
export interface PendingFinish {
  readonly kind: 'finish';
  readonly seq: number;
}
/** The block that begins at ordinal `first` is handed in. */
export interface PendingBlock {
  readonly kind: 'block';
  readonly seq: number;
  readonly first: number;
}
export type Pending = PendingAnswer | PendingFinish | PendingBlock;

/** What the server says may be answered: the question in front of the candidate, and those of a block under review. */
export interface Open {
  readonly presented: number | undefined;
  readonly blockFirst: number; // 0: no block is under review
}

export interface Kept {
  readonly attachment: number; // 0: none yet
  readonly secret: Uint8Array; // 32 random bytes: what lets this device continue its attachment
  readonly nextSeq: number;
  readonly pending: readonly Pending[];
}

/** Where it is kept: IndexedDB in a page, a map in tests. `write` resolves when the value is durable. */
export interface Store {
  read(key: string): Promise<Kept | undefined>;
  write(key: string, value: Kept): Promise<void>;
  remove(key: string): Promise<void>;
}

/** What an answer carries besides its number. */
export type Draft = Omit<PendingAnswer, 'kind' | 'seq'>;

function hasMeaning(pending: Pending, open: Open): boolean {
  const inBlock = open.blockFirst > 0;
  switch (pending.kind) {
    case 'finish':
      return true;
    case 'block':
      return inBlock && pending.first === open.blockFirst;
    case 'answer':
      return pending.ordinal === open.presented || (inBlock && pending.ordinal >= open.blockFirst);
  }
}

export class Outbox {
  private constructor(
    private readonly store: Store,
    private readonly key: string,
    private kept: Kept,
  ) {}

  static async open(store: Store, sitting: string, random: (size: number) => Uint8Array): Promise<Outbox> {
    const found = await store.read(sitting);
    const kept = found ?? { attachment: 0, secret: random(32), nextSeq: 1, pending: [] };
    if (found === undefined) await store.write(sitting, kept);
    return new Outbox(store, sitting, kept);
  }

  get attachment(): number {
    return this.kept.attachment;
  }
  get secret(): Uint8Array {
    return this.kept.secret;
  }
  get pending(): readonly Pending[] {
    return this.kept.pending;
  }

  async addAnswer(draft: Draft): Promise<PendingAnswer> {
    const answer: PendingAnswer = { kind: 'answer', seq: this.kept.nextSeq, ...draft };
    await this.keep({ ...this.kept, nextSeq: answer.seq + 1, pending: [...this.kept.pending, answer] });
    return answer;
  }

  async addFinish(): Promise<PendingFinish> {
    const finish: PendingFinish = { kind: 'finish', seq: this.kept.nextSeq };
    await this.keep({ ...this.kept, nextSeq: finish.seq + 1, pending: [...this.kept.pending, finish] });
    return finish;
  }

  async addBlock(first: number): Promise<PendingBlock> {
    const block: PendingBlock = { kind: 'block', seq: this.kept.nextSeq, first };
    await this.keep({ ...this.kept, nextSeq: block.seq + 1, pending: [...this.kept.pending, block] });
    return block;
  }

  /**
   * What the server said on connecting. The same attachment goes on where it was. Under a new one the numbers start again, and
   * only an answer to a question that is still open (or the wish to hand in its block, or to finish) has a meaning.
   * Returns what is to be sent (again), in order.
   */
  async welcomed(attachment: number, acknowledged: number, open: Open): Promise<readonly Pending[]> {
    if (attachment === this.kept.attachment) {
      const pending = this.kept.pending.filter((one) => one.seq > acknowledged);
      await this.keep({ ...this.kept, nextSeq: Math.max(this.kept.nextSeq, acknowledged + 1), pending });
      return pending;
    }
    let seq = acknowledged;
    const pending = this.kept.pending
      .filter((one) => hasMeaning(one, open))
      .map((one): Pending => ({ ...one, seq: (seq += 1) }));
    await this.keep({ ...this.kept, attachment, nextSeq: seq + 1, pending });
    return pending;
  }

  /** The server holds it, and everything before it. */
  async acknowledged(seq: number): Promise<void> {
    await this.keep({ ...this.kept, pending: this.kept.pending.filter((one) => one.seq > seq) });
  }

  /** The server refused it for good. */
  async refused(seq: number): Promise<void> {
    await this.keep({ ...this.kept, pending: this.kept.pending.filter((one) => one.seq !== seq) });
  }

  /** To come back after another device took over: as a device that the server does not know. */
  async forgetAttachment(secret: Uint8Array): Promise<void> {
    await this.keep({ ...this.kept, attachment: 0, secret });
  }

  /** The run is over: nothing of it stays on the device. */
  async close(): Promise<void> {
    this.kept = { ...this.kept, pending: [] };
    await this.store.remove(this.key);
  }

  private async keep(next: Kept): Promise<void> {
    this.kept = next;
    await this.store.write(this.key, next);
  }
}
