// A block under review on the page: its questions to go back to, and its end, where it is handed in. Pages of exams without
// review have neither.
import { make, optional, setText } from './dom';
import { text } from './texts';

export interface BlockState {
  readonly first: number; // the first ordinal whose answer may be changed; 0: no block is under review
  readonly last: number; // the last one that was presented
  readonly complete: boolean; // every question is answered: it can be handed in
}
export const noBlock: BlockState = { first: 0, last: 0, complete: false };

export class BlockParts {
  private readonly list = optional('block', HTMLElement);
  private readonly questions = optional('block-questions', HTMLOListElement);
  private readonly ending = optional('block-end', HTMLElement);
  private readonly heading = optional('block-end-heading', HTMLElement);
  private readonly words = optional('block-end-text', HTMLElement);
  private readonly hint = optional('block-end-hint', HTMLElement);
  private readonly handIn = optional('hand-in', HTMLButtonElement);
  private readonly leave = optional('leave-review', HTMLButtonElement);

  constructor(
    private readonly visit: (ordinal: number) => void,
    handedIn: () => void,
    left: () => void,
  ) {
    this.handIn?.addEventListener('click', handedIn);
    this.leave?.addEventListener('click', left);
  }

  /** `current`: the ordinal on the page. `waiting`: the one without an answer. Nothing else shows while the exam is paused. */
  show(state: BlockState, current: number | undefined, waiting: number | undefined, paused: boolean): void {
    if (this.list === undefined || this.questions === undefined) return;
    this.list.hidden = paused || state.first === 0 || state.last === 0;
    if (this.leave !== undefined) this.leave.hidden = current === undefined || current === waiting;
    const ordinals = this.list.hidden ? [] : Array.from({ length: state.last - state.first + 1 }, (_, i) => state.first + i);
    this.questions.replaceChildren(...ordinals.map((ordinal) => make('li', {}, this.button(ordinal, ordinal === current, ordinal !== waiting))));
    const ended = !paused && state.complete && current === undefined;
    if (this.ending === undefined || this.words === undefined) return;
    const appears = ended && this.ending.hidden;
    this.ending.hidden = !ended;
    setText(this.words, text('player.block.end_text', { first: state.first, last: state.last }));
    if (appears) {
      this.problem('');
      this.heading?.focus();
      scrollTo({ top: 0 });
    }
  }

  lock(locked: boolean): void {
    if (this.handIn !== undefined) {
      this.handIn.disabled = locked;
      this.handIn.textContent = text(locked ? 'player.sending' : 'player.block.hand_in');
    }
    if (this.leave !== undefined) this.leave.disabled = locked;
    for (const button of this.questions?.querySelectorAll('button') ?? []) button.disabled = locked;
  }

  problem(words: string): void {
    if (this.hint !== undefined) this.hint.textContent = words;
  }

  private button(ordinal: number, current: boolean, answered: boolean): HTMLButtonElement {
    const label = text('player.block.go', { ordinal, answered: answered ? 'yes' : 'no' });
    const button = make('button', { type: 'button', 'aria-label': label }, text('player.block.number', { ordinal }));
    if (current) button.setAttribute('aria-current', 'true');
    if (answered) button.dataset['answered'] = '';
    button.addEventListener('click', () => this.visit(ordinal));
    return button;
  }
}
