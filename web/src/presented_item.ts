// exam::PresentedItem as JSON ("assay.presented-item.v1"; exam/item.hpp says what each member means).

export type ContentNode =
  | string
  | { readonly element: string; readonly attributes?: Readonly<Record<string, string>>; readonly children?: readonly ContentNode[] }
  | { readonly interaction: string };

export interface Choice {
  readonly identifier: string;
  readonly content: readonly ContentNode[];
  readonly match_max?: number;
}

interface Common {
  readonly response: string;
  readonly prompt?: readonly ContentNode[];
}
export type ChoiceInteraction = Common & { readonly kind: 'choice'; readonly min_choices: number; readonly max_choices: number; readonly choices: readonly Choice[] };
export type OrderInteraction = Common & { readonly kind: 'order'; readonly min_choices: number; readonly max_choices: number; readonly choices: readonly Choice[] };
export type MatchInteraction = Common & {
  readonly kind: 'match';
  readonly min_associations: number;
  readonly max_associations: number;
  readonly sources: readonly Choice[];
  readonly targets: readonly Choice[];
};
export type TextEntryInteraction = Common & { readonly kind: 'text-entry'; readonly expected_length: number; readonly placeholder: string; readonly numeric: boolean };
export type InlineChoiceInteraction = Common & { readonly kind: 'inline-choice'; readonly choices: readonly Choice[] };
export type Interaction = ChoiceInteraction | OrderInteraction | MatchInteraction | TextEntryInteraction | InlineChoiceInteraction;

export interface PresentedItem {
  readonly format: 'assay.presented-item.v1';
  readonly identifier: string;
  readonly language: string;
  readonly body: readonly ContentNode[];
  readonly interactions: readonly Interaction[];
}

export function parsePresentedItem(text: string): PresentedItem {
  const value = JSON.parse(text) as PresentedItem;
  if (value.format !== 'assay.presented-item.v1') throw new Error('not a presented item');
  return value;
}
