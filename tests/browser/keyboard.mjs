// Invitation to certificate by somebody who has no mouse: Tab, Shift+Tab, arrows, Space, Enter, Escape and typing, nothing else.
// (That all six kinds of question can be answered so is forced by tests/web/page_keyboard.test.mjs; here it is what the exam asks.)
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {answerByKeys, keysOf} from './keys.mjs';
import * as t from './support.mjs';

t.needsFace();
let service, browser;
before(async () => {
  service = await t.startService();
  browser = await t.launch({camera: await t.makeCameraVideo(join(service.state, 'face.mjpeg'), {seconds: 6})});
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

const newKeys = async () => keysOf(await (await t.newContext(browser)).newPage());

/** Signs in as the manager and invites somebody; the link is what the manager would copy into a mail. */
async function inviteByKeys(name) {
  const keys = await newKeys();
  await keys.page.goto(`${service.base}/staff/sign-in`);
  await keys.walkAround();
  await keys.write('#email', service.signIns.manager.email);
  await keys.write('#password', service.signIns.manager.password);
  await Promise.all([keys.page.waitForNavigation(), keys.press('Enter')]);
  await keys.walkAround();
  await keys.follow('nav.staff a[href$="/staff/invite"]');
  await keys.walkAround();
  await keys.write('#full_name', name);
  await keys.write('#email', 'keys@example.org');
  await keys.chooseOption('#locale', undefined, option => option.value === 'en');
  await keys.chooseOption('#exam', undefined, option => option.words.includes('in front of your camera'));
  await keys.follow('main form button.primary');
  return keys.page.inputValue('#link');
}

async function hideAndShowTime(keys) {
  const shown = () => keys.page.evaluate(() => getComputedStyle(document.getElementById('timer')).visibility === 'visible');
  assert.ok(await shown());
  await keys.tabTo('#timer-toggle');
  await keys.press('Space');
  assert.ok(!(await shown()), 'hidden');
  assert.ok(await keys.isAt('#timer-toggle'), 'the focus stays');
  await keys.press('Enter');
  assert.ok(await shown(), 'shown again');
  await keys.tabTo('#timer-say');
  await keys.press('Enter');
  await keys.page.waitForFunction(() => /minutes left/.test(document.getElementById('polite').textContent));
}

async function openAndLeave(keys, name) {
  await keys.tabTo(`#${name}-open`);
  await keys.press('Enter');
  assert.ok(await keys.page.evaluate(id => document.getElementById(id).matches(':modal') && document.getElementById(id).contains(document.activeElement), `${name}-dialog`), 'the focus is in the dialog');
  await keys.walkAround();
  await keys.press('Escape');
  assert.ok(await keys.isAt(`#${name}-open`), 'the focus is back where it came from');
}

async function sitByKeys(keys) {
  const {page} = keys;
  const heard = t.hearExam(page);
  await keys.follow('#begin');
  await page.waitForFunction(() => document.querySelector('#item .item') !== null);
  const met = new Set();
  for (let number = 1; !(await t.isOver(page)); ++number) {
    assert.ok(number <= 30, 'the exam does not end');
    assert.ok(await keys.isAt('#question-heading'), 'a new question has the focus');
    if (number === 1) await keys.walkAround();
    if (number === 2) await hideAndShowTime(keys);
    if (number === 3) for (const dialog of ['help', 'finish']) await openAndLeave(keys, dialog);
    for (const {kind, max_choices} of heard.item.interactions) met.add(kind === 'choice' && max_choices !== 1 ? 'choices' : kind);
    await answerByKeys(keys, heard.item, t.answersOf(heard.item));
    const before = await page.locator('#question-heading').innerText();
    // Enter inside a text field sends the answer too, as in every form.
    if (!(await keys.isAt('#item input.inline'))) await keys.tabTo('#submit');
    await keys.press(number % 2 === 0 && (await keys.isAt('#submit')) ? 'Space' : 'Enter');
    await page.waitForFunction(old => !document.getElementById('ended').hidden || document.getElementById('question-heading').textContent !== old, before);
  }
  return met;
}

test('a candidate without a mouse comes from the invitation to the certificate', async context => {
  const link = await inviteByKeys('Keiko Board');
  const keys = await newKeys();
  const {page} = keys;
  await page.goto(link);
  await keys.walkAround();
  await keys.follow('main form button.primary');

  await keys.walkAround();
  for (const box of ['#consent-camera', '#consent-stills', '#rules']) await keys.tick(box);
  await keys.follow('main form button.primary');

  if (!(await page.locator('[data-check=camera].check-passed').isVisible())) {
    await keys.tabTo('#camera-start');
    await keys.press('Enter');
  }
  await page.waitForSelector('#begin:not([disabled])');
  await keys.walkAround();

  const met = await sitByKeys(keys);
  context.diagnostic(`kinds of question met: ${[...met].sort().join(', ')}`);
  assert.ok(await keys.isAt('#ended-heading'), 'the end has the focus');
  await keys.follow('#ended-link');
  assert.equal(await page.locator('.verdict.outcome-passed').count(), 1);
  await t.reloadUntil(page, 'main a.button.primary');
  await keys.walkAround();
  await keys.follow('main a.button.primary');
  await keys.walkAround();
  assert.match(await page.locator('article.certificate h1').innerText(), /Keiko Board/);

  await keys.tabTo('main a[href$="certificate.pdf"]');
  const [download] = await Promise.all([page.waitForEvent('download'), keys.press('Enter')]);
  assert.equal(readFileSync(await download.path()).subarray(0, 5).toString(), '%PDF-');
  await keys.follow('main ul.links a[href*="/c/"]:not([href*="."])');
  assert.equal(await page.locator('.verdict.verdict-valid').count(), 1);
  await keys.walkAround();
});

test('no page complained in its console', () => t.assertNoComplaints());
