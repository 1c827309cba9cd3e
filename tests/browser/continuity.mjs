// Nothing is lost when the device or the network changes in mid-exam.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import * as t from './support.mjs';

let service, browser;
before(async () => {
  service = await t.startService(9545);
  browser = await t.launch();
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

const question = page => page.locator('#question-heading').innerText();
const sat = async name => {
  const manager = await t.signIn(browser, service, 'manager');
  const link = await t.invite(manager, service, {name, email: 'sitting@example.org', camera: false});
  const context = await t.newContext(browser);
  const page = await context.newPage();
  return {context, page, heard: await t.begin(page, link, {camera: false})};
};

test('a second device continues at the same question, and the first is cut off', async () => {
  const {context, page, heard} = await sat('Two Devices');
  await t.fillIn(page, heard.item);
  await t.submit(page);
  const [before, asked] = [await question(page), heard.item.identifier];

  const other = await t.newContext(browser, {storageState: await context.storageState()});
  const second = await other.newPage();
  const heardThere = t.hearExam(second);
  await second.goto(page.url());
  await second.waitForFunction(() => document.querySelector('#item .item') !== null);
  assert.equal(await question(second), before);
  assert.equal(heardThere.item.identifier, asked);
  await page.waitForSelector('#cut-off:not([hidden])');
  await t.assertAccessible(page, 'cut off');
  await t.fillIn(second, heardThere.item);
  await t.submit(second);
});

test('an answer given without network is kept on the device and stored when the network is back', async () => {
  const {context, page, heard} = await sat('Lost Network');
  const [before, asked] = [await question(page), heard.item.identifier];
  await t.fillIn(page, heard.item);
  // Chromium keeps open WebSockets when it is set offline: the connection itself is cut as well.
  await context.setOffline(true);
  await page.click('#submit');
  await page.waitForFunction(() => document.getElementById('sync').dataset.state !== 'ready');
  await page.reload({timeout: 5000}).catch(() => {}); // no network: the page is gone, the answer must not be
  await context.setOffline(false);
  await page.goto(page.url().startsWith('http') ? page.url() : page.url(), {waitUntil: 'load'}).catch(() => {});
  await page.waitForFunction(old => document.querySelector('#item .item') !== null && document.getElementById('question-heading').textContent !== old, before);
  assert.notEqual(heard.item.identifier, asked, 'the next question came: the answer was stored');
  assert.equal(await question(page), 'Question 2');
});
