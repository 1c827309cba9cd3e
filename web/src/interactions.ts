// The five kinds of answering, each from native form controls: everything works by keyboard, and nothing needs dragging.
import { build, type Place } from './content';
import { make } from './dom';
import type {
  Choice,
  ChoiceInteraction,
  ContentNode,
  InlineChoiceInteraction,
  Interaction,
  MatchInteraction,
  OrderInteraction,
  TextEntryInteraction,
} from './presented_item';
import { text } from './texts';

/** What stands on the page, what it says now (QTI values), and what keeps it from being sent, in words. */
export interface Answering {
  readonly element: HTMLElement;
  values(): string[];
  problem(): string | undefined;
  /** Shows an answer that was given before, as values() told it. */
  restore(values: readonly string[]): void;
}

let lastId = 0;
const freshId = (): string => `i${(lastId += 1)}`;

/** Our own words inside an item, which may be in another language than the page. */
const ours = { lang: document.documentElement.lang, dir: document.documentElement.dir };

const contentPlace = (place: Place): Place => ({ media: place.media, interaction: () => document.createDocumentFragment() });
const content = (nodes: readonly ContentNode[], place: Place): DocumentFragment => build(nodes, contentPlace(place));

function words(choice: Choice, place: Place): string {
  return (content(choice.content, place).textContent ?? '').trim() || choice.identifier;
}

/** A group named by its prompt, or by the question above it, and described by how to answer. */
function group(role: string, prompt: readonly ContentNode[] | undefined, how: string, place: Place): HTMLElement {
  const box = make('div', { role });
  const howId = freshId();
  box.setAttribute('aria-describedby', howId);
  if (prompt !== undefined && prompt.length > 0) {
    const id = freshId();
    const heading = make('div', { id, class: 'prompt' });
    heading.append(content(prompt, place));
    box.append(heading);
    box.setAttribute('aria-labelledby', id);
  } else {
    box.setAttribute('aria-labelledby', 'question-heading');
  }
  box.append(make('p', { id: howId, class: 'how', ...ours }, how));
  return box;
}

function howToChoose({ min_choices: min, max_choices: max }: ChoiceInteraction): string {
  if (max === 1) return text('player.choose_one');
  if (max === 0) return text('player.choose_any');
  return min === max ? text('player.choose_exactly', { count: max }) : text('player.choose_up_to', { count: max });
}

function choice(interaction: ChoiceInteraction, place: Place): Answering {
  const single = interaction.max_choices === 1;
  const element = group(single ? 'radiogroup' : 'group', interaction.prompt, howToChoose(interaction), place);
  const name = freshId();
  const inputs = interaction.choices.map((one) => {
    const input = make('input', { type: single ? 'radio' : 'checkbox', name, value: one.identifier });
    const label = make('span');
    label.append(content(one.content, place));
    element.append(make('label', { class: 'option' }, input, label));
    return input;
  });
  const values = (): string[] => inputs.filter((input) => input.checked).map((input) => input.value);
  return {
    element,
    values,
    restore: (given) => {
      for (const input of inputs) input.checked = given.includes(input.value);
    },
    problem: () => {
      const count = values().length;
      if (count === 0) return text('player.answer_missing');
      if (count < interaction.min_choices) return text('player.choose_at_least', { count: interaction.min_choices });
      if (!single && interaction.max_choices > 0 && count > interaction.max_choices) {
        return text('player.choose_at_most', { count: interaction.max_choices });
      }
      return undefined;
    },
  };
}

