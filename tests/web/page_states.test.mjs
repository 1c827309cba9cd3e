// The contexts of tests/web/contexts cover the templates: what axe looks at (page_axe.test.mjs) is every template, with every part of
// it shown by some context, and every word that stands for a state.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contexts, layout, lambdas, pages, parse, partials, play, walk } from './templates.mjs';
import { messages } from './support.mjs';

// What went wrong is one sentence in one place whatever it says: one of them for each page that has one is enough.
const keys = Object.keys(messages('en')).filter((key) => !key.startsWith('problem.'));

/** What is shown and said when `page` is played with each of `states`. */
function played(page, states) {
  const [shown, said] = [new Set(), new Set()];
  for (const { view, context } of states) {
    const layoutsOwn = { base: '/t/demo', csrf: 'x', tenant_name: 'Northwind Data', path: '/t/demo/here', other_lang: 'ar', ...view };
    play(page.nodes, [layoutsOwn, context], { shown: (node) => shown.add(node), said: (key) => said.add(key) });
  }
  return { shown, said };
}

/**
 * Sections of `page` that were not shown, and messages chosen by a word of the context that were not said. A word that another page's contexts
 * say (`elsewhere`) has been looked at there; then one of its family is enough here.
 */
function uncovered(page, { shown, said }, elsewhere = new Set()) {
  const missing = [];
  walk(page.nodes, (node) => {
    if (node.section === undefined) return;
    if (!lambdas.has(node.section)) {
      if (!shown.has(node)) missing.push(`${page.name}:${node.line}: {{${node.inverted ? '^' : '#'}${node.section}}}`);
      return;
    }
    if (node.section !== 't' || !node.words.includes('{{')) return;
    const pattern = new RegExp(`^${node.words.trim().split(/\s+/)[0].replaceAll('.', '\\.').replace(/\{\{[^}]*\}\}/g, '\\w+')}$`);
    const family = keys.filter((key) => pattern.test(key));
    const begun = family.some((key) => said.has(key));
    for (const key of family) if (!said.has(key) && !(begun && elsewhere.has(key))) missing.push(`${page.name}:${node.line}: ${key}`);
  });
  return missing;
}

const everywhere = new Set(pages.flatMap((page) => [...played(page, contexts.filter((one) => one.page === page.name)).said]));
for (const page of pages) {
  test(`${page.name}: each part and each word of state stands in a context`, () => {
    const ofPage = contexts.filter((one) => one.page === page.name);
    assert.notEqual(ofPage.length, 0, `${page.name} has no context in tests/web/contexts`);
    assert.deepEqual(uncovered(page, played(page, ofPage), everywhere), []);
  });
}

test('each partial is covered by the pages together, and so is the layout', () => {
  const together = { shown: new Set(), said: new Set() };
  for (const page of [...pages, layout]) {
    const ofPage = page === layout ? contexts.map((one) => ({ ...one, view: { scripts: ['exam.js'], ...one.view, demonstration_tenant: 'demonstration' in one.view } })) : contexts.filter((one) => one.page === page.name);
    const { shown, said } = played(page, ofPage);
    shown.forEach((node) => together.shown.add(node));
    said.forEach((key) => together.said.add(key));
  }
  assert.deepEqual([layout, ...partials.values()].flatMap((one) => uncovered(one, together)), []);
});

test('each context names a page that exists', () => {
  for (const one of contexts) assert.ok(pages.some(({ name }) => name === one.page), `${one.name} is of ${one.page}`);
});

test('a part that no context shows is found', () => {
  const planted = { name: 'planted', nodes: parse('{{#open}}<p>{{#t}}run_state.{{state}}{{/t}}</p>{{/open}}{{^open}}<p>closed</p>{{/open}}') };
  assert.ok(uncovered(planted, played(planted, [])).includes('planted:1: {{#open}}'));
  const found = uncovered(planted, played(planted, [{ view: {}, context: { open: true, state: 'running' } }]));
  assert.ok(found.includes('planted:1: {{^open}}'));
  assert.ok(found.includes('planted:1: run_state.paused'));
  assert.ok(!found.includes('planted:1: run_state.running'));
});
