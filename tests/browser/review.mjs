// An exam in blocks that may be reviewed, in a real browser against the service: an answer is changed, the page is opened anew in the middle of
// a block, and what counts is what was handed in.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import * as t from './support.mjs';

let service, browser;
before(async () => {
  service = await t.startService();
  browser = await t.launch();
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

const title = 'PostgreSQL, in blocks';

/** A third exam beside the demonstration's two: six questions to choose from, three a block. */
async function publish() {
  const demo = join(t.source, 'policies', 'demo');
  const areas = ['storage', 'queries', 'replication', 'security', 'tls'].map(area => `[[blueprint]]\narea = "${area}"\nminimum = 1\n`).join('');
  const policy = join(service.state, 'blocks.toml');
  writeFileSync(policy, `cut = 0.0\n${areas}[length]\nminimum = 6\nmaximum = 6\n[form]\ntypes = { choice = { min = 6 } }\n[block]\nitems = 3\nreview = true\n`);
  const files = [['--policy', policy], ['--programme', join(demo, 'programme.toml')], ['--credential', join(demo, 'credential.toml')], ['--rules', join(demo, 'rules.json')]];
  await t.run(t.assay, ['exam', 'publish', '--tenant', 'demo', '--identifier', 'blocks', '--title', title, ...files.flat(), '--state', service.state, '--port', String(service.port)]);
}

const heading = (page, words) => page.waitForFunction(wanted => document.getElementById('question-heading').textContent === wanted, words);

async function answer(page, heard) {
  await t.fillIn(page, heard.item);
  await page.click('#submit');
}

/** From the right answer to a wrong one, or back. */
async function change(page, item, to) {
  const [{choices, max_choices, response}] = item.interactions;
  const right = t.answersOf(item).get(response);
  const wrong = choices.find(one => !right.includes(one.identifier)).identifier;
  const box = value => page.locator(`#item input[value="${value}"]`);
  const [from, towards] = to === 'wrong' ? [right[0], wrong] : [wrong, right[0]];
  if (max_choices !== 1) await box(from).uncheck();
  await box(towards).check();
}

test('answers are changed within a block, and are final once it is handed in', async () => {
  await publish();
  const manager = await t.signIn(browser, service, 'manager');
  await manager.goto(`${service.base}/staff/invite`);
  await manager.fill('#full_name', 'Rita Review');
  await manager.fill('#email', 'rita@example.org');
  await manager.selectOption('#locale', 'en');
  await manager.selectOption('#exam', await manager.locator('#exam option', {hasText: title}).getAttribute('value'));
  await Promise.all([manager.waitForNavigation(), manager.click('main form button.primary')]);
  const link = await manager.inputValue('#link');

  const page = await (await t.newContext(browser)).newPage();
  const heard = t.hearExam(page);
  await page.goto(link);
  assert.match(await page.locator('main').innerText(), /Within a block you can go back and change your answers/);
  await t.look(page, 'review-invitation');
  await page.click('main form button.primary');
  await page.check('#rules');
  await page.click('main form button.primary');
  await page.waitForSelector('#begin:not([disabled])');
  await page.click('#begin');
  await heading(page, 'Question 1');
  assert.equal(await page.locator('#progress').innerText(), 'Question 1 of 6');
  const first = await page.evaluate(() => document.getElementById('item').innerText);
  for (const next of ['Question 2', 'Question 3']) {
    await answer(page, heard);
    await heading(page, next);
  }
  await t.look(page, 'review-block');

  // Opened anew: what was answered is the server's to tell.
  await page.reload();
  await heading(page, 'Question 3');
  await page.click('#block li:nth-child(1) button');
  await heading(page, 'Question 1');
  assert.equal(await page.evaluate(() => document.getElementById('item').innerText), first, 'in the same order');
  await t.look(page, 'review-earlier');
  await page.click('#submit'); // the recorded answer stands there: nothing is missing
  await heading(page, 'Question 3');

  await page.reload();
  await heading(page, 'Question 3');
  await answer(page, heard);
  await page.waitForSelector('#block-end:not([hidden])');
  await t.look(page, 'review-end');

  // A wrong answer first, then the right one again: the last one counts.
  await page.reload();
  await page.waitForSelector('#block-end:not([hidden])');
  await page.click('#block li:nth-child(3) button');
  await heading(page, 'Question 3');
  await change(page, heard.item, 'wrong');
  await page.click('#submit');
  await page.waitForSelector('#block-end:not([hidden])');
  await page.click('#block li:nth-child(3) button');
  await heading(page, 'Question 3');
  await change(page, heard.item, 'right');
  await page.click('#submit');
  await page.waitForSelector('#block-end:not([hidden])');
  await page.click('#hand-in');
  await heading(page, 'Question 4');
  assert.deepEqual(await page.locator('#block button').allInnerTexts(), ['4'], 'nothing leads back');

  for (const next of ['Question 5', 'Question 6']) {
    await answer(page, heard);
    await heading(page, next);
  }
  await answer(page, heard);
  await page.waitForSelector('#block-end:not([hidden])');
  await page.click('#hand-in');
  await page.waitForSelector('#ended:not([hidden])');
  assert.match(await page.locator('#ended-text').innerText(), /6 answers have been recorded/);
  await Promise.all([page.waitForNavigation(), page.click('#ended-link')]);
  assert.equal(await page.locator('.verdict.outcome-passed').count(), 1, 'all six right: the spoilt answer does not count');

  const bundle = join(service.state, 'bundle');
  await t.run(t.assay, ['audit', 'export', 'demo', bundle, '--open', '--state', service.state, '--port', String(service.port)]);
  const {stdout} = await t.run(t.assay, ['replay', 'all', '--bundle', bundle]);
  assert.match(stdout, /identical/);
});

test('no page complained in its console', () => t.assertNoComplaints());
