// What the browser tests share: a service of their own, a Chromium, a camera made of a real face, and a candidate who knows
// the right answers because they stand in the demo bank's files.
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, extname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';

export const source = resolve(process.env.ASSAY_SOURCE_DIR ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..'));
export const build = resolve(process.env.ASSAY_BUILD_DIR ?? join(source, 'build', 'dev'));
const shared = resolve(process.env.ASSAY_SHARED_DIR ?? join(source, '..', 'shared'));
export const assay = join(build, 'server', 'assay');
const require = createRequire(join(source, 'web', 'package.json'));
const {chromium} = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const run = promisify(execFile);

// Without the shared folder the same photograph comes out of a Debian package: cmake/scripts/fetch-face.sh.
const faces = [join(shared, 'testdata', 'faces', 'astronaut.jpg'), join(source, 'build', 'face', 'astronaut.png')];
const faceFile = faces.find(existsSync);
const faceModel = join(shared, 'models', 'face_detection_yunet_2022mar.onnx');

/** Ends a file of tests that needs the camera when there is no real face to show it: CTest then says "skipped", not "passed". */
export function needsFace() {
  if (faceFile !== undefined) return;
  console.log(`skipped: no picture of a face at ${faces.join(' or ')}; cmake/scripts/fetch-face.sh gets one`);
  process.exit(77);
}

// ---- the service

/** A port that was free a moment ago: several of these services run on one machine. */
async function freePort() {
  const probe = createServer();
  await new Promise((done, failed) => probe.once('error', failed).listen(0, done));
  const {port} = probe.address();
  await new Promise(done => probe.close(done));
  return port;
}

/** Starts `assay demo` on a port and a state folder of its own and reads its sign-ins from what it prints. */
export async function startService() {
  for (let attempt = 1; ; ++attempt) {
    try {
      return await startOn(await freePort());
    } catch (failure) {
      if (attempt === 3 || !/in use/i.test(String(failure))) throw failure; // somebody was quicker with that port
    }
  }
}

async function startOn(port) {
  const state = mkdtempSync(join(tmpdir(), 'assay-browser-'));
  const words = ['demo', '--state', state, '--port', String(port), ...(existsSync(faceModel) ? ['--face-model', faceModel] : [])];
  const child = spawn(assay, words, {env: {...process.env, ASSAY_UNLIMITED_RATES: '1'}, stdio: ['ignore', 'pipe', 'pipe']});
  let said = '';
  const listening = new Promise((done, failed) => {
    const hear = bytes => {
      said += bytes;
      if (said.includes('Ctrl-C stops everything')) done();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', code => failed(new Error(`assay demo ended with ${code}:\n${said}`)));
  });
  await listening;
  const signIns = Object.fromEntries([...said.matchAll(/^ {2}(\w+)@(\S+) {3}(\S+) {3}/gm)].map(([, name, host, password]) => [name, {email: `${name}@${host}`, password}]));
  const base = `https://localhost:${port}/t/demo`;
  const stop = async () => {
    if (child.exitCode === null) {
      const ended = new Promise(done => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    }
    assert.equal(child.exitCode, 0, `assay demo ended with ${child.exitCode ?? child.signalCode}:\n${said.slice(-4000)}`);
    rmSync(state, {recursive: true, force: true});
  };
  return {base, port, state, signIns, stop, output: () => said};
}

// ---- the browser

/** Sanitizers on two busy cores are slow; what is lost is lost after this many milliseconds. */
export const patience = 60_000;

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--ignore-certificate-errors'];

/** Chromium with `camera` (a video file) as its webcam, reaching the service through `network` (network.mjs) where one is given. */
export function launch({camera, network, service} = {}) {
  const video = camera === undefined ? [] : ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`];
  const way = network === undefined ? [] : [`--host-resolver-rules=MAP localhost:${service.port} 127.0.0.1:${network.port}`];
  return chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...flags, ...video, ...way]});
}

const complaints = [];

/** Each browser context of these tests: what a page says in its console is heard. */
export async function newContext(browser, options = {}) {
  const context = await browser.newContext({ignoreHTTPSErrors: true, locale: 'en-GB', viewport: {width: 1180, height: 860}, ...options});
  context.setDefaultTimeout(patience);
  context.on('page', page => {
    page.on('console', line => ['error', 'warning'].includes(line.type()) && complaints.push(`${page.url()}: ${line.text()}`));
    page.on('pageerror', error => complaints.push(`${page.url()}: ${error}`));
  });
  return context;
}

/** Nothing was said in any page's console, but for what `expected` covers: content policy, trusted types, scripts, missing files. */
export function assertNoComplaints(expected = []) {
  assert.deepEqual(complaints.filter(one => !expected.some(pattern => pattern.test(one))), []);
}

/**
 * A camera's video (Motion JPEG, 4:2:0 as Chromium wants it) of the real face, which moves a little and has a sensor's noise, as a live
 * picture does. `away(second)` says when nobody is in the picture. Chromium plays it in a loop.
 */
export async function makeCameraVideo(file, {seconds, away = () => false, framesPerSecond = 30}) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const face = `data:image/${extname(faceFile).slice(1).replace('jpg', 'jpeg')};base64,${readFileSync(faceFile).toString('base64')}`;
    const plan = Array.from({length: seconds * framesPerSecond}, (_, at) => away(at / framesPerSecond));
    const frames = await page.evaluate(async ({face, plan}) => {
      const image = new Image();
      image.src = face;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [640, 480];
      const context = canvas.getContext('2d', {willReadFrequently: true});
      const frames = [];
      let seed = 1;
      for (const [at, away] of plan.entries()) {
        context.fillStyle = '#8d9aa5';
        context.fillRect(0, 0, 640, 480);
        context.fillStyle = '#5d4a3a'; // a shelf: an empty room is not a covered camera
        for (let line = 0; line < 6; ++line) context.fillRect(30 + line * 105, 60 + (line % 3) * 90, 80, 160);
        const scale = 480 / image.height;
        if (!away) context.drawImage(image, (640 - image.width * scale) / 2 + 6 * Math.sin(at / 7), 3 * Math.cos(at / 5), image.width * scale, 480);
        const pixels = context.getImageData(0, 0, 640, 480);
        for (let i = 0; i < pixels.data.length; i += 4) {
          seed = (seed * 1103515245 + 12345) & 0x7fffffff;
          const noise = ((seed >> 16) % 13) - 6;
          for (let c = 0; c < 3; ++c) pixels.data[i + c] += noise;
        }
        context.putImageData(pixels, 0, 0);
        frames.push(canvas.toDataURL('image/jpeg', 0.8).split(',')[1]);
      }
      return frames;
    }, {face, plan});
    writeFileSync(file, Buffer.concat(frames.map(frame => Buffer.from(frame, 'base64'))));
  } finally {
    await browser.close();
  }
  return file;
}

// ---- pictures and accessibility

const pictures = join(build, 'browser-pictures');

/** Keeps a picture of the page for people to look at, and asks axe-core about it: a page in any state has no violation. */
export async function look(page, name) {
  mkdirSync(pictures, {recursive: true});
  await page.screenshot({path: join(pictures, `${name}.png`), fullPage: true});
  await assertAccessible(page, name);
}

export async function assertAccessible(page, name) {
  await page.evaluate(`${axe}; undefined`); // evaluated by the debugger: the page's own policy stays as it is
  const {violations} = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ['violations']}));
  const told = violations.map(one => `${one.id} (${one.impact}): ${one.help}\n` + one.nodes.map(node => `    ${node.target.join(' ')}: ${node.failureSummary}`).join('\n'));
  assert.deepEqual(told, [], `${name}: ${told.join('\n')}`);
}

// ---- staff

export async function signIn(browser, service, who, options) {
  const page = await (await newContext(browser, options)).newPage();
  await page.goto(`${service.base}/staff/sign-in`);
  await page.fill('#email', service.signIns[who].email);
  await page.fill('#password', service.signIns[who].password);
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  assert.doesNotMatch(page.url(), /sign-in/, `${who} can't sign in`);
  return page;
}

/** Invites somebody and returns the link. */
export async function invite(page, service, {name, email, camera, locale = 'en'}) {
  await page.goto(`${service.base}/staff/invite`);
  await page.fill('#full_name', name);
  await page.fill('#email', email);
  await page.selectOption('#locale', locale);
  const exam = await page.locator('#exam option').evaluateAll((options, wanted) =>
    options.find(option => option.textContent.includes('(without camera)') !== wanted)?.value, camera);
  await page.selectOption('#exam', exam);
  await Promise.all([page.waitForNavigation(), page.click('main form button.primary')]);
  return page.inputValue('#link');
}

// ---- the candidate

/** Correct responses of the demo bank: item identifier → response identifier → values. */
const key = new Map();
const bank = join(source, 'exam', 'demo_bank', 'items');
for (const area of readdirSync(bank)) {
  for (const file of readdirSync(join(bank, area))) {
    const xml = readFileSync(join(bank, area, file), 'utf8');
    const responses = [...xml.matchAll(/<qti-response-declaration identifier="(\w+)"[^]*?<qti-correct-response>([^]*?)<\/qti-correct-response>/g)];
    const values = text => [...text.matchAll(/<qti-value>([^<]*)<\/qti-value>/g)].map(([, value]) => value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
    key.set(/<qti-assessment-item[^>]* identifier="([\w.-]+)"/.exec(xml)[1], new Map(responses.map(([, identifier, body]) => [identifier, values(body)])));
  }
}

/** Hears what the exam's connection brings: the item that stands on the page, as the server sent it, and how often one came. */
export function hearExam(page) {
  const heard = {item: undefined, ordinal: 0, frames: 0, pictures: 0};
  page.on('websocket', socket => {
    if (socket.url().includes('/ws/proctor/')) socket.on('framesent', () => (heard.pictures += 1));
    if (!socket.url().includes('/ws/exam/')) return;
    socket.on('framereceived', ({payload}) => {
      heard.frames += 1;
      const text = payload.toString('utf8');
      const [first, last] = [text.indexOf('{"body"'), text.lastIndexOf('}')];
      if (first >= 0) heard.item = JSON.parse(text.slice(first, last + 1));
    });
  });
  return heard;
}

/** The right answers to a presented item: response identifier → QTI values. */
export function answersOf(item) {
  const answers = key.get(item.identifier);
  assert.ok(answers, `${item.identifier} is not in the demo bank`);
  return answers;
}

const heading = page => page.locator('#question-heading').innerText();

/** Puts the right answer into the page's controls, as a hand would. */
export async function fillIn(page, item) {
  const answers = answersOf(item);
  const place = page.locator('#item');
  let inline = 0, entry = 0;
  for (const interaction of item.interactions) {
    const right = answers.get(interaction.response);
    switch (interaction.kind) {
      case 'choice':
        for (const one of right) await place.locator(`input[value="${one}"]`).check();
        break;
      case 'text-entry':
        await place.locator('input.inline').nth(entry++).fill(right[0]);
        break;
      case 'inline-choice':
        await place.locator('select.inline').nth(inline++).selectOption(right[0]);
        break;
      case 'match': {
        const lists = place.locator('.pairs > div');
        for (const pair of right) {
          const [from, to] = pair.split(' ');
          const row = interaction.sources.findIndex(one => one.identifier === from), column = interaction.targets.findIndex(one => one.identifier === to);
          if (await lists.count()) await lists.nth(row).locator('select').selectOption(to);
          else await place.locator('tbody tr').nth(row).locator('input').nth(column).check();
        }
        break;
      }
      case 'order': {
        const lines = interaction.choices.map(one => one.identifier);
        for (const [to, wanted] of right.entries()) {
          for (let at = lines.indexOf(wanted); at > to; --at) {
            await place.locator('ol.order > li').nth(at).locator('button').first().click();
            [lines[at - 1], lines[at]] = [lines[at], lines[at - 1]];
          }
        }
        const confirm = place.locator('label.choice input');
        if (await confirm.count()) await confirm.check();
        for (const box of await place.locator('ol.order > li > input').all()) if (right.includes(lines[(await place.locator('ol.order > li > input').all()).indexOf(box)])) await box.check();
        break;
      }
      default: assert.fail(`no hand for ${interaction.kind}`);
    }
  }
}

/** Sends what is filled in and waits until the server has presented the next question or ended the exam. */
export async function submit(page) {
  const before = await heading(page);
  await page.click('#submit');
  await page.waitForFunction(old => !document.getElementById('ended').hidden || document.getElementById('question-heading').textContent !== old, before);
}

export const isOver = page => page.locator('#ended').isVisible();

/** Answers everything correctly until the exam ends. `each(number)` is called before each answer. */
export async function answerAll(page, heard, each = async () => {}) {
  await page.waitForFunction(() => document.querySelector('#item .item') !== null);
  let answered = 0;
  while (!(await isOver(page))) {
    await each(answered + 1);
    await fillIn(page, heard.item);
    await submit(page);
    assert.ok(++answered <= 30, 'the exam does not end');
  }
  return answered;
}

export const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

/** From the link to the running exam. `visit(page, state)` sees every page on the way. */
export async function begin(page, link, {camera, visit = async () => {}}) {
  await page.goto(link);
  await visit(page, 'invitation');
  await press(page, 'main form button.primary');
  await visit(page, 'consent');
  for (const box of await page.locator('main form input[type=checkbox]').all()) await box.check();
  await press(page, 'main form button.primary');
  if (camera && !(await page.locator('[data-check=camera].check-passed').isVisible())) await page.click('#camera-start');
  await page.waitForSelector('#begin:not([disabled])');
  await visit(page, 'system-check');
  const heard = hearExam(page);
  await press(page, '#begin');
  await page.waitForFunction(() => document.querySelector('#item .item') !== null);
  await visit(page, 'exam');
  return heard;
}

/** Reloads until `selector` is there: what follows an ended exam is decided by the server in its own time. */
export async function reloadUntil(page, selector, seconds = 90) {
  const until = Date.now() + seconds * 1000;
  while (!(await page.locator(selector).first().isVisible())) {
    assert.ok(Date.now() < until, `no ${selector} on ${page.url()} within ${seconds} s: ${(await page.locator('main').innerText()).slice(0, 600)}`);
    await page.waitForTimeout(500);
    await page.reload();
  }
}
