// The exam page with a block under review, its server played by the test: going back, changing an answer, handing in.
// tests/browser/review.mjs does the same with the service.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium, servePreviews, source } from './support.mjs';
import { answered, clock, examServer, items, presented, state } from './exam_server.mjs';

const out = mkdtempSync(join(tmpdir(), 'assay-review-'));
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

const block = (first, done, complete = false) => state({ runState: 'running', itemsAnswered: done, blockFirst: first, blockComplete: complete });

/** The exam page in the block from ordinal 5 on, `welcome` as the server greets it; `hear(case)` waits for a message of that kind that was not taken yet. */
async function openReview(welcome) {
  const page = await (await browser.newContext({ viewport: { width: 1100, height: 850 }, reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(60_000);
  const other = { messages: [], waiting: [] };
  await examServer(page, (send, message) => {
    other.say = send;
    if (message.case === 'attach') return send('welcome', { attachment: 1, clock: clock(41), lengthMin: 20, lengthMax: 40, ...welcome });
    other.messages.push(message);
    for (const one of other.waiting.splice(0)) one();
  });
  other.hear = async (name) => {
    for (;;) {
      const found = other.messages.findIndex((message) => message.case === name);
      if (found >= 0) return other.messages.splice(found, 1)[0].value;
      await new Promise((done) => other.waiting.push(done));
    }
  };
  await page.goto(`${server.origin}/exam_review.en.html`);
  await page.waitForSelector('#block:not([hidden])');
  return { page, other };
}

const plain = (response) => Object.fromEntries(response.map(({ identifier, values }) => [identifier, [...values]]));
const variables = (response) => Object.entries(response).map(([identifier, values]) => ({ identifier, values }));
const heading = (page, words) => page.waitForFunction((wanted) => document.getElementById('question-heading').textContent === wanted, words);

const given = {
  choice: { RESPONSE: ['C'] },
  choices: { RESPONSE: ['A', 'C'] },
  order: { RESPONSE: ['D', 'B', 'A', 'C'] },
  match: { RESPONSE: ['A Y', 'B X'] },
  table: { RESPONSE: ['R S', 'W D'] },
  text: { PORT: ['5432'], FILE: ['B'] },
};

for (const [kind, item] of Object.entries(items)) {
  test(`${kind}: an answer that is recorded stands there again, and is sent only when it was changed`, async () => {
    const { page, other } = await openReview({ state: block(5, 6), item: presented(7, items.choice) });
    assert.deepEqual(await page.locator('#block button').allInnerTexts(), ['5', '6', '7']);
    assert.equal(await page.locator('#block button[aria-current]').innerText(), '7');
    await page.click('#block li:nth-child(2) button');
    assert.equal((await other.hear('showItem')).itemOrdinal, 6, 'a page that never had the question asks for it');
    other.say('item', answered(6, item, variables(given[kind])));
    await heading(page, 'Question 6');
    assert.equal(await page.locator('#submit').innerText(), 'Save this answer');
    await page.click('#submit');
    await heading(page, 'Question 7');
    assert.ok(!other.messages.some((message) => message.case === 'submitResponse'), 'nothing was changed');

    // Changed, but not saved: given up. The page has the question by now.
    await page.click('#block li:nth-child(2) button');
    await heading(page, 'Question 6');
    const change = {
      choice: () => page.check('#item input[value=A]'),
      choices: () => page.uncheck('#item input[value=C]'),
      order: () => page.locator('#item li').first().getByRole('button', { name: /down/i }).click(),
      match: () => page.locator('#item select').nth(2).selectOption('Z'),
      table: () => page.getByLabel(/reader.*INSERT/).check(),
      text: () => page.fill('#item input.inline', '6432'),
    }[kind];
    const changed = {
      choice: { RESPONSE: ['A'] },
      choices: { RESPONSE: ['A'] },
      order: { RESPONSE: ['B', 'D', 'A', 'C'] },
      match: { RESPONSE: ['A Y', 'B X', 'C Z'] },
      table: { RESPONSE: ['R S', 'R I', 'W D'] },
      text: { PORT: ['6432'], FILE: ['B'] },
    }[kind];
    await change();
    await page.click('#leave-review');
    await heading(page, 'Question 7');
    await page.click('#block li:nth-child(2) button');
    await change();
    await page.click('#submit');
    const sent = await other.hear('submitResponse');
    assert.equal(sent.itemOrdinal, 6);
    assert.deepEqual(plain(sent.response), changed, 'made out of the recorded answer, not out of the change that was given up');
    assert.ok(await page.locator('#block li:nth-child(1) button').isDisabled(), 'nowhere to go while an answer is under way');
    other.say('acknowledged', { clientSeq: sent.clientSeq, version: 9n });
    await heading(page, 'Question 7');
    assert.ok(await page.locator('#submit').isEnabled());
    await page.context().close();
  });
}

test('what was begun at the question that waits is still there after a look at an earlier one', async () => {
  const { page, other } = await openReview({ state: block(5, 6), item: presented(7, items.choice) });
  await page.check('#item input[value=B]');
  await page.click('#block li:nth-child(1) button');
  await other.hear('showItem');
  other.say('item', answered(5, items.text, variables(given.text)));
  await heading(page, 'Question 5');
  await page.click('#block li:nth-child(3) button');
  await heading(page, 'Question 7');
  assert.ok(await page.locator('#item input[value=B]').isChecked());
  assert.equal(await page.locator('#leave-review').isVisible(), false);
  await page.context().close();
});

test('a block comes to its end, is gone through once more, handed in, and the next one begins', async () => {
  const { page, other } = await openReview({ state: block(5, 5), item: presented(6, items.choice) });
  await page.check('#item input[value=B]');
  await page.click('#submit');
  const sent = await other.hear('submitResponse');
  other.say('acknowledged', { clientSeq: sent.clientSeq, version: 9n });
  other.say('state', block(5, 6, true));
  await page.waitForSelector('#block-end:not([hidden])');
  assert.equal(await page.locator('#question').isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'block-end-heading');
  assert.match(await page.locator('#block-end-text').innerText(), /questions 5 to 6/);

  await page.click('#block li:nth-child(2) button');
  await heading(page, 'Question 6');
  assert.equal(await page.locator('#block-end').isVisible(), false);
  await page.check('#item input[value=D]');
  await page.click('#submit');
  const changed = await other.hear('submitResponse');
  assert.deepEqual(plain(changed.response), { RESPONSE: ['D'] });
  other.say('acknowledged', { clientSeq: changed.clientSeq, version: 10n });
  await page.waitForSelector('#block-end:not([hidden])');

  await page.click('#hand-in');
  const handed = await other.hear('finishBlock');
  assert.equal(handed.blockFirst, 5);
  other.say('problem', { code: 'block_not_answered', clientSeq: handed.clientSeq });
  await page.waitForFunction(() => document.getElementById('block-end-hint').textContent !== '');
  await page.click('#hand-in');
  const again = await other.hear('finishBlock');
  other.say('acknowledged', { clientSeq: again.clientSeq, version: 11n });
  other.say('state', block(7, 6));
  other.say('item', presented(7, items.text));
  await heading(page, 'Question 7');
  assert.deepEqual(await page.locator('#block button').allInnerTexts(), ['7'], 'nothing leads back');
  assert.equal(await page.locator('#block-end').isVisible(), false);
  assert.ok(await page.locator('#submit').isEnabled());
  await page.context().close();
});

test('a page that is opened again at the end of a block shows that end, and hides it while the exam is paused', async () => {
  const { page, other } = await openReview({ state: block(5, 8, true) });
  assert.ok(await page.locator('#block-end').isVisible());
  assert.deepEqual(await page.locator('#block button').allInnerTexts(), ['5', '6', '7', '8']);
  other.say('state', state({ runState: 'paused', pausedBy: 'staff', itemsAnswered: 8, blockFirst: 5, blockComplete: true }));
  await page.waitForSelector('#pause:not([hidden])');
  for (const id of ['block', 'block-end', 'question']) assert.equal(await page.locator(`#${id}`).isVisible(), false, id);
  other.say('state', block(5, 8, true));
  await page.waitForSelector('#block-end:not([hidden])');
  await page.context().close();
});

test('a changed answer that was not acknowledged is sent again by a page that was opened anew', async () => {
  const { page, other } = await openReview({ state: block(5, 6), item: presented(7, items.choice) });
  await page.click('#block li:nth-child(2) button');
  await other.hear('showItem');
  other.say('item', answered(6, items.choice, variables(given.choice)));
  await heading(page, 'Question 6');
  await page.check('#item input[value=A]');
  await page.click('#submit');
  const sent = await other.hear('submitResponse');
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  const again = await other.hear('submitResponse');
  assert.deepEqual([again.itemOrdinal, again.clientSeq, plain(again.response)], [6, sent.clientSeq, { RESPONSE: ['A'] }]);
  other.say('acknowledged', { clientSeq: again.clientSeq, version: 9n });
  await page.waitForSelector('#submit:not([disabled])');
  await page.context().close();
});
