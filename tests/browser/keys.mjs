// A person who has only a keyboard. Everything is done by pressing keys; the page is asked only where the focus is, which such a
// person sees. After each Tab the focus must be visible: a ring around it, on the screen, covered by nothing (WCAG 2.4.7, 2.4.11).
import assert from 'node:assert/strict';

const tabsAtMost = 150;

/** What is wrong with the focus, if anything, as a person would see it. Runs in the page. */
function focusFault() {
  const element = document.activeElement;
  if (element === null || element === document.body || element === document.documentElement) return undefined; // the browser's own turn
  const name = `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''} "${(element.textContent ?? '').trim().slice(0, 40)}"`;
  const style = getComputedStyle(element);
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return `${name} shows no focus`;
  const box = [...element.getClientRects()].find(one => one.width > 0 && one.height > 0);
  if (box === undefined) return `${name} has the focus and no size`;
  const [left, right, top, bottom] = [Math.max(0, box.left), Math.min(innerWidth, box.right), Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  if (left >= right || top >= bottom) return `${name} has the focus outside of the screen`;
  const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const free = above !== null && (element.contains(above) || above.contains(element) || above.closest('label')?.control === element);
  return free ? undefined : `${name} is hidden by ${above?.outerHTML.slice(0, 80)}`;
}

/** What Tab must be able to reach now; of a group of radio buttons one. Runs in the page. */
function reachable() {
  const modal = document.querySelector('dialog:modal');
  const groups = new Set();
  const all = [...(modal ?? document).querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')];
  return all
    .filter(one => !one.disabled && one.checkVisibility({visibilityProperty: true}) && one.closest('[inert]') === null)
    .filter(one => one.type !== 'radio' || !(groups.has(one.name) || !groups.add(one.name)))
    .map(one => (one.type === 'radio' ? `radio ${one.name}` : `${[...document.querySelectorAll('*')].indexOf(one)} ${one.outerHTML.slice(0, 90)}`));
}

function focused() {
  const one = document.activeElement;
  if (one === null || one === document.body || one === document.documentElement) return undefined;
  return one.type === 'radio' ? `radio ${one.name}` : `${[...document.querySelectorAll('*')].indexOf(one)} ${one.outerHTML.slice(0, 90)}`;
}

export function keysOf(page) {
  const press = async (key, times = 1) => {
    for (let time = 0; time < times; ++time) await page.keyboard.press(key);
  };
  const isAt = (selector, nth) => page.evaluate(({selector, nth}) => {
    const found = [...document.querySelectorAll(selector)];
    return nth === undefined ? found.includes(document.activeElement) : found[nth] === document.activeElement;
  }, {selector, nth});

  const tab = async (key = 'Tab') => {
    await press(key);
    const fault = await page.evaluate(focusFault);
    assert.equal(fault, undefined, `${page.url()}: ${fault}`);
  };

  /** Tabs on until the focus is at `selector` (at the one numbered `nth` from 0). */
  const tabTo = async (selector, nth, key = 'Tab') => {
    for (let count = 0; count < tabsAtMost; ++count) {
      if (await isAt(selector, nth)) return;
      await tab(key);
    }
    assert.fail(`${key} does not reach ${selector}${nth === undefined ? '' : ` number ${nth}`} on ${page.url()}`);
  };

  const write = async (selector, text) => {
    await tabTo(selector);
    await press('Control+A');
    await page.keyboard.type(text);
  };

  /** With the arrow keys, until `holds` is true of the list's chosen option. */
  const chooseOption = async (selector, nth, holds) => {
    await tabTo(selector, nth);
    await press('Home');
    const chosen = () => page.evaluate(() => {
      const {options, selectedIndex} = document.activeElement;
      return {value: options[selectedIndex].value, words: options[selectedIndex].textContent, last: selectedIndex === options.length - 1};
    });
    for (let now = await chosen(); !holds(now); now = await chosen()) {
      assert.ok(!now.last, `no such option in ${selector}`);
      await press('ArrowDown');
    }
  };

  const chooseRadio = async (group, value) => {
    await tabTo(group);
    const current = () => page.evaluate(() => ({value: document.activeElement.value, checked: document.activeElement.checked}));
    for (let count = 0; count < 20; ++count) {
      const now = await current();
      if (now.value === value) {
        if (!now.checked) await press('Space');
        return;
      }
      await press('ArrowDown');
    }
    assert.fail(`the arrow keys do not reach ${value}`);
  };

  const tick = async (selector, nth) => {
    await tabTo(selector, nth);
    if (!(await page.evaluate(() => document.activeElement.checked))) await press('Space');
  };

  const follow = async selector => {
    await tabTo(selector);
    await Promise.all([page.waitForNavigation(), press('Enter')]);
  };

  /** Once around with Tab and once back: everything is reached, nothing holds the focus. */
  const walkAround = async () => {
    const wanted = await page.evaluate(reachable);
    for (const key of ['Tab', 'Shift+Tab']) {
      const met = new Set();
      for (let count = 0; count < tabsAtMost; ++count) {
        await tab(key);
        const now = await page.evaluate(focused);
        if (now === undefined ? met.size >= wanted.length : met.has(now) && met.size >= wanted.length) break;
        if (now !== undefined) met.add(now);
      }
      assert.deepEqual(wanted.filter(one => !met.has(one)), [], `${key} does not reach everything on ${page.url()}`);
    }
  };

  return {page, press, tab, tabTo, isAt, write, chooseOption, chooseRadio, tick, follow, walkAround};
}

/** Puts `answers` (response identifier → QTI values) into the presented item's controls. */
export async function answerByKeys(keys, item, answers) {
  let inline = 0, entry = 0;
  for (const interaction of item.interactions) {
    const right = answers.get(interaction.response);
    switch (interaction.kind) {
      case 'choice':
        if (interaction.max_choices === 1) await keys.chooseRadio('#item input[type=radio]', right[0]);
        else for (const value of right) await keys.tick(`#item input[value="${value}"]`);
        break;
      case 'text-entry':
        await keys.tabTo('#item input.inline', entry++);
        await keys.page.keyboard.type(right[0]);
        break;
      case 'inline-choice':
        await keys.chooseOption('#item select.inline', inline++, option => option.value === right[0]);
        break;
      case 'match':
        for (const pair of right) await matchByKeys(keys, interaction, ...pair.split(' '));
        break;
      case 'order':
        await orderByKeys(keys, interaction, right);
        break;
      default: assert.fail(`no keys for ${interaction.kind}`);
    }
  }
}

async function matchByKeys(keys, interaction, source, target) {
  const row = interaction.sources.findIndex(one => one.identifier === source);
  const column = interaction.targets.findIndex(one => one.identifier === target);
  if (await keys.page.evaluate(() => document.querySelector('#item .pairs') !== null)) {
    await keys.chooseOption('#item .pairs select', row, option => option.value === target);
  } else {
    await keys.tick('#item tbody input', row * interaction.targets.length + column);
  }
}

/** Every other line with its button, the rest with Alt and an arrow: both ways are promised. */
async function orderByKeys(keys, interaction, right) {
  const lines = interaction.choices.map(one => one.identifier);
  for (const [to, wanted] of right.entries()) {
    const from = lines.indexOf(wanted);
    if (from > to) {
      await keys.tabTo('#item ol.order > li button:first-of-type', from);
      await keys.press(to % 2 === 0 ? 'Enter' : 'Alt+ArrowUp', from - to);
      assert.ok(await keys.isAt('#item ol.order > li button:first-of-type', to), 'the focus stays with the line that moved');
    }
    lines.splice(from, 1);
    lines.splice(to, 0, wanted);
  }
  if (await keys.page.evaluate(() => document.querySelector('#item label.choice input') !== null)) await keys.tick('#item label.choice input');
}
