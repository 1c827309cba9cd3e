// The other end of the exam's WebSocket, in the browser test itself: answers as the service does, without a service.
import { load } from './support.mjs';

const proto = await load("export * from '#proto/exam_pb'; export { create, fromBinary, toBinary } from '@bufbuild/protobuf';");
const { ExamServerMessageSchema, ExamClientMessageSchema, create, fromBinary, toBinary } = proto;

const p = (...children) => ({ element: 'p', attributes: {}, children });
const option = (identifier, ...content) => ({ identifier, content });
const item = (body, ...interactions) => ({ format: 'assay.presented-item.v1', identifier: 'sample', language: 'en', body, interactions });

export const items = {
  choice: item(
    [
      p('A nightly job runs ', { element: 'code', children: ['pg_dump -Fc'] }, '. What does it protect against that streaming replication does not?'),
      { element: 'pre', children: [{ element: 'code', children: ['0 2 * * *  pg_dump -Fc orders > /backup/orders.dump'] }] },
      { interaction: 'RESPONSE' },
    ],
    { response: 'RESPONSE', kind: 'choice', prompt: [], min_choices: 1, max_choices: 1, choices: [option('A', 'The loss of a disk'), option('B', 'A table that somebody dropped by mistake'), option('C', 'The loss of the primary server'), option('D', 'A crash of the operating system')] },
  ),
  choices: item([{ interaction: 'RESPONSE' }], {
    response: 'RESPONSE', kind: 'choice', prompt: [p('Which of these need a restart of the server?')], min_choices: 0, max_choices: 0,
    choices: [option('A', { element: 'code', children: ['shared_buffers'] }), option('B', { element: 'code', children: ['work_mem'] }), option('C', { element: 'code', children: ['max_connections'] })],
  }),
  order: item([{ interaction: 'RESPONSE' }], {
    response: 'RESPONSE', kind: 'order', prompt: [p('Put the steps of a point-in-time recovery in order.')], min_choices: 0, max_choices: 0,
    choices: [option('A', 'Restore the base backup'), option('B', 'Stop the server'), option('C', 'Start the server and watch the log'), option('D', 'Set recovery_target_time and create recovery.signal')],
  }),
  match: item([{ interaction: 'RESPONSE' }], {
    response: 'RESPONSE', kind: 'match', prompt: [p('Match each view with what it shows.')], min_associations: 0, max_associations: 3,
    sources: [{ ...option('A', 'pg_stat_activity'), match_max: 1 }, { ...option('B', 'pg_locks'), match_max: 1 }, { ...option('C', 'pg_stat_replication'), match_max: 1 }],
    targets: [{ ...option('X', 'what each connection does now'), match_max: 1 }, { ...option('Y', 'who waits for whom'), match_max: 1 }, { ...option('Z', 'how far each standby is'), match_max: 1 }],
  }),
  table: item([{ interaction: 'RESPONSE' }], {
    response: 'RESPONSE', kind: 'match', prompt: [p('Which privileges does each role have?')], min_associations: 1, max_associations: 0,
    sources: [{ ...option('R', 'reader'), match_max: 0 }, { ...option('W', 'writer'), match_max: 0 }],
    targets: [{ ...option('S', 'SELECT'), match_max: 0 }, { ...option('I', 'INSERT'), match_max: 0 }, { ...option('D', 'DELETE'), match_max: 0 }],
  }),
  text: item(
    [p('The default port of PostgreSQL is ', { interaction: 'PORT' }, ', and its ', { interaction: 'FILE' }, ' decides who may connect.')],
    { response: 'PORT', kind: 'text-entry', expected_length: 6, pattern: '', placeholder: '', numeric: true },
    { response: 'FILE', kind: 'inline-choice', choices: [option('A', 'pg_hba.conf'), option('B', 'pg_ident.conf')] },
  ),
};

/** `script(send, message)` hears each client message and answers with `send(case, value)`. */
export async function examServer(page, script, protocolCheck = () => {}) {
  const sockets = [];
  await page.routeWebSocket(/\/ws\/exam\//, (socket) => {
    let sequence = 0n;
    protocolCheck(socket);
    sockets.push(socket);
    const send = (name, value) => socket.send(Buffer.from(toBinary(ExamServerMessageSchema, create(ExamServerMessageSchema, { sequence: (sequence += 1n), body: { case: name, value: create(proto[`${name[0].toUpperCase()}${name.slice(1)}Schema`] ?? special[name], value) } }))));
    socket.onMessage((bytes) => script(send, fromBinary(ExamClientMessageSchema, new Uint8Array(bytes)).body, socket));
  });
  return sockets;
}
const special = { item: proto.ItemPresentedSchema, clock: proto.ClockUpdateSchema, state: proto.StateChangedSchema };

export const presented = (ordinal, sample) => create(proto.ItemPresentedSchema, { ordinal, language: 'en', presentedJson: JSON.stringify(sample) });
/** One of a block under review, with the answer that is recorded. */
export const answered = (ordinal, sample, response) =>
  create(proto.ItemPresentedSchema, { ordinal, language: 'en', presentedJson: JSON.stringify(sample), answered: true, response: response.map((one) => create(proto.ResponseVariableSchema, one)) });
export const running = (answered = 0) => create(proto.StateChangedSchema, { runState: 'running', itemsAnswered: answered });
export const state = (value) => create(proto.StateChangedSchema, value);
export function clock(minutesLeft) {
  const now = BigInt(Date.now()) * 1000n;
  return create(proto.ClockUpdateSchema, { serverNowUs: now, closesAtUs: now + BigInt(minutesLeft) * 60_000_000n });
}