function order(interaction: OrderInteraction, place: Place, say: (message: string) => void): Answering {
  const some = interaction.max_choices > 0 && interaction.max_choices < interaction.choices.length;
  const element = group('group', interaction.prompt, text(some ? 'player.order.help_some' : 'player.order.help'), place);
  const list = make('ol', { class: 'order' });
  const total = interaction.choices.length;

  interface Line { readonly item: HTMLLIElement; readonly identifier: string; readonly name: string; readonly used: () => boolean; readonly use: (used: boolean) => void }
  const lines: Line[] = [];
  const confirm = make('input', { type: 'checkbox' });

  const move = (line: Line, by: number, focus: HTMLElement): void => {
    const from = lines.indexOf(line);
    const to = from + by;
    const other = lines[to];
    if (other === undefined) return;
    lines.splice(from, 1);
    lines.splice(to, 0, line);
    if (by < 0) other.item.before(line.item);
    else other.item.after(line.item);
    confirm.checked = true; // moving a line is as much of a statement as ticking the box
    focus.focus();
    say(text('player.order.moved', { item: line.name, place: to + 1, total }));
  };

  for (const one of interaction.choices) {
    const name = words(one, place);
    const item = make('li');
    const include = make('input', { type: 'checkbox', 'aria-label': text('player.order.include', { item: name }) });
    const body = make('div', { class: 'content' });
    body.append(content(one.content, place));
    const up = make('button', { type: 'button', 'aria-label': text('player.order.up', { item: name }) }, '↑');
    const down = make('button', { type: 'button', 'aria-label': text('player.order.down', { item: name }) }, '↓');
    const line: Line = {
      item,
      identifier: one.identifier,
      name,
      used: () => !some || include.checked,
      use: (used) => {
        include.checked = used;
        show();
      },
    };
    const show = (): void => void item.classList.toggle('left-out', !line.used());
    include.addEventListener('change', show);
    show();
    up.addEventListener('click', () => move(line, -1, up));
    down.addEventListener('click', () => move(line, 1, down));
    item.addEventListener('keydown', (event) => {
      if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
      event.preventDefault();
      move(line, event.key === 'ArrowUp' ? -1 : 1, event.target instanceof HTMLElement ? event.target : up);
    });
    item.append(...(some ? [include] : []), body, up, down);
    list.append(item);
    lines.push(line);
  }
  element.append(list);
  if (!some) element.append(make('label', { class: 'choice', ...ours }, confirm, make('span', {}, text('player.order.confirm'))));

  const values = (): string[] => lines.filter((line) => line.used()).map((line) => line.identifier);
  const restore = (given: readonly string[]): void => {
    const place = (line: Line): number => (given.includes(line.identifier) ? given.indexOf(line.identifier) : given.length);
    lines.sort((a, b) => place(a) - place(b)); // stable: what was left out keeps its order
    for (const line of lines) {
      line.use(given.includes(line.identifier));
      list.append(line.item);
    }
    confirm.checked = true;
  };
  return {
    element,
    values,
    restore,
    problem: () => {
      if (!some) return confirm.checked ? undefined : text('player.order.unconfirmed');
      const count = values().length;
      if (count === 0) return text('player.answer_missing');
      if (count < interaction.min_choices) return text('player.choose_at_least', { count: interaction.min_choices });
      if (count > interaction.max_choices) return text('player.choose_at_most', { count: interaction.max_choices });
      return undefined;
    },
  };
}

/** Whether each source has one partner at most: then a list to choose from is simpler than a table. */
const onePartnerEach = (interaction: MatchInteraction): boolean => interaction.sources.every((source) => source.match_max === 1);

function tooOften(interaction: MatchInteraction, pairs: readonly Pair[], place: Place): string | undefined {
  for (const [side, choices] of [[0, interaction.sources], [1, interaction.targets]] as const) {
    for (const one of choices) {
      const limit = one.match_max ?? 0;
      const uses = pairs.filter((pair) => pair[side] === one.identifier).length;
      if (limit > 0 && uses > limit) return text('player.match.too_often', { item: words(one, place), count: limit });
    }
  }
  return undefined;
}

function match(interaction: MatchInteraction, place: Place): Answering {
  const lists = onePartnerEach(interaction);
  const element = group('group', interaction.prompt, text(lists ? 'player.match.help' : 'player.match.help_many'), place);
  const pairs = lists ? matchLists(interaction, place, element) : matchTable(interaction, place, element);
  return {
    element,
    values: () => pairs.made().map(([source, target]) => `${source} ${target}`),
    restore: (given) => pairs.restore(given.map((pair) => pair.split(' ')).map(([source = '', target = '']) => [source, target] as const)),
    problem: () => {
      const made = pairs.made();
      if (made.length === 0) return text('player.answer_missing');
      if (made.length < interaction.min_associations) return text('player.choose_at_least', { count: interaction.min_associations });
      if (interaction.max_associations > 0 && made.length > interaction.max_associations) {
        return text('player.choose_at_most', { count: interaction.max_associations });
      }
      return tooOften(interaction, made, place);
    },
  };
}

