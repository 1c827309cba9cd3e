// The exam player. It shows what the server presents and hands over what the candidate answers; an answer is kept on the
// device until the server says that it is stored. The server decides everything else: order, time, end.
import { BlockParts, noBlock, type BlockState } from './block';
import { byId, make, optional, setText, socketAddress } from './dom';
import { memoryStore, openDeviceStore } from './device_store';
import { ExamChannel, type ServerMessage } from './exam_channel';
import type { ClockUpdate, ItemPresented, Problem, StateChanged, Welcome } from '#proto/exam_pb';
import { showItem, type ItemView } from './item_view';
import { Outbox, type Pending, type Response } from './outbox';
import { parsePresentedItem } from './presented_item';
import { Proctor } from './proctor';
import { ServerClock } from './server_clock';
import { StatusBar } from './status_bar';
import { hasText, text } from './texts';

const acknowledgementPatienceMs = 10_000;
const heartbeatMs = 10_000;
const notLostMs = 1_500; // another device that takes over has done so by then
const endedStates = new Set(['submitted', 'timed_out', 'terminated']);

const shell = byId('player', HTMLElement);
const settings = {
  sitting: shell.dataset['sitting'] ?? '',
  examSocket: socketAddress(shell.dataset['examSocket'] ?? ''),
  proctorSocket: shell.dataset['proctorSocket'] ?? '',
  media: shell.dataset['media'] ?? '',
  resultPath: shell.dataset['result'] ?? '',
};

const randomBytes = (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size));

/** The server speaks in codes; the words are the page's. A newer server's code gets the general sentence. */
const wordsFor = (kind: string, code: string): string => text(hasText(`${kind}.${code}`) ? `${kind}.${code}` : `${kind}.other`);

/** A question that is, or was, in front of the candidate: what was typed stays in its elements. */
interface Question {
  readonly ordinal: number;
  readonly view: ItemView | undefined; // nothing: it could not be shown
  saved: readonly Response[] | undefined; // the answer that the server holds
}

const same = (a: readonly Response[], b: readonly Response[]): boolean => JSON.stringify(a) === JSON.stringify(b);

class Player {
  private readonly clock = new ServerClock();
  private readonly bar = new StatusBar(this.clock);
  private readonly channel: ExamChannel;
  private proctor: Proctor | undefined;
  private readonly questions = new Map<number, Question>(); // the one that waits, and those of the block under review
  private shown: Question | undefined; // on the page; nothing at a block's end
  private waiting: number | undefined; // the ordinal without an answer
  private wanted: number | undefined; // an earlier question that was asked for
  private block: BlockState = noBlock;
  private paused = false;
  private readonly blockParts = new BlockParts(
    (ordinal) => this.visit(ordinal),
    () => void this.handIn(),
    () => this.leave(),
  );
  private presentedAtMs = 0;
  private lengths = { min: 0, max: 0 };
  private connected = false;
  private everConnected = false;
  private over = false;
  private minutesAdded = 0;
  private creditedMs = 0;
  private patience: number | undefined;

  private readonly heading = byId('question-heading', HTMLElement);
  private readonly itemPlace = byId('item', HTMLElement);
  private readonly submitButton = byId('submit', HTMLButtonElement);
  private readonly hint = byId('hint', HTMLElement);
  private readonly banner = byId('banner', HTMLElement);

