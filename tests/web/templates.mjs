// web/templates as trees, for the tests that read them: what stands in them, and what a context makes of them.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { source, web } from './support.mjs';

// What the renderer adds to mustache (server/pages/renderer.hpp): sections that turn their words into something else.
export const lambdas = new Set(['t', 'texts', 'asset', 'date', 'datetime', 'number', 'percent']);

/** Nodes: {text} | {variable} | {partial} | {section, inverted, nodes, words, line}; `words` is the raw text inside. */
export function parse(text, name = 'template') {
  const top = { nodes: [], words: '' };
  const open = [top];
  let at = 0;
  const put = (node) => open.at(-1).nodes.push(node);
  for (const found of text.matchAll(/\{\{(\{?)\s*([#^/>!&]?)\s*([^]*?)\s*\}?\}\}/g)) {
    if (found.index > at) put({ text: text.slice(at, found.index) });
    at = found.index + found[0].length;
    const [, , sign, word] = found;
    const line = text.slice(0, found.index).split('\n').length;
    if (sign === '!') continue;
    if (sign === '>') put({ partial: word });
    else if (sign === '#' || sign === '^') open.push({ section: word, inverted: sign === '^', nodes: [], words: '', line, from: at });
    else if (sign === '/') {
      const closed = open.pop();
      if (closed.section !== word) throw new Error(`${name}:${line}: {{/${word}}} closes ${closed.section}`);
      closed.words = text.slice(closed.from, found.index);
      put(closed);
    } else put({ variable: word });
  }
  if (at < text.length) put({ text: text.slice(at) });
  if (open.length !== 1) throw new Error(`${name}: {{#${open.at(-1).section}}} is not closed`);
  return top.nodes;
}

const folder = join(web, 'templates');
const read = (path) => {
  const text = readFileSync(path, 'utf8');
  const head = text.startsWith('{{!') ? text.slice(3, text.indexOf('}}')) : '';
  const line = (word) => new RegExp(`^${word}: *(.*)$`, 'm').exec(head)?.[1].trim();
  return { name: basename(path, '.mustache'), text, nodes: parse(text, path), title: line('title'), scripts: (line('scripts') ?? '').split(' ').filter(Boolean) };
};
const below = (path) => readdirSync(path).filter((file) => file.endsWith('.mustache')).map((file) => read(join(path, file)));

export const layout = below(folder).find((one) => one.name === 'layout');
export const pages = below(folder).filter((one) => one.name !== 'layout');
export const partials = new Map(below(join(folder, 'partials')).map((one) => [one.name, one]));
export const everyTemplate = [layout, ...pages, ...partials.values()];

/** The states to look at: each file of tests/web/contexts. */
export const contexts = readdirSync(join(source, 'tests/web/contexts')).sort().map((file) => ({
  name: basename(file, '.json'),
  ...JSON.parse(readFileSync(join(source, 'tests/web/contexts', file), 'utf8')),
}));

/** Calls `visit(node)` for each node, partials' too when `through` says what they are. */
export function walk(nodes, visit, through = new Map()) {
  for (const node of nodes) {
    visit(node);
    if (node.nodes !== undefined && !lambdas.has(node.section)) walk(node.nodes, visit, through);
    if (node.partial !== undefined && through.has(node.partial)) walk(through.get(node.partial).nodes, visit, through);
  }
}

const nothing = (value) => value === undefined || value === null || value === false || value === '' || (Array.isArray(value) && value.length === 0);

export function lookUp(stack, path) {
  if (path === '.') return stack.at(-1);
  const equals = path.indexOf('=');
  if (equals >= 0) return lookUp(stack, path.slice(0, equals)) === path.slice(equals + 1);
  const [first, ...rest] = path.split('.');
  const frame = stack.findLast((one) => one !== null && typeof one === 'object' && first in one);
  return rest.reduce((value, part) => value?.[part], frame?.[first]);
}

/** Plays `nodes` with `stack`, as the renderer does: `shown(node)` hears each section whose content came out, `said(key)` each message. */
export function play(nodes, stack, { shown, said }) {
  for (const node of nodes) {
    if (node.partial !== undefined) play(partials.get(node.partial).nodes, stack, { shown, said });
    if (node.section === undefined) continue;
    if (node.section === 't') {
      said(node.words.replace(/\{\{([\w.]+)\}\}/g, (_, path) => String(lookUp(stack, path) ?? '')).trim().split(/\s+/)[0]);
      continue;
    }
    if (lambdas.has(node.section)) continue;
    const value = lookUp(stack, node.section);
    if (node.inverted ? !nothing(value) : nothing(value)) continue;
    shown(node);
    const frames = node.inverted || value === true || typeof value !== 'object' ? [undefined] : Array.isArray(value) ? value : [value];
    for (const frame of frames) play(node.nodes, frame === undefined ? stack : [...stack, frame], { shown, said });
  }
}
