// The bar above the question: where one stands, how long is left, what is saved. It ticks once a second, silently; screen
// readers hear a word at 30, 10, 5 and 1 minutes, when the connection goes or returns, and when they ask.
import { byId, setText } from './dom';
import { clockFace, markPassed, type ServerClock } from './server_clock';
import { text } from './texts';

export type SyncState = { readonly kind: 'connecting' | 'ready' } | { readonly kind: 'saved'; readonly atMs: number } | { readonly kind: 'saving' | 'offline'; readonly count: number };

export class StatusBar {
  private readonly progress = byId('progress', HTMLElement);
  private readonly sync = byId('sync', HTMLElement);
  private readonly syncText = byId('sync-text', HTMLElement);
  private readonly timer = byId('timer', HTMLElement);
  private readonly toggle = byId('timer-toggle', HTMLButtonElement);
  private readonly polite = byId('polite', HTMLElement);
  private state: SyncState = { kind: 'connecting' };
  private leftBefore: number | undefined;

  constructor(private readonly clock: ServerClock) {
    this.toggle.addEventListener('click', () => this.toggleTimer());
    byId('timer-say', HTMLButtonElement).addEventListener('click', () => this.say(this.timeLeft()));
    window.setInterval(() => this.tick(), 1000);
  }

  say(message: string): void {
    this.polite.textContent = '';
    window.setTimeout(() => (this.polite.textContent = message), 50); // the same words twice are news twice
  }

  setProgress(message: string): void {
    setText(this.progress, message);
  }

  setSync(state: SyncState): void {
    const before = this.state.kind;
    this.state = state;
    this.showSync();
    if (state.kind === 'offline' && before !== 'offline') this.say(this.syncText.textContent ?? '');
    if (before === 'offline' && (state.kind === 'ready' || state.kind === 'saving')) this.say(text('player.sync.ready'));
  }

  tick(): void {
    this.showSync();
    const left = this.clock.leftMs();
    setText(this.timer, left === undefined ? text('player.timer.none') : clockFace(left));
    if (left === undefined) return;
    const mark = this.leftBefore === undefined ? undefined : markPassed(this.leftBefore, left);
    this.leftBefore = left;
    if (mark !== undefined) this.say(text('player.timer.left', { minutes: mark }));
  }

  private timeLeft(): string {
    const left = this.clock.leftMs();
    if (left === undefined) return text('player.timer.none');
    if (this.clock.standing) return text('player.timer.standing');
    return text('player.timer.left', { minutes: Math.floor(left / 60_000) });
  }

  private toggleTimer(): void {
    const hide = !('hidden' in this.timer.dataset);
    if (hide) this.timer.dataset['hidden'] = '';
    else delete this.timer.dataset['hidden'];
    setText(this.toggle, text(hide ? 'player.timer.show' : 'player.timer.hide'));
  }

  private showSync(): void {
    this.sync.dataset['state'] = this.state.kind;
    setText(this.syncText, this.syncWords());
  }

  private syncWords(): string {
    switch (this.state.kind) {
      case 'connecting':
        return text('player.sync.connecting');
      case 'ready':
        return text('player.sync.ready');
      case 'saving':
        return text('player.sync.saving', { count: this.state.count });
      case 'offline':
        return text('player.sync.offline', { count: this.state.count });
      case 'saved': {
        const seconds = Math.floor((performance.now() - this.state.atMs) / 1000);
        if (seconds >= 60) return text('player.sync.saved_minutes', { minutes: Math.floor(seconds / 60) });
        return text('player.sync.saved', { seconds: seconds < 2 ? 0 : seconds });
      }
    }
  }
}