type Pair = readonly [string, string];
interface Pairs {
  made(): Pair[];
  restore(given: readonly Pair[]): void;
}

function matchLists(interaction: MatchInteraction, place: Place, element: HTMLElement): Pairs {
  const box = make('div', { class: 'pairs' });
  const rows = interaction.sources.map((source) => {
    const id = freshId();
    const label = make('label', { for: id });
    label.append(content(source.content, place));
    const select = make('select', { id }, make('option', { value: '' }, text('player.select.none')));
    for (const target of interaction.targets) select.append(make('option', { value: target.identifier }, words(target, place)));
    box.append(make('div', {}, label, select));
    return { source, select };
  });
  element.append(box);
  return {
    made: () => rows.filter((row) => row.select.value !== '').map((row) => [row.source.identifier, row.select.value] as const),
    restore: (given) => {
      for (const row of rows) row.select.value = given.find(([source]) => source === row.source.identifier)?.[1] ?? '';
    },
  };
}

function matchTable(interaction: MatchInteraction, place: Place, element: HTMLElement): Pairs {
  const head = make('tr', {}, make('td'));
  for (const target of interaction.targets) {
    const cell = make('th', { scope: 'col' });
    cell.append(content(target.content, place));
    head.append(cell);
  }
  const body = make('tbody');
  const boxes: { readonly pair: Pair; readonly input: HTMLInputElement }[] = [];
  for (const source of interaction.sources) {
    const header = make('th', { scope: 'row' });
    header.append(content(source.content, place));
    const row = make('tr', {}, header);
    for (const target of interaction.targets) {
      const name = text('player.match.pair', { source: words(source, place), target: words(target, place) });
      const input = make('input', { type: 'checkbox', 'aria-label': name });
      boxes.push({ pair: [source.identifier, target.identifier], input });
      row.append(make('td', {}, make('label', { class: 'cell' }, input)));
    }
    body.append(row);
  }
  element.append(make('div', { class: 'table' }, make('table', { class: 'match' }, make('thead', {}, head), body)));
  return {
    made: () => boxes.filter((box) => box.input.checked).map((box) => box.pair),
    restore: (given) => {
      for (const box of boxes) box.input.checked = given.some(([source, target]) => source === box.pair[0] && target === box.pair[1]);
    },
  };
}

function textEntry(interaction: TextEntryInteraction): Answering {
  const label = text(interaction.numeric ? 'player.text.numeric' : 'player.text.label');
  const input = make('input', { type: 'text', class: 'inline', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', 'aria-label': label });
  input.size = Math.min(40, Math.max(6, interaction.expected_length || 15));
  input.maxLength = 1000;
  if (interaction.numeric) input.inputMode = 'decimal';
  if (interaction.placeholder !== '') input.placeholder = interaction.placeholder;
  const values = (): string[] => (input.value.trim() === '' ? [] : [input.value.trim()]);
  const restore = (given: readonly string[]): void => void (input.value = given[0] ?? '');
  return { element: input, values, restore, problem: () => (values().length === 0 ? text('player.answer_missing') : undefined) };
}

function inlineChoice(interaction: InlineChoiceInteraction, place: Place, number: number): Answering {
  const select = make('select', { class: 'inline', 'aria-label': text('player.inline.label', { number }) });
  select.append(make('option', { value: '' }, text('player.select.none')));
  for (const one of interaction.choices) select.append(make('option', { value: one.identifier }, words(one, place)));
  const values = (): string[] => (select.value === '' ? [] : [select.value]);
  const restore = (given: readonly string[]): void => void (select.value = given[0] ?? '');
  return { element: select, values, restore, problem: () => (values().length === 0 ? text('player.answer_missing') : undefined) };
}

/** `number` counts from 1 within the item; `say` reaches screen readers politely. */
export function answering(interaction: Interaction, number: number, place: Place, say: (message: string) => void): Answering {
  switch (interaction.kind) {
    case 'choice':
      return choice(interaction, place);
    case 'order':
      return order(interaction, place, say);
    case 'match':
      return match(interaction, place);
    case 'text-entry':
      return textEntry(interaction);
    case 'inline-choice':
      return inlineChoice(interaction, place, number);
  }
}
