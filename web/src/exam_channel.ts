// The exam's connection: what the page sends and hears, as typed calls. Numbers of 64 bits stay below 2^53 by their meaning
// (microseconds since 1970, counters), so that they are plain numbers from here on.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttachSchema,
  EndBreakSchema,
  ExamClientMessageSchema,
  ExamServerMessageSchema,
  FinishBlockSchema,
  FinishSittingSchema,
  HeartbeatSchema,
  RequestBreakSchema,
  ResponseVariableSchema,
  ShowItemSchema,
  SubmitResponseSchema,
  type ExamClientMessage,
  type ExamServerMessage,
} from '#proto/exam_pb';
import { Connection, type Handlers } from './connection';
import type { Pending } from './outbox';

const clientBuild = 'assay-web 0.1';

export type ServerMessage = ExamServerMessage['body'];

export class ExamChannel {
  private readonly connection: Connection;
  private sequence: bigint | undefined;

  constructor(address: string, handlers: Omit<Handlers, 'received'> & { received(message: ServerMessage): void }) {
    this.connection = new Connection(address, 'assay.exam.v1', {
      ...handlers,
      opened: () => {
        this.sequence = undefined;
        handlers.opened();
      },
      received: (bytes) => {
        const message = fromBinary(ExamServerMessageSchema, bytes);
        if (this.sequence !== undefined && message.sequence !== this.sequence + 1n) {
          this.connection.reconnectWithin(500); // something is missing: the Welcome of a new connection says it all again
          return;
        }
        this.sequence = message.sequence;
        handlers.received(message.body);
      },
    });
  }

  open(): void {
    this.connection.open();
  }
  stop(): void {
    this.connection.stop();
  }
  reconnectWithin(boundMs: number): void {
    this.connection.reconnectWithin(boundMs);
  }

  attach(attachment: number, secret: Uint8Array): boolean {
    const deviceSecret = Uint8Array.from(secret);
    return this.send({ case: 'attach', value: create(AttachSchema, { attachment, clientBuild, deviceSecret }) });
  }

  submit(pending: Pending): boolean {
    const clientSeq = BigInt(pending.seq);
    if (pending.kind === 'finish') return this.send({ case: 'finish', value: create(FinishSittingSchema, { clientSeq }) });
    if (pending.kind === 'block') return this.send({ case: 'finishBlock', value: create(FinishBlockSchema, { clientSeq, blockFirst: pending.first }) });
    const response = pending.response.map(({ identifier, values }) => create(ResponseVariableSchema, { identifier, values: [...values] }));
    const value = create(SubmitResponseSchema, { itemOrdinal: pending.ordinal, response, clientSeq, responseTimeMs: pending.responseTimeMs });
    return this.send({ case: 'submitResponse', value });
  }

  showItem(itemOrdinal: number): boolean {
    return this.send({ case: 'showItem', value: create(ShowItemSchema, { itemOrdinal }) });
  }
  requestBreak(): boolean {
    return this.send({ case: 'requestBreak', value: create(RequestBreakSchema) });
  }
  endBreak(): boolean {
    return this.send({ case: 'endBreak', value: create(EndBreakSchema) });
  }
  heartbeat(): boolean {
    return this.send({ case: 'heartbeat', value: create(HeartbeatSchema, { clientTimeUs: BigInt(Date.now()) * 1000n }) });
  }

  private send(body: ExamClientMessage['body']): boolean {
    return this.connection.send(toBinary(ExamClientMessageSchema, create(ExamClientMessageSchema, { body })));
  }
}
