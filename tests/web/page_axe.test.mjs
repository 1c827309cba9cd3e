// Every page in every state that tests/web/contexts has (page_states.test.mjs: those are all), and the exam page in what its server
// makes of it: no finding of axe, no word in the console (content security policy, trusted types), nothing wider than the screen.
// ASSAY_PICTURES=FOLDER keeps pictures.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessibilityFindings, launchChromium, servePreviews, source } from './support.mjs';
import { contexts } from './templates.mjs';
import { answered, clock, examServer, items, presented, running, state } from './exam_server.mjs';

const pictures = process.env.ASSAY_PICTURES;
// Two languages, two colour schemes, two widths: four looks in which each pair of them occurs.
const wide = { width: 1100, height: 850 };
const narrow = { width: 320, height: 640 };
const looks = {
  en: { language: 'en', viewport: wide, colorScheme: 'light' },
  'en-dark': { language: 'en', viewport: narrow, colorScheme: 'dark' },
  ar: { language: 'ar', viewport: narrow, colorScheme: 'light' },
  'ar-dark': { language: 'ar', viewport: wide, colorScheme: 'dark' },
};

const out = mkdtempSync(join(tmpdir(), 'assay-pages-'));
execFileSync(process.env.ASSAY_PAGE_PREVIEW ?? join(source, 'build/dev/server/pages/assay-page-preview'), [source, join(source, 'tests/web/contexts'), out]);
if (pictures !== undefined) mkdirSync(pictures, { recursive: true });

let server;
let browser;
const contextOf = {};
const pageOf = {}; // for pages whose script needs no other end: one tab a look, so that nothing starts anew
before(async () => {
  server = await servePreviews(out);
  browser = await launchChromium();
  for (const [look, { language, ...options }] of Object.entries(looks)) {
    contextOf[look] = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    contextOf[look].setDefaultTimeout(60_000);
    pageOf[look] = listen(await contextOf[look].newPage());
  }
});
after(async () => {
  await browser?.close();
  server?.close();
});

function listen(page) {
  const complaints = [];
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && complaints.push(line.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints };
}

async function open(opened, name, look) {
  await opened.page.goto(`${server.origin}/${name}.${looks[look].language}.html`);
  return opened;
}