  /** `standingNotice`: what stays in the banner while nothing else does; may be empty. */
  constructor(
    private readonly outbox: Outbox,
    private readonly standingNotice: string,
  ) {
    this.hideBanner();
    this.channel = new ExamChannel(settings.examSocket, {
      opened: () => void this.channel.attach(this.outbox.attachment, this.outbox.secret),
      received: (message) => this.received(message),
      lost: () => this.lost(),
      refusedOften: () => void this.checkSignIn(),
    });
    byId('answer', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.submit();
    });
    byId('take-over', HTMLButtonElement).addEventListener('click', () => void this.takeOver());
    byId('resume', HTMLButtonElement).addEventListener('click', () => void this.channel.endBreak());
    optional('break', HTMLButtonElement)?.addEventListener('click', () => void this.channel.requestBreak());
    this.wireFullScreen();
    this.wireDialog('help');
    this.wireDialog('finish').addEventListener('close', (event) => {
      if (event.target instanceof HTMLDialogElement && event.target.returnValue === 'finish') void this.finish();
    });
    window.setInterval(() => this.connected && this.channel.heartbeat(), heartbeatMs);
    addEventListener('beforeunload', (event) => {
      if (!this.over && this.outbox.pending.length > 0) event.preventDefault();
    });
  }

  start(): void {
    this.channel.open();
    const video = optional('self', HTMLVideoElement);
    if (settings.proctorSocket === '' || video === undefined) return;
    const cameraState = byId('camera-state', HTMLElement);
    this.proctor = new Proctor({
      address: socketAddress(settings.proctorSocket),
      video,
      nowUs: () => this.clock.nowUs(),
      state: (state) => {
        const words = text(`player.camera.${state}`);
        if (cameraState.dataset['state'] !== state && state !== 'on') this.bar.say(words);
        cameraState.dataset['state'] = state;
        byId('camera-text', HTMLElement).textContent = words;
      },
      notice: (code) => this.showBanner(wordsFor('player.notice', code)),
    });
    void this.proctor.start();
  }

  /** The page was opened again elsewhere in this browser. */
  supplanted(): void {
    this.cutOff();
  }

  // --- what the server says

  private received(message: ServerMessage): void {
    switch (message.case) {
      case 'welcome':
        void this.welcomed(message.value);
        break;
      case 'item':
        this.present(message.value);
        break;
      case 'acknowledged':
        void this.acknowledged(Number(message.value.clientSeq));
        break;
      case 'clock':
        this.setClock(message.value);
        break;
      case 'state':
        this.changeState(message.value);
        break;
      case 'problem':
        void this.problem(message.value);
        break;
      case 'drain':
        this.showBanner(text('player.drain'));
        this.channel.reconnectWithin(message.value.reconnectWithinMs);
        break;
      case 'cutOff':
        this.cutOff();
        break;
      default: // of a newer server
    }
  }

  private async welcomed(welcome: Welcome): Promise<void> {
    this.connected = true;
    this.everConnected = true;
    this.hideBanner();
    this.lengths = { min: welcome.lengthMin, max: welcome.lengthMax };
    if (welcome.clock !== undefined) this.setClock(welcome.clock);
    const open = { presented: welcome.item?.ordinal, blockFirst: welcome.state?.blockFirst ?? 0 };
    const unsent = await this.outbox.welcomed(welcome.attachment, Number(welcome.acknowledgedClientSeq), open);
    if (welcome.item !== undefined) this.present(welcome.item);
    if (welcome.state !== undefined) this.changeState(welcome.state);
    if (this.over) return;
    this.lock(unsent.length > 0);
    for (const pending of unsent) this.hand(pending);
    this.showSync();
  }

  private async acknowledged(seq: number): Promise<void> {
    const stored = this.outbox.pending.filter((one) => one.seq <= seq);
    await this.outbox.acknowledged(seq);
    clearTimeout(this.patience);
    for (const one of stored) if (one.kind === 'answer') this.stored(one.ordinal, one.response);
    const goesOn = stored.some((one) => one.kind !== 'answer' || one.ordinal === this.waiting); // then something is presented next
    if (this.outbox.pending.length === 0 && !goesOn) this.lock(false);
    if (this.outbox.pending.length > 0) this.showSync();
    else this.bar.setSync({ kind: 'saved', atMs: performance.now() });
  }

  private setClock(update: ClockUpdate): void {
    this.clock.set({ serverNowUs: Number(update.serverNowUs), closesAtUs: Number(update.closesAtUs), standing: update.standing });
    if (update.minutesAdded > this.minutesAdded && this.presentedAtMs > 0) {
      this.bar.say(text('player.timer.added', { minutes: update.minutesAdded - this.minutesAdded }));
    }
    if (update.creditedMs > this.creditedMs && this.presentedAtMs > 0) this.bar.say(text('player.timer.credited'));
    this.minutesAdded = update.minutesAdded;
    this.creditedMs = update.creditedMs;
    this.bar.tick();
  }

  private changeState(state: StateChanged): void {
    if (endedStates.has(state.runState)) {
      this.end(state);
      return;
    }
    const paused = state.runState === 'paused';
    const waiting = state.runState === 'ready';
    const pause = byId('pause', HTMLElement);
    const changed = pause.hidden === (paused || waiting);
    pause.hidden = !(paused || waiting);
    this.paused = !pause.hidden;
    this.changeBlock(state);
    if (pause.hidden) {
      if (changed && this.shown !== undefined) this.heading.focus();
      return;
    }
    // Taken for lost, and still connected: saying something tells the server that the sitting is this device's.
    if (paused && state.pausedBy === 'network') window.setTimeout(() => this.connected && this.channel.heartbeat(), notLostMs);
    const by = ['break', 'staff', 'proctor', 'network'].includes(state.pausedBy) ? state.pausedBy : 'staff';
    byId('pause-heading', HTMLElement).textContent = text(paused ? 'player.paused.heading' : 'player.ready');
    byId('pause-text', HTMLElement).textContent = paused ? text(`player.paused.${by}`) : '';
    byId('resume', HTMLButtonElement).hidden = !(paused && by === 'break');
    if (changed) byId('pause-heading', HTMLElement).focus();
  }

  private async problem(problem: Problem): Promise<void> {
    const seq = Number(problem.clientSeq);
    const refused = this.outbox.pending.find((one) => one.seq === seq);
    if (refused === undefined) {
      this.showBanner(wordsFor('player.problem', problem.code));
      return;
    }
    clearTimeout(this.patience);
    if (problem.retryAfterMs > 0) {
      window.setTimeout(() => this.connected && this.hand(refused), problem.retryAfterMs);
      return;
    }
    await this.outbox.refused(seq);
    this.lock(this.outbox.pending.length > 0);
    this.showSync();
    this.hint.textContent = wordsFor('player.problem', problem.code);
    this.blockParts.problem(wordsFor('player.problem', problem.code));
  }

  /** The block that a state speaks of: a new one leaves nothing of the one before it, and a complete one comes to its end. */
  private changeBlock(state: StateChanged): void {
    if (this.waiting !== undefined && this.waiting < state.blockFirst) this.waiting = undefined; // of the block before
    const last = state.blockComplete ? state.itemsAnswered : (this.waiting ?? 0);
    if (state.blockFirst > 0) for (const ordinal of this.questions.keys()) if (ordinal < state.blockFirst) this.questions.delete(ordinal);
    this.block = state.blockFirst > 0 ? { first: state.blockFirst, last, complete: state.blockComplete } : noBlock;
    if (this.block.complete) {
      const wasLast = this.shown !== undefined && this.shown.ordinal === this.waiting;
      this.waiting = undefined;
      if (wasLast) this.shown = undefined;
      this.lock(this.outbox.pending.length > 0);
    }
    this.arrange();
  }

  /** What of the page is to be seen. */
  private arrange(): void {
    byId('question', HTMLElement).hidden = this.paused || (this.block.first > 0 && this.shown === undefined);
    if (this.block.complete && this.shown === undefined) this.showProgress(this.block.last);
    this.blockParts.show(this.block, this.shown?.ordinal, this.waiting, this.paused);
    this.blockParts.lock(this.outbox.pending.length > 0);
  }

  // --- what the candidate does

  private present(item: ItemPresented): void {
    if (item.answered) {
      this.questions.set(item.ordinal, this.questionOf(item));
      if (this.wanted === item.ordinal) this.visit(item.ordinal);
      return;
    }
    if (item.ordinal === this.waiting) return; // presented again after a reconnect: what was begun stays
    this.waiting = item.ordinal;
    this.block = { ...this.block, last: item.ordinal };
    if (this.connected) this.hideBanner(); // it was about the question before
    const question = this.questionOf(item);
    this.questions.set(item.ordinal, question);
    this.show(question);
  }

  private questionOf(item: ItemPresented): Question {
    try {
      const view = showItem(parsePresentedItem(item.presentedJson), item.language, settings.media, (message) => this.bar.say(message));
      const saved = item.answered ? item.response.map(({ identifier, values }) => ({ identifier, values: [...values] })) : undefined;
      if (saved === undefined) return { ordinal: item.ordinal, view, saved };
      view.restore(saved);
      return { ordinal: item.ordinal, view, saved: view.response() }; // as this page would write it
    } catch (error) {
      console.error(error);
      return { ordinal: item.ordinal, view: undefined, saved: undefined };
    }
  }

  private show(question: Question): void {
    this.shown = question;
    this.wanted = undefined;
    this.hint.textContent = '';
    this.itemPlace.replaceChildren(question.view?.element ?? make('p', { class: 'problem' }, text('player.broken')));
    this.heading.textContent = text('player.question', { ordinal: question.ordinal });
    this.showProgress(question.ordinal);
    this.presentedAtMs = performance.now();
    this.lock(false);
    this.arrange();
    this.heading.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  private showProgress(ordinal: number): void {
    this.bar.setProgress(text(this.lengths.min === this.lengths.max ? 'player.progress_of' : 'player.progress', { ordinal, ...this.lengths }));
  }

  /** To a question of the block under review; one that this page never had is asked for. */
  private visit(ordinal: number): void {
    if (this.outbox.pending.length > 0) return; // an answer is under way: first that
    this.restore();
    const question = this.questions.get(ordinal);
    if (question !== undefined) return this.show(question);
    this.wanted = ordinal;
    this.channel.showItem(ordinal);
  }

  /** From an earlier question back to where one was: the question that waits, or the end of the block. */
  private leave(): void {
    this.restore();
    const question = this.waiting === undefined ? undefined : this.questions.get(this.waiting);
    if (question !== undefined) return this.show(question);
    this.shown = undefined;
    this.arrange();
  }

  /** What was begun at an earlier question and not saved is given up: its recorded answer stands there again. */
  private restore(): void {
    if (this.shown?.saved !== undefined) this.shown.view?.restore(this.shown.saved);
  }

  private async submit(): Promise<void> {
    const view = this.shown?.view;
    if (this.shown === undefined || view === undefined || this.submitButton.disabled) return;
    const wrong = view.problem();
    this.hint.textContent = wrong ?? '';
    if (wrong !== undefined) return;
    const response = view.response();
    if (this.shown.saved !== undefined && same(response, this.shown.saved)) return this.leave();
    this.lock(true);
    const responseTimeMs = Math.min(0xffff_ffff, Math.round(performance.now() - this.presentedAtMs));
    const pending = await this.outbox.addAnswer({ ordinal: this.shown.ordinal, response, responseTimeMs });
    this.hand(pending);
    this.showSync();
  }

  /** The server holds this answer. A changed one leads back to where one was. */
  private stored(ordinal: number, response: readonly Response[]): void {
    const question = this.questions.get(ordinal);
    if (question === undefined) return;
    const changed = question.saved !== undefined;
    question.saved = response;
    if (this.block.first === 0) this.questions.delete(ordinal); // nothing leads back to it
    if (!changed || this.shown !== question) return;
    this.bar.say(text('player.block.saved', { ordinal }));
    this.leave();
  }

  private async handIn(): Promise<void> {
    if (!this.block.complete || this.over || this.outbox.pending.length > 0) return;
    this.lock(true);
    this.hand(await this.outbox.addBlock(this.block.first));
    this.showSync();
  }

  private async finish(): Promise<void> {
    if (this.over || this.outbox.pending.some((one) => one.kind === 'finish')) return;
    this.lock(true);
    this.hand(await this.outbox.addFinish());
    this.showSync();
  }

  /** To the network, if there is one; if the server stays silent, the connection is given up and the outbox sends again. */
  private hand(pending: Pending): void {
    if (!this.connected || !this.channel.submit(pending)) return;
    clearTimeout(this.patience);
    this.patience = window.setTimeout(() => this.channel.reconnectWithin(1000), acknowledgementPatienceMs);
  }

  private lock(locked: boolean): void {
    this.submitButton.disabled = locked || this.shown?.view === undefined;
    const earlier = this.shown !== undefined && this.shown.ordinal !== this.waiting;
    this.submitButton.textContent = text(locked ? 'player.sending' : earlier ? 'player.block.save' : 'player.submit');
    this.itemPlace.inert = locked;
    this.blockParts.lock(locked);
  }

  // --- connection and end

  private lost(): void {
    this.connected = false;
    clearTimeout(this.patience);
    if (this.over) return;
    this.showSync();
    if (this.everConnected) this.showBanner(text('player.drop'));
  }

  private showSync(): void {
    const count = this.outbox.pending.length;
    if (!this.connected) this.bar.setSync(this.everConnected || count > 0 ? { kind: 'offline', count } : { kind: 'connecting' });
    else this.bar.setSync(count > 0 ? { kind: 'saving', count } : { kind: 'ready' });
  }

  /** For eyes above the question, and for ears: a banner that appears is not read out by itself. */
  private showBanner(message: string): void {
    this.banner.textContent = message;
    this.banner.hidden = false;
    this.bar.say(message);
  }
  private hideBanner(): void {
    this.banner.textContent = this.standingNotice;
    this.banner.hidden = this.standingNotice === '';
  }

  /** The server turns the socket down: perhaps the sign-in lapsed. The page itself then leads to where one signs in again. */
  private async checkSignIn(): Promise<void> {
    const answer = await fetch(location.href, { method: 'HEAD', redirect: 'manual', cache: 'no-store' }).catch(() => undefined);
    if (answer !== undefined && (answer.type === 'opaqueredirect' || [401, 403, 404].includes(answer.status))) location.reload();
  }

  private cutOff(): void {
    if (this.over) return;
    this.connected = false;
    this.channel.stop();
    this.proctor?.stop();
    this.hideBanner();
    for (const id of ['question', 'pause', 'block', 'block-end']) optional(id, HTMLElement)?.toggleAttribute('hidden', true);
    byId('cut-off', HTMLElement).hidden = false;
    byId('cut-off-heading', HTMLElement).focus();
  }

  private async takeOver(): Promise<void> {
    await this.outbox.forgetAttachment(randomBytes(32));
    location.reload();
  }

  private end(state: StateChanged): void {
    if (this.over) return;
    this.over = true;
    this.channel.stop();
    this.proctor?.stop(); // before full screen ends: that the exam is over is no incident
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    clearTimeout(this.patience);
    void this.outbox.close();
    this.hideBanner();
    for (const one of document.querySelectorAll<HTMLElement>('#question, #pause, #block, #block-end, .bar, .tools, #self')) one.hidden = true;
    const path = state.resultPath;
    const ours = path.startsWith('/') && !path.startsWith('//');
    byId('ended-link', HTMLAnchorElement).href = ours ? path : settings.resultPath;
    byId('ended-heading', HTMLElement).textContent = text(`player.ended.heading.${state.runState}`);
    byId('ended-text', HTMLElement).textContent = text('player.ended.text', { count: state.itemsAnswered });
    byId('ended', HTMLElement).hidden = false;
    byId('ended-heading', HTMLElement).focus();
  }

  /** Full screen is the candidate's choice; leaving it is an incident's business (proctor.ts), as the rules and the help say. */
  private wireFullScreen(): void {
    const button = optional('fullscreen', HTMLButtonElement);
    if (button === undefined) return;
    button.hidden = !document.fullscreenEnabled;
    button.addEventListener('click', () => {
      void (document.fullscreenElement === null ? document.documentElement.requestFullscreen() : document.exitFullscreen()).catch(() => undefined);
    });
    document.addEventListener('fullscreenchange', () => {
      setText(button, text(document.fullscreenElement === null ? 'player.fullscreen.enter' : 'player.fullscreen.leave'));
    });
  }

  private wireDialog(name: string): HTMLDialogElement {
    const dialog = byId(`${name}-dialog`, HTMLDialogElement);
    byId(`${name}-open`, HTMLButtonElement).addEventListener('click', () => {
      dialog.returnValue = '';
      dialog.showModal();
    });
    return dialog;
  }
}

async function start(): Promise<void> {
  let storageWorks = true;
  const store = await openDeviceStore().catch(() => {
    storageWorks = false;
    return memoryStore();
  });
  const player = new Player(await Outbox.open(store, settings.sitting, randomBytes), storageWorks ? '' : text('player.storage_failed'));
  // Two tabs would share one attachment and one outbox: the newer tab takes the lock, the older one shows that it did.
  const held = navigator.locks.request(`assay-sitting-${settings.sitting}`, { steal: true }, () => {
    player.start();
    return new Promise<never>(() => undefined);
  });
  held.catch(() => player.supplanted());
}

void start();
