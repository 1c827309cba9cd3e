// Nothing is lost when the device or the network changes in mid-exam.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {breakableNetwork} from './network.mjs';
import * as t from './support.mjs';

let service, network, office, browser;
before(async () => {
  service = await t.startService();
  network = await breakableNetwork(service.port);
  office = await t.launch();
  browser = await t.launch({network, service});
});
after(async () => {
  await browser?.close();
  await office?.close();
  network?.close();
  await service?.stop();
});

const heading = page => page.locator('#question-heading').innerText();
const isAtQuestion = (page, number) => page.waitForFunction(words => document.getElementById('question-heading')?.textContent === words, `Question ${number}`);
const isKept = page => page.waitForFunction(() => /1 answer kept/.test(document.getElementById('sync-text').textContent));

const sat = async name => {
  const manager = await t.signIn(office, service, 'manager');
  const link = await t.invite(manager, service, {name, email: 'sitting@example.org', camera: false});
  const context = await t.newContext(browser);
  const page = await context.newPage();
  const heard = await t.begin(page, link, {camera: false});
  const stored = async () => {
    await manager.goto(`${service.base}/staff/sittings`);
    const facts = await manager.locator('article.row', {hasText: name}).locator('.facts > div').allInnerTexts();
    return Number(/\d+/.exec(facts.find(fact => /^Answers/.test(fact))));
  };
  return {context, page, heard, stored};
};

test('a second device continues at the same question, and the first is cut off', async () => {
  const {context, page, heard} = await sat('Two Devices');
  await t.fillIn(page, heard.item);
  await t.submit(page);
  const [before, asked] = [await heading(page), heard.item.identifier];

  const other = await t.newContext(browser, {storageState: await context.storageState()});
  const second = await other.newPage();
  const heardThere = t.hearExam(second);
  await second.goto(page.url());
  await second.waitForFunction(() => document.querySelector('#item .item') !== null);
  assert.equal(await heading(second), before);
  assert.equal(heardThere.item.identifier, asked);
  await page.waitForSelector('#cut-off:not([hidden])');
  await t.look(page, 'cut-off-en');
  await t.fillIn(second, heardThere.item);
  await t.submit(second);
});

test('an answer given while the network is broken is kept on the device and stored once', async () => {
  const {context, page, heard, stored} = await sat('Lost Network');
  const address = page.url();

  await t.fillIn(page, heard.item);
  network.cut();
  await page.waitForSelector('#banner:not([hidden])');
  await page.click('#submit');
  await isKept(page);
  await t.look(page, 'exam-offline-en');
  assert.equal(await stored(), 0);
  network.mend();
  await isAtQuestion(page, 2);
  assert.equal(await stored(), 1);

  // The page is gone before the network is back: the device has the answer, not the page.
  await t.fillIn(page, heard.item);
  network.cut();
  await page.waitForSelector('#banner:not([hidden])');
  await page.click('#submit');
  await isKept(page);
  await page.close();
  network.mend();
  const again = await context.newPage();
  const heardAgain = t.hearExam(again);
  await again.goto(address);
  await isAtQuestion(again, 3);
  assert.equal(await stored(), 2);

  // The server stored it, and its word was lost on the way: sent again, stored once.
  await t.fillIn(again, heardAgain.item);
  network.deafen();
  await again.click('#submit');
  for (const until = Date.now() + t.patience; (await stored()) < 3;) assert.ok(Date.now() < until, 'the answer did not reach the server');
  assert.equal(await heading(again), 'Question 3', 'the page has not heard of it');
  network.cut();
  await isKept(again);
  network.mend();
  await isAtQuestion(again, 4);
  assert.equal(await stored(), 3);
});

test('no page complained in its console, but of the broken network', () =>
  t.assertNoComplaints([/WebSocket connection to .* failed/, /Failed to load resource: net::/]));
