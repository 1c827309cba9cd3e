// What the exam will need, tried on this device before its clock runs: each check says passed, or what to do about it.
import { brightness, openCamera } from './camera';
import { byId, optional, socketAddress } from './dom';
import { text } from './texts';

type Outcome = { readonly passed: boolean; readonly words: string };

const darkBelow = 25; // of 255, where the server's own check starts to call a picture covered
const clockToleranceMs = 5000;
const connectionPatienceMs = 8000;

const shell = byId('system-check', HTMLElement);
const begin = byId('begin', HTMLButtonElement);
const passed = new Map<string, boolean>();

function show(check: string, outcome: Outcome | undefined): void {
  const line = shell.querySelector<HTMLElement>(`[data-check="${check}"]`);
  if (line === null) return;
  passed.set(check, outcome?.passed ?? false);
  line.className = outcome === undefined ? '' : outcome.passed ? 'check-passed' : 'check-failed';
  const words = line.querySelector('.outcome');
  if (words !== null) words.textContent = outcome?.words ?? text('check.running');
  begin.disabled = [...shell.querySelectorAll<HTMLElement>('[data-check]')].some((one) => passed.get(one.dataset['check'] ?? '') !== true);
}

function connection(): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = new WebSocket(socketAddress(shell.dataset['socket'] ?? ''), 'assay.exam.v1');
    const failed = (): void => resolve({ passed: false, words: text('check.connection_failed') });
    const timer = window.setTimeout(() => {
      socket.close();
      failed();
    }, connectionPatienceMs);
    socket.onopen = () => {
      clearTimeout(timer);
      socket.close(1000);
      resolve({ passed: true, words: text('check.passed') });
    };
    socket.onerror = () => {
      clearTimeout(timer);
      failed();
    };
  });
}

function storage(): Promise<Outcome> {
  const name = 'assay-check';
  return new Promise((resolve) => {
    const failed = (): void => resolve({ passed: false, words: text('check.storage_failed') });
    try {
      const opening = indexedDB.open(name, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('probe');
      opening.onerror = failed;
      opening.onsuccess = () => {
        const transaction = opening.result.transaction('probe', 'readwrite', { durability: 'strict' });
        transaction.objectStore('probe').put(new Uint8Array(1024), 'probe');
        transaction.onabort = failed;
        transaction.oncomplete = () => {
          opening.result.close();
          indexedDB.deleteDatabase(name);
          resolve({ passed: true, words: text('check.passed') });
        };
      };
    } catch {
      failed();
    }
  });
}

/** A wrong clock hurts nobody, because the server's counts; the candidate should know which one to look at. */
async function clock(): Promise<Outcome> {
  const before = Date.now();
  const answer = await fetch(location.href, { method: 'HEAD', cache: 'no-store' }).catch(() => undefined);
  const after = Date.now();
  const date = Date.parse(answer?.headers.get('date') ?? '');
  if (Number.isNaN(date)) return { passed: true, words: text('check.clock_unknown') };
  const skewMs = Math.abs((before + after) / 2 - date);
  if (skewMs < clockToleranceMs) return { passed: true, words: text('check.passed') };
  return { passed: true, words: text('check.clock_off', { seconds: Math.round(skewMs / 1000) }) };
}

let stream: MediaStream | undefined;

async function camera(video: HTMLVideoElement): Promise<Outcome> {
  if (stream?.getVideoTracks()[0]?.readyState !== 'live') {
    const opened = await openCamera();
    if (!(opened instanceof MediaStream)) return { passed: false, words: text(`check.camera_${opened}`) };
    stream = opened;
    video.srcObject = opened;
    await video.play();
  }
  await new Promise<void>((resolve) => video.requestVideoFrameCallback(() => resolve()));
  const dark = brightness(video) < darkBelow;
  return dark ? { passed: false, words: text('check.camera_dark') } : { passed: true, words: text('check.passed') };
}

const underWay = new Set<string>();

/** A check that runs already is not begun again: two cameras on one preview would interrupt each other. */
async function run(check: string, probe: () => Promise<Outcome>): Promise<void> {
  if (underWay.has(check)) return;
  underWay.add(check);
  show(check, undefined);
  show(check, await probe().finally(() => underWay.delete(check)));
}

async function cameraAllowed(): Promise<boolean> {
  const answer = await navigator.permissions?.query({ name: 'camera' as PermissionName }).catch(() => undefined);
  return answer?.state === 'granted';
}

const preview = optional('preview', HTMLVideoElement);

function runAll(withCamera: boolean): void {
  void run('connection', connection);
  void run('storage', storage);
  void run('clock', clock);
  if (preview === undefined) return;
  if (withCamera) void run('camera', () => camera(preview));
  else show('camera', { passed: false, words: text('check.camera_waiting') });
}

begin.disabled = true;
byId('again', HTMLButtonElement).addEventListener('click', () => runAll(true));
optional('camera-start', HTMLButtonElement)?.addEventListener('click', () => {
  if (preview !== undefined) void run('camera', () => camera(preview));
});
void cameraAllowed().then(runAll);
