// Each kind of question answered by keys alone, in both directions of writing: what the server hears is what was meant.
// tests/browser/keyboard.mjs does the whole way so, with the kinds that the exam happens to ask.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { answerByKeys, keysOf } from '../browser/keys.mjs';
import { launchChromium, servePreviews, source } from './support.mjs';
import { clock, examServer, items, presented, running, state } from './exam_server.mjs';

const meant = {
  choice: { RESPONSE: ['C'] },
  choices: { RESPONSE: ['A', 'C'] },
  order: { RESPONSE: ['B', 'A', 'D', 'C'] },
  match: { RESPONSE: ['A X', 'B Y', 'C Z'] },
  table: { RESPONSE: ['R S', 'W S', 'W I', 'W D'] },
  text: { PORT: ['5432'], FILE: ['A'] },
};

const out = mkdtempSync(join(tmpdir(), 'assay-keys-'));
execFileSync(process.env.ASSAY_PAGE_PREVIEW ?? join(source, 'build/dev/server/pages/assay-page-preview'), [source, join(source, 'tests/web/contexts'), out]);

let server, browser;
before(async () => {
  server = await servePreviews(out);
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** The exam page with `item` in it; `heard` resolves with the answer that the page sends. */
async function openExam(language, item, viewport = { width: 1100, height: 850 }) {
  const page = await (await browser.newContext({ viewport, reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(60_000);
  let hear;
  const heard = new Promise((resolve) => (hear = resolve));
  await examServer(page, (send, message) => {
    if (message.case === 'attach') send('welcome', { attachment: 1, state: running(6), clock: clock(41), item: presented(7, item), lengthMin: 20, lengthMax: 40 });
    if (message.case !== 'submitResponse') return;
    send('acknowledged', { clientSeq: message.value.clientSeq, version: 2n });
    send('state', state({ runState: 'submitted', itemsAnswered: 7, resultPath: '/t/demo/sitting/s1/result' }));
    hear(Object.fromEntries(message.value.response.map(({ identifier, values }) => [identifier, values])));
  });
  await page.goto(`${server.origin}/exam_open.${language}.html`);
  await page.waitForSelector('.item');
  return { page, keys: keysOf(page), heard };
}

for (const [kind, item] of Object.entries(items)) {
  for (const language of ['en', 'ar']) {
    test(`${kind} by keys (${language})`, async () => {
      const { page, keys, heard } = await openExam(language, item);
      assert.ok(await keys.isAt('#question-heading'), 'the question has the focus');
      await answerByKeys(keys, item, new Map(Object.entries(meant[kind])));
      await keys.tabTo('#submit');
      await keys.press('Enter');
      const answer = await heard;
      const sorted = kind === 'order' ? answer : Object.fromEntries(Object.entries(answer).map(([name, values]) => [name, [...values].sort()]));
      assert.deepEqual(sorted, Object.fromEntries(Object.entries(meant[kind]).map(([name, values]) => [name, kind === 'order' ? values : [...values].sort()])));
      await page.waitForSelector('#ended:not([hidden])');
      assert.ok(await keys.isAt('#ended-heading'), 'the end has the focus');
      await page.context().close();
    });
  }
}

// 400 % zoom on a screen of 1280 × 1024 is a window of 320 × 256 (WCAG 1.4.10): nothing may cover what has the focus.
test('everything on the exam page can be reached and seen at 400 % zoom', async () => {
  for (const item of [items.choice, items.order, items.table]) {
    const { page, keys } = await openExam('en', item, { width: 320, height: 256 });
    await keys.walkAround();
    await page.context().close();
  }
});

test('a focus that cannot be seen is found', async () => {
  const { page, keys } = await openExam('en', items.choices);
  await page.evaluate(() => document.querySelectorAll('input').forEach((input) => (input.style.outline = 'none')));
  await assert.rejects(keys.walkAround(), /shows no focus/);
  await page.context().close();
});
