// The whole way: an invitation becomes an exam in front of a camera, a pass, a certificate, and a proof that needs nobody's word.
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import * as t from './support.mjs';

t.needsFace();
const holder = 'نادية الحسن Nádia Østergård';
let service, browser, files;

before(async () => {
  service = await t.startService();
  files = join(service.state, 'browser');
  mkdirSync(files);
  browser = await t.launch({camera: await t.makeCameraVideo(join(files, 'face.mjpeg'), {seconds: 6})});
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

const download = async (page, address) => {
  const answer = await page.request.get(new URL(address, service.base).href);
  assert.equal(answer.status(), 200, address);
  return Buffer.from(await answer.body());
};

test('a candidate passes in front of the camera, and anybody can check the certificate', async () => {
  const manager = await t.signIn(browser, service, 'manager');
  await t.look(manager, 'staff-home-en');
  const link = await t.invite(manager, service, {name: holder, email: 'nadia@example.org', camera: true});
  await t.look(manager, 'staff-invite-done-en');

  const page = await (await t.newContext(browser)).newPage();
  const heard = await t.begin(page, link, {camera: true, visit: (at, state) => t.look(at, `${state}-camera-en`)});
  const answered = await t.answerAll(page, heard);
  assert.ok(answered >= 20, `the blueprint asks 20 questions at least, not ${answered}`);
  assert.ok(heard.pictures > 3, 'the camera sent pictures');
  await t.look(page, 'ended-en');

  await t.press(page, '#ended-link');
  assert.equal(await page.locator('.verdict.outcome-passed').count(), 1, 'passed');
  assert.ok((await page.locator('main ul li').allInnerTexts()).length > 1, 'the result says why');
  await t.reloadUntil(page, 'main a.button.primary');
  await t.look(page, 'result-passed-en');

  await t.press(page, 'main a.button.primary');
  assert.equal((await page.locator('article.certificate h1').innerText()).trim(), holder);
  await t.look(page, 'certificate-en');
  const href = async part => page.locator(`main a[href$="${part}"]`).first().getAttribute('href');
  const pdf = await download(page, await href('certificate.pdf'));
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  const credential = await download(page, await href('credential.json'));
  const token = await download(page, await href('credential.jwt'));
  const publicPage = new URL(await page.locator('main ul.links a[href*="/c/"]:not([href*="c/"][href$=".pdf"])').evaluateAll(all =>
    all.map(one => one.getAttribute('href')).find(one => /\/c\/[0-9a-f-]+$/.test(one))), service.base).href;

  await test('the public page says Valid without any script', async () => {
    const plain = await (await t.newContext(browser, {javaScriptEnabled: false})).newPage();
    await plain.goto(publicPage);
    assert.equal(await plain.locator('.verdict.verdict-valid').count(), 1);
    assert.match(await plain.locator('main').innerText(), /Nádia Østergård/);
    assert.equal(await plain.locator('.checks .check-failed, .checks .check-unknown').count(), 0, 'each check passed');
  });

  writeFileSync(join(files, 'certificate.pdf'), pdf);
  writeFileSync(join(files, 'certificate.json'), credential);
  writeFileSync(join(files, 'certificate.jwt'), token);
  await test('assay verify says valid offline, and not valid after one changed character', async () => {
    const list = JSON.parse(credential).credentialStatus.statusListCredential;
    writeFileSync(join(files, 'did.json'), await download(page, `${service.base}/did.json`));
    writeFileSync(join(files, 'status.json'), await download(page, list));
    writeFileSync(join(files, 'map.json'), JSON.stringify({[`${service.base}/did.json`]: 'did.json', [list]: 'status.json'}));
    const verify = file => t.run(t.assay, ['verify', join(files, file), '--documents', join(files, 'map.json')]);
    for (const file of ['certificate.json', 'certificate.jwt', 'certificate.pdf']) {
      if (file.endsWith('.pdf')) continue; // the PDF carries the JSON as an attachment
      assert.match((await verify(file)).stdout, /valid/i);
    }
    writeFileSync(join(files, 'altered.json'), credential.toString().replace('Østergård', 'Östergård'));
    await assert.rejects(verify('altered.json'), failed => failed.code === 1);
    await t.run('qpdf', ['--check', join(files, 'certificate.pdf')]);
    const {stdout} = await t.run('pdftotext', [join(files, 'certificate.pdf'), '-']);
    assert.match(stdout, /Nádia Østergård/);
  });

  await test('the exported journal verifies, and the exam replays as recorded', async () => {
    const folder = join(files, 'audit');
    await t.run(t.assay, ['audit', 'export', 'demo', folder, '--open', '--state', service.state, '--port', String(service.port)]);
    await t.run(t.assay, ['audit', 'verify', folder]);
    const {stdout} = await t.run(t.assay, ['replay', 'all', '--bundle', folder]);
    assert.match(stdout, /identical/);
  });
});

test('no page complained in its console', () => t.assertNoComplaints());