async function inspect({ page, complaints }, picture, expected = []) {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${picture}.png`), fullPage: true });
  assert.deepEqual(await accessibilityFindings(page), [], picture);
  const { width, screen } = await page.evaluate(() => ({ width: document.documentElement.scrollWidth, screen: innerWidth }));
  assert.ok(width <= screen, `${picture} is ${width} px wide on a screen of ${screen}`);
  assert.deepEqual(complaints.splice(0).filter((one) => !expected.some((pattern) => pattern.test(one))), [], picture);
}

/** The same in each of `some` looks, at once: a page waits more than it computes. */
const inLooks = (some, act) => Promise.all(some.map(act));
const every = Object.keys(looks);
// Half of them: both languages and both widths, and each colour scheme in turn.
const half = (number) => (number % 2 === 0 ? ['en', 'ar'] : ['en-dark', 'ar-dark']);

const seen = new Set();
for (const [number, { name, page, context }] of contexts.filter((one) => !['exam', 'system_check'].includes(one.page)).entries()) {
  const some = seen.has(page) ? half(number) : every; // what a page's other states share with its first has been seen in each look
  seen.add(page);
  test(name, () => inLooks(some, async (look) => {
    const opened = await open(pageOf[look], name, look);
    if (typeof context.problem === 'string') assert.equal(await opened.page.locator('.problem[role=alert]').count(), 1, `${name}.${look}: a problem is said in a box of its own`);
    await inspect(opened, `${name}.${look}`);
  }));
}

const refuseCamera = (page) =>
  page.addInitScript(() => navigator.mediaDevices && (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))));
const noServer = [/WebSocket/];

for (const name of ['system_check_camera', 'system_check_open']) {
  test(`${name}, when nothing works`, () => inLooks(every, async (look) => {
    const opened = listen(await contextOf[look].newPage());
    await refuseCamera(opened.page);
    await open(opened, name, look);
    await opened.page.click('#again');
    await opened.page.waitForSelector('[data-check=connection].check-failed');
    await inspect(opened, `${name}.${look}`, noServer);
    await opened.page.close();
  }));
}

/** The exam page, the other end of whose connection the test plays: `say` sends as the server does, `answer(message)` hears the page. */
async function withExam(name, look, item, act, welcome = { state: running(6), item: presented(7, item) }) {
  const opened = listen(await contextOf[look].newPage());
  const { page } = opened;
  await refuseCamera(page);
  await page.routeWebSocket(/\/ws\/proctor\//, () => {});
  const other = { answer: () => {} };
  await examServer(page, (send, message, socket) => {
    Object.assign(other, { say: send, socket });
    if (message.case === 'attach') send('welcome', { attachment: 1, clock: clock(41), lengthMin: 20, lengthMax: 40, ...welcome });
    else other.answer(message);
  });
  await open(opened, name, look);
  await page.waitForSelector('.item, #block-end:not([hidden])');
  await act(page, other, (picture) => inspect(opened, `${picture}.${look}`));
  await page.close();
}

for (const [kind, sample] of Object.entries(items)) {
  test(`exam with ${kind}`, () => inLooks(every, (look) => withExam('exam_camera', look, sample, async (page, _other, looked) => {
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'question-heading');
    await looked(`exam_${kind}`);
  })));
}

const pausedBy = (who) => ({ say }) => say('state', state({ runState: 'paused', pausedBy: who }));
const ended = (how) => ({ say }) => say('state', state({ runState: how, itemsAnswered: 32, resultPath: '/t/demo/sitting/s1/result' }));
const states = {
  paused_break: [pausedBy('break'), '#pause:not([hidden])'],
  paused_staff: [pausedBy('staff'), '#pause:not([hidden])'],
  paused_proctor: [pausedBy('proctor'), '#pause:not([hidden])'],
  paused_network: [pausedBy('network'), '#pause:not([hidden])'],
  ready: [({ say }) => say('state', state({ runState: 'ready' })), '#pause:not([hidden])'],
  ended_submitted: [ended('submitted'), '#ended:not([hidden])'],
  ended_timed_out: [ended('timed_out'), '#ended:not([hidden])'],
  ended_terminated: [ended('terminated'), '#ended:not([hidden])'],
  cut_off: [({ say }) => say('cutOff', { reason: 'another_device' }), '#cut-off:not([hidden])'],
  dropped: [({ socket }) => socket.close({ code: 1012 }), '#banner:not([hidden])'],
  problem: [({ say }) => say('problem', { code: 'break_not_allowed' }), '#banner:not([hidden])'],
};
for (const [number, [name, [act, shown]]] of Object.entries(states).entries()) {
  test(`exam ${name}`, () => inLooks(half(number), (look) => withExam('exam_open', look, items.choice, async (page, other, looked) => {
    act(other);
    await page.waitForSelector(shown);
    assert.notEqual((await page.locator(shown).innerText()).trim(), '');
    await looked(`exam_${name}`);
  })));
}

const underReview = (done, complete) => state({ runState: 'running', itemsAnswered: done, blockFirst: 5, blockComplete: complete });
test('exam in a block under review, at an earlier question of it', () => inLooks(every, (look) => withExam('exam_review', look, items.choice, async (page, other, looked) => {
  await looked('exam_block');
  other.answer = (message) => message.case === 'showItem' && other.say('item', answered(6, items.order, [{ identifier: 'RESPONSE', values: ['B', 'A', 'D', 'C'] }]));
  await page.click('#block li:nth-child(2) button');
  await page.waitForSelector('#leave-review:not([hidden])');
  await looked('exam_review');
}, { state: underReview(6, false), item: presented(7, items.choice) })));
test('exam at the end of a block under review', () => inLooks(every, (look) => withExam('exam_review', look, items.choice, async (_page, _other, looked) => {
  await looked('exam_block_end');
}, { state: underReview(9, true) })));

test('exam with an answer that is missing, then one that is refused', () => inLooks(half(0), (look) => withExam('exam_open', look, items.choice, async (page, other, looked) => {
  other.answer = (message) => message.case === 'submitResponse' && other.say('problem', { code: 'item_not_presented', clientSeq: message.value.clientSeq });
  await page.click('#submit');
  await page.waitForFunction(() => document.getElementById('hint').textContent !== '');
  const missing = await page.locator('#hint').innerText();
  await page.check('input[value=B]');
  await page.click('#submit');
  await page.waitForFunction((before) => !['', before].includes(document.getElementById('hint').textContent), missing);
  await looked('exam_refused');
})));

for (const [number, dialog] of ['help', 'finish'].entries()) {
  test(`exam with its ${dialog} dialog open`, () => inLooks(half(number), (look) => withExam('exam_open', look, items.choice, async (page, _other, looked) => {
    await page.click(`#${dialog}-open`);
    await looked(`exam_dialog_${dialog}`);
  })));
}
