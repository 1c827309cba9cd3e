// Every text that a person sees comes from the message catalogues: no words of our own in templates, scripts or the server's
// sources, every message used and none missing, the same arguments in both languages. Each search is first tried on something planted.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { everyTemplate, lambdas, pages, parse, walk } from './templates.mjs';
import { messages, require, source, web } from './support.mjs';

const catalogues = { en: messages('en'), ar: messages('ar') };
const keys = Object.keys(catalogues.en);
const filesBelow = (folder, ending) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? filesBelow(join(folder, entry.name), ending) : ending.test(entry.name) ? [join(folder, entry.name)] : []);
const shown = (path) => relative(source, path);

// ---- templates

const spokenAttributes = /\b(aria-label|aria-description|aria-roledescription|aria-valuetext|title|placeholder|alt|label|summary)\s*=\s*"([^"]*)"/g;
const key = /<kbd>[a-z]<\/kbd>/g; // the name of a key is the same in each language

/** Words in text or spoken attributes that no message stands for. What mustache puts in is left out. */
function wordsInTemplate(nodes) {
  let markup = '';
  const put = (list) => list.forEach((node) => {
    if (node.text !== undefined) markup += node.text;
    else if (node.nodes !== undefined && !lambdas.has(node.section)) put(node.nodes);
    else markup += '\uFFFC';
  });
  put(nodes);
  const words = (text) => /\p{L}/u.test(text.replace(/&#?\w+;/g, ''));
  const bare = markup.replace(key, '');
  const found = bare.replace(/<[^>]*>/g, '\n').split('\n').filter(words);
  for (const [, name, value] of bare.matchAll(spokenAttributes)) if (words(value)) found.push(`${name}="${value}"`);
  return found.map((text) => text.trim());
}

test('words in a template are found', () => {
  assert.deepEqual(wordsInTemplate(parse('<p>Hello {{name}}</p>')), ['Hello \uFFFC']);
  assert.deepEqual(wordsInTemplate(parse('{{#open}}<img alt="A face" src="{{href}}">{{/open}}')), ['alt="A face"']);
  assert.deepEqual(wordsInTemplate(parse('{{^open}}مغلق{{/open}}')), ['مغلق']);
  assert.deepEqual(wordsInTemplate(parse('<p class="x" title="{{#t}}a.b{{/t}}">{{#t}}a.c{{/t}} · {{name}} <kbd>d</kbd> &nbsp;</p>')), []);
});

test('no template has words of its own', () => {
  assert.deepEqual(everyTemplate.flatMap(({ name, nodes }) => wordsInTemplate(nodes).map((words) => `${name}: ${words}`)), []);
});

// ---- scripts

const ts = require('typescript');
const spokenProperty = new Set(['textContent', 'innerText', 'innerHTML', 'outerHTML', 'title', 'placeholder', 'alt', 'label', 'ariaLabel', 'ariaDescription', 'ariaValueText']);
const speaks = new Set(['append', 'prepend', 'replaceChildren', 'before', 'after', 'createTextNode', 'setText', 'say', 'showBanner', 'make', 'setAttribute', 'alert', 'confirm', 'prompt', 'setCustomValidity']);
const forProgrammers = new Set(['Error', 'error', 'warn', 'split']); // new Error(…), console.error(…), a list of words

/** String literals that reach a person: put into the page, or sentences that go anywhere but to programmers. */
function wordsInScript(contents, name = 'planted.ts') {
  const file = ts.createSourceFile(name, contents, ts.ScriptTarget.ES2022, true);
  const found = [];
  const literal = (node) => ts.isStringLiteralLike(node) ? node.text : ts.isTemplateExpression(node) ? [node.head, ...node.templateSpans.map((span) => span.literal)].map((part) => part.text).join('\uFFFC') : undefined;
  const called = (node) => (ts.isCallExpression(node) || ts.isNewExpression(node)) && (ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : node.expression.getText());
  const visit = (node, place) => {
    const text = literal(node);
    const letters = text !== undefined && /\p{L}{2}/u.test(text);
    if (letters && (place === 'spoken' || (place !== 'programmers' && /\p{L}{2,} \p{L}{2,}/u.test(text)))) found.push(text);
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const who = called(node);
      visit(node.expression, who === 'split' ? 'programmers' : place);
      (node.arguments ?? []).forEach((argument, at) => {
        if (who === 'text') visit(argument, at === 0 ? 'programmers' : undefined);
        else if (who === 'make') visit(argument, at === 1 ? 'attributes' : at > 1 ? 'spoken' : undefined);
        else if (who === 'setAttribute') visit(argument, at === 1 && new RegExp(spokenAttributes.source).test(`${literal(node.arguments[0])}="x"`) ? 'spoken' : undefined);
        else visit(argument, speaks.has(who) ? 'spoken' : forProgrammers.has(who) ? 'programmers' : undefined);
      });
      return;
    }
    if (place === 'attributes' && ts.isPropertyAssignment(node)) {
      const attribute = ts.isIdentifier(node.name) ? node.name.text : node.name.text ?? '';
      return visit(node.initializer, new RegExp(spokenAttributes.source).test(`${attribute}="x"`) ? 'spoken' : undefined);
    }
    if (ts.isBinaryExpression(node) && ts.isPropertyAccessExpression(node.left) && spokenProperty.has(node.left.name.text)) return visit(node.right, 'spoken');
    const keeps = place === 'attributes' || ts.isConditionalExpression(node) || ts.isBinaryExpression(node) || ts.isParenthesizedExpression(node) || ts.isTemplateExpression(node) || ts.isTemplateSpan(node);
    ts.forEachChild(node, (child) => visit(child, keeps || place === 'programmers' ? place : undefined));
  };
  visit(file);
  return found;
}

test('words in a script are found', () => {
  for (const planted of ["heading.textContent = 'Welcome'", "make('button', { 'aria-label': 'Close' }, sign)", "make('p', {}, 'Saved')", 'bar.say(`${count} answers`)',
    "input.setAttribute('placeholder', 'name')", "const note = 'Please wait a moment';", "label.textContent = open ? 'Hide' : text('player.timer.show')"]) {
    assert.notDeepEqual(wordsInScript(planted), [], planted);
  }
  for (const innocent of ["throw new Error('no such thing here')", "make('li', { class: 'left-out' }, text('player.question', { ordinal: 1 }))", "element.dataset['state'] = 'ready'",
    "import { text } from './texts'", "const tags = new Set(('p div span').split(' '))", 'say(text(`player.camera.${state}`))', "make('button', { type: 'button' }, '↑')"]) {
    assert.deepEqual(wordsInScript(innocent), [], innocent);
  }
});

test('no script has words of its own, and none parses markup', () => {
  const found = filesBelow(join(web, 'src'), /\.ts$/).flatMap((path) => {
    const contents = readFileSync(path, 'utf8');
    assert.doesNotMatch(contents, /\.(innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function\(/, shown(path));
    return wordsInScript(contents, path).map((words) => `${shown(path)}: ${words}`);
  });
  assert.deepEqual(found.filter((one) => one !== 'web/src/exam_channel.ts: assay-web 0.1'), []); // for the server's log
});

// ---- the server's sources

/** String literals of C++ (raw ones too) outside comments, with the code before them on their line. */
function literalsOf(contents) {
  const found = [];
  const token = /\/\/[^\n]*|\/\*[^]*?\*\/|R"(\w*)\(([^]*?)\)\1"|'(?:\\.|[^'\\\n])'|"((?:\\.|[^"\\\n])*)"/g;
  for (const one of contents.matchAll(token)) {
    const text = one[2] ?? one[3];
    if (text !== undefined) found.push({ text, before: contents.slice(contents.lastIndexOf('\n', one.index) + 1, one.index), raw: one[2] !== undefined });
  }
  return found;
}

const markup = /<\/?(a|b|br|div|em|form|h[1-6]|i|img|input|li|ol|p|span|strong|table|td|th|tr|ul)\b[^>]*>/i;
/** Markup anywhere, and sentences in what becomes a page's context. */
const pageLiterals = (contents) => literalsOf(contents).filter(({ text, before, raw }) =>
  markup.test(text) || (!raw && /\{\s*"\w+",\s*$/.test(before) && /^\p{Lu}?\p{L}+ \p{L}+ \p{L}+/u.test(text))).map(({ text }) => text);

test('markup and sentences in the server are found', () => {
  assert.equal(pageLiterals('body = "<p>Not found</p>"; // "<p>a comment</p>"').length, 1);
  assert.equal(pageLiterals('auto context = json::object{{"detail", "This was not found"}};').length, 1);
  assert.equal(pageLiterals('auto context = json::object{{"state", "unknown"}, {"at", to_rfc3339(now)}}; throw std::runtime_error{"no such item here"};').length, 0);
});

test("the server's application writes no markup and no sentence into a page", () => {
  const found = filesBelow(join(source, 'server', 'app'), /\.[ch]pp$/).flatMap((path) => pageLiterals(readFileSync(path, 'utf8')).map((text) => `${shown(path)}: ${text}`));
  assert.deepEqual(found, []);
});

// ---- catalogues

/** Names of the arguments of an ICU pattern with how each is used, sorted: "at date, count plural". */
function argumentsOf(pattern) {
  const found = new Set();
  let at = 0;
  const message = () => {
    for (; at < pattern.length && pattern[at] !== '}'; ++at) if (pattern[at] === '{') argument();
  };
  const argument = () => { // from its opening brace to its closing one
    const [all, name, kind] = /^\{\s*(\w+)\s*(?:,\s*(\w+)\s*,?)?/.exec(pattern.slice(at));
    found.add(`${name} ${kind ?? ''}`.trim());
    at += all.length;
    for (; pattern[at] !== '}'; ++at) {
      if (at >= pattern.length) throw new Error(`malformed: ${pattern}`);
      if (pattern[at] === '{') (at += 1), message(); // a branch of plural or select
    }
  };
  message();
  return [...found].sort().join(', ');
}

const dynamic = (words) => new RegExp(`^${words.replaceAll('.', '\\.').replace(/\uFFFC/g, '\\w+')}$`);

/** What is used of the catalogue: whole keys, and patterns where a word of state stands in the key. */
function references() {
  const found = []; // {where, pattern}
  const say = (where, words) => found.push({ where, pattern: dynamic(words.trim().split(/\s+/)[0].replace(/\{\{[^}]*\}\}|\[\w+\]/g, '\uFFFC')) });
  for (const { name, nodes, title } of everyTemplate) {
    if (title !== undefined) say(name, title);
    walk(nodes, (node) => node.section === 't' && say(name, node.words));
  }
  for (const path of filesBelow(join(web, 'src'), /\.ts$/)) {
    for (const [, quoted, made] of readFileSync(path, 'utf8').matchAll(/\b(?:text|hasText)\((?:[^'`)]*\? )?'([\w.]+)'|`([\w]+\.[^`\s]*)`/g)) {
      for (const words of [quoted, made]) if (words !== undefined) say(shown(path), words.replace(/\$\{[^}]*\}/g, '\uFFFC'));
    }
    for (const [, words] of readFileSync(path, 'utf8').matchAll(/(?<!wordsFor\()'((?:player|check)\.[\w.]+)'/g)) say(shown(path), words);
    for (const [, prefix] of readFileSync(path, 'utf8').matchAll(/wordsFor\('([\w.]+)'/g)) say(shown(path), `${prefix}.\uFFFC`);
  }
  for (const path of filesBelow(join(source, 'server'), /\.cpp$/)) {
    for (const { text } of literalsOf(readFileSync(path, 'utf8'))) {
      if (catalogues.en[text] !== undefined) say(shown(path), text);
      else if (/^[a-z_]+(\.[a-z_]+)*\.$/.test(text) && keys.some((one) => one.startsWith(text))) found.push({ where: shown(path), pattern: new RegExp(`^${text.replaceAll('.', '\\.')}`) });
    }
  }
  return found;
}

test('a missing key, an unused one and an argument too many are found', () => {
  assert.ok(dynamic('error.title.\uFFFC').test('error.title.timeout') && !dynamic('error.title.\uFFFC').test('error.title.a.b'));
  assert.equal(argumentsOf('{count, plural, one {# answer of {name}} other {# answers}}, {at, date, long}'), 'at date, count plural, name');
  assert.notEqual(argumentsOf('{name}'), argumentsOf('{nam}'));
  assert.ok(!references().some(({ pattern }) => pattern.test('nobody.says_this')));
});

test('each message that is asked for exists', () => {
  assert.deepEqual(references().filter(({ pattern }) => !keys.some((one) => pattern.test(one))).map(({ where, pattern }) => `${where}: ${pattern.source}`), []);
});

test('each message of the catalogue is used', () => {
  const all = references();
  assert.deepEqual(keys.filter((one) => !all.some(({ pattern }) => pattern.test(one))), []);
});

test('a script finds its messages on each page that loads it', () => {
  for (const { name, nodes, scripts } of pages) {
    const prefixes = [];
    walk(nodes, (node) => node.section === 'texts' && prefixes.push(...node.words.trim().split(/\s+/)));
    for (const script of scripts) {
      const uses = references().filter(({ where }) => where === `web/src/${script.replace(/\.js$/, '.ts')}`);
      for (const { pattern } of uses) {
        for (const one of keys.filter((candidate) => pattern.test(candidate))) assert.ok(prefixes.some((prefix) => one.startsWith(prefix)), `${name} gives ${script} no ${one}`);
      }
    }
  }
});

test('both languages have the same messages with the same arguments', () => {
  assert.deepEqual(Object.keys(catalogues.ar), keys, 'the same keys in the same order');
  assert.deepEqual(keys.filter((one) => argumentsOf(catalogues.en[one]) !== argumentsOf(catalogues.ar[one])), []);
});

test('what stands in the Arabic catalogue is Arabic', () => {
  const names = new Set(['language.en', 'layout.other_language', 'layout.product']);
  const onlyArguments = (pattern) => !/\p{L}/u.test(pattern.replace(/\{[^{}]*\}/g, ''));
  assert.deepEqual(keys.filter((one) => !names.has(one) && !onlyArguments(catalogues.ar[one]) && !/\p{Script=Arabic}/u.test(catalogues.ar[one])), []);
});

test('each Arabic plural has what Arabic needs', () => {
  for (const [name, pattern] of Object.entries(catalogues.ar)) {
    for (const [, argument] of pattern.matchAll(/\{(\w+), plural,/g)) {
      for (const form of ['one', 'two', 'few', 'many', 'other']) assert.match(pattern, new RegExp(`\\b${form} \\{`), `${name}: ${argument} lacks "${form}"`);
    }
  }
});
