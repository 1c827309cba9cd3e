// Keys for judging an incident: d dismisses, n notes, e escalates. They choose; the reason and the button remain a person's act.
import { optional } from './dom';

const verdicts: Readonly<Record<string, string>> = { d: 'dismissed', n: 'noted', e: 'escalated' };

const writesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== 'radio');

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || writesText(event.target)) return;
  const input = optional(verdicts[event.key] ?? '', HTMLInputElement);
  if (input === undefined) return;
  event.preventDefault();
  input.checked = true;
  optional('reason', HTMLSelectElement)?.focus();
});
