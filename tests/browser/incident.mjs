// The face leaves the picture for some seconds, and the page leaves full screen: a person looks at both and decides, and until
// then nothing is certified.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import * as t from './support.mjs';

t.needsFace();
let service, browser;
before(async () => {
  service = await t.startService();
  const camera = await t.makeCameraVideo(join(service.state, 'leaves.mjpeg'), {seconds: 14, away: second => second >= 5 && second < 11});
  browser = await t.launch({camera});
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

async function enterAndLeaveFullScreen(page) {
  for (const inside of [true, false]) {
    await page.click('#fullscreen');
    await page.waitForFunction(wanted => (document.fullscreenElement !== null) === wanted, inside);
  }
}

test('an absent face reaches the reviewer with pictures, and the certificate waits for the verdict', async () => {
  const manager = await t.signIn(browser, service, 'manager');
  const link = await t.invite(manager, service, {name: 'Amina Diallo', email: 'amina@example.org', camera: true});
  const reviewer = await t.signIn(browser, service, 'reviewer');
  const page = await (await t.newContext(browser)).newPage();
  const heard = await t.begin(page, link, {camera: true});
  await t.answerAll(page, heard, async number => {
    if (number === 4) await enterAndLeaveFullScreen(page);
    if (number !== 10) return;
    await reviewer.goto(`${service.base}/staff/incidents`);
    await t.reloadUntil(reviewer, 'article.row:has-text("Nobody in view")');
  });
  await t.press(page, '#ended-link');
  assert.equal(await page.locator('.verdict.outcome-passed').count(), 1, 'an incident changes no score');
  await t.look(page, 'result-under-review-en');

  // One incident after the other, until none is open; what the page said of itself is one of them.
  let judged = 0;
  const kinds = new Set();
  for (;;) {
    await reviewer.goto(`${service.base}/staff/incidents`);
    if (judged === 0) await t.look(reviewer, 'incidents-en');
    const open = reviewer.locator('article.row:has(.tag-open) h2 a');
    if ((await open.count()) === 0) break;
    await page.reload();
    assert.equal(await page.locator('main a[href*="/my/certificate/"]').count(), 0, 'nothing is certified while an incident is open');
    await Promise.all([reviewer.waitForNavigation(), open.first().click()]);
    const kind = await reviewer.locator('h1').innerText();
    if (kind === 'Nobody in view' && !kinds.has(kind)) {
      const stills = reviewer.locator('ul.stills img');
      assert.ok((await stills.count()) > 0, 'the reviewer sees pictures');
      await reviewer.waitForFunction(() => [...document.querySelectorAll('ul.stills img')].every(image => image.complete && image.naturalWidth > 0));
      await t.look(reviewer, 'incident-en');
    }
    kinds.add(kind);
    await reviewer.check('#dismissed');
    await reviewer.selectOption('#reason', 'candidate_explanation');
    await reviewer.fill('#note', 'Picked up a dropped pen.');
    await t.press(reviewer, '#verdict button.primary');
    assert.ok(++judged < 10, 'the queue does not empty');
  }
  for (const kind of ['Nobody in view', 'Full screen left']) assert.ok(kinds.has(kind), `${kind} among ${[...kinds].join(', ')}`);
  await t.reloadUntil(page, 'main a[href*="/my/certificate/"]');
});

test('no page complained in its console', () => t.assertNoComplaints());
