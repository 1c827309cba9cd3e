// One presented item on the page: its body with the controls where the author put them, and its answer.
import { build } from './content';
import { make } from './dom';
import { answering, type Answering } from './interactions';
import type { Response } from './outbox';
import type { PresentedItem } from './presented_item';

const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

export const directionOf = (language: string): 'rtl' | 'ltr' => (rightToLeft.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr');

export interface ItemView {
  readonly element: HTMLElement;
  response(): readonly Response[];
  problem(): string | undefined;
  /** Shows an answer that was given before. */
  restore(response: readonly Response[]): void;
}

export function showItem(item: PresentedItem, language: string, media: string, say: (message: string) => void): ItemView {
  const parts = new Map<string, Answering>();
  const place = {
    media,
    interaction: (response: string): Node => {
      const found = item.interactions.findIndex((interaction) => interaction.response === response);
      const interaction = item.interactions[found];
      if (interaction === undefined) throw new Error(`no interaction ${response}`);
      const made = answering(interaction, found + 1, place, say);
      parts.set(response, made);
      return made.element;
    },
  };
  const element = make('div', { class: 'item', lang: language, dir: directionOf(language) });
  element.append(build(item.body, place));
  if (parts.size !== item.interactions.length) throw new Error('an interaction is not placed');
  return {
    element,
    response: () => [...parts].map(([identifier, part]) => ({ identifier, values: part.values() })),
    restore: (response) => {
      for (const [identifier, part] of parts) part.restore(response.find((one) => one.identifier === identifier)?.values ?? []);
    },
    problem: () => [...parts.values()].map((part) => part.problem()).find((problem) => problem !== undefined),
  };
}
