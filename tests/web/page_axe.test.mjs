// Every page in every state that tests/web/contexts has, in both languages: no finding of axe, no complaint of the content
// security policy, nothing wider than a 320 px screen. ASSAY_PICTURES=FOLDER keeps pictures.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessibilityFindings, launchChromium, servePreviews, source } from './support.mjs';
import { clock, examServer, items, presented, running, state } from './exam_server.mjs';

const pictures = process.env.ASSAY_PICTURES;
const looks = {
  en: { viewport: { width: 1100, height: 850 }, colorScheme: 'light' },
  ar: { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
  'ar-wide': { viewport: { width: 1100, height: 850 }, colorScheme: 'light' },
};

const out = mkdtempSync(join(tmpdir(), 'assay-pages-'));
execFileSync(process.env.ASSAY_PAGE_PREVIEW ?? join(source, 'build/dev/server/pages/assay-page-preview'), [source, join(source, 'tests/web/contexts'), out]);
if (pictures !== undefined) mkdirSync(pictures, { recursive: true });

let server;
let browser;
before(async () => {
  server = await servePreviews(out);
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  server?.close();
});

async function open(name, look, prepare = async () => {}) {
  const context = await browser.newContext({ ...looks[look], reducedMotion: 'reduce' });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (line) => {
    if (line.type() === 'error' && /Content Security Policy|TrustedHTML|Trusted/.test(line.text())) complaints.push(line.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await prepare(page, context);
  await page.goto(`${server.origin}/${name}.${look.slice(0, 2)}.html`);
  return { page, context, complaints };
}

async function inspect({ page, context, complaints }, picture) {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${picture}.png`), fullPage: true });
  assert.deepEqual(await accessibilityFindings(page), [], picture);
  const { wide, screen } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, screen: innerWidth }));
  assert.ok(wide <= screen, `${picture} is ${wide} px wide on a screen of ${screen}`);
  assert.deepEqual(complaints, [], picture);
  await context.close();
}

const names = readdirSync(join(source, 'tests/web/contexts')).map((file) => file.replace(/\.json$/, ''));
for (const name of names.filter((one) => !one.startsWith('exam_'))) {
  for (const look of ['en', 'ar']) {
    test(`${name} (${look})`, async () => inspect(await open(name, look), `${name}.${look}`));
  }
}
if (pictures !== undefined) {
  for (const name of names.filter((one) => /^(verify_valid|result_passed|certificate_|invitation_camera|staff_incident_face|staff_sittings$|consent_camera)/.test(one))) {
    test(`${name} (picture)`, async () => inspect(await open(name, 'ar-wide'), `${name}.ar-wide`));
  }
}

const camera = async (page) => page.addInitScript(() => {
  navigator.mediaDevices && (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')));
});

for (const [kind, sample] of Object.entries(items)) {
  for (const look of ['en', 'ar']) {
    test(`exam with ${kind} (${look})`, async () => {
      const opened = await open('exam_camera', look, async (page) => {
        await camera(page);
        await examServer(page, (send, message) => {
          if (message.case === 'attach') send('welcome', { attachment: 1, state: running(6), clock: clock(41), item: presented(7, sample), lengthMin: 20, lengthMax: 40 });
        });
      });
      await opened.page.waitForSelector('.item');
      assert.equal(await opened.page.evaluate(() => document.activeElement?.id), 'question-heading');
      await inspect(opened, `exam_${kind}.${look}`);
    });
  }
}

const states = {
  paused: (send) => send('state', state({ runState: 'paused', pausedBy: 'break' })),
  ended: (send) => send('state', state({ runState: 'submitted', itemsAnswered: 32, resultPath: '/t/demo/sitting/s1/result' })),
  cut_off: (send) => send('cutOff', { reason: 'other device' }),
  dropped: (_send, socket) => socket.close({ code: 1012 }),
};
const shown = { paused: '#pause:not([hidden])', ended: '#ended:not([hidden])', cut_off: '#cut-off:not([hidden])', dropped: '#banner:not([hidden])' };
for (const [name, act] of Object.entries(states)) {
  for (const look of ['en', 'ar']) {
    test(`exam ${name} (${look})`, async () => {
      const opened = await open('exam_open', look, (page) =>
        examServer(page, (send, message, socket) => {
          if (message.case !== 'attach') return;
          send('welcome', { attachment: 1, state: running(6), clock: clock(41), item: presented(7, items.choice), lengthMin: 20, lengthMax: 40 });
          setTimeout(() => act(send, socket), 300);
        }),
      );
      await opened.page.waitForSelector(shown[name]);
      await inspect(opened, `exam_${name}.${look}`);
    });
  }
}

for (const dialog of ['help', 'finish']) {
  test(`exam with its ${dialog} dialog open`, async () => {
    const opened = await open('exam_open', 'en', (page) =>
      examServer(page, (send, message) => {
        if (message.case === 'attach') send('welcome', { attachment: 1, state: running(6), clock: clock(41), item: presented(7, items.choice), lengthMin: 20, lengthMax: 40 });
      }),
    );
    await opened.page.waitForSelector('.item');
    await opened.page.click(`#${dialog}-open`);
    await inspect(opened, `exam_dialog_${dialog}.en`);
  });
}
