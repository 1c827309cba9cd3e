// Content trees into elements, by allow-list: what is not on it becomes its children, so that no text is lost and nothing
// else can come through.
import type { ContentNode } from './presented_item';

const html = new Set(
  ('p div span br hr h1 h2 h3 h4 h5 h6 em strong i b small sub sup code kbd samp var pre q cite abbr dfn blockquote ul ol li dl dt dd ' +
    'table caption colgroup col thead tbody tfoot tr th td figure figcaption img ruby rb rt rp rtc bdi bdo address ins del tt big').split(' '),
);
const mathNamespace = 'http://www.w3.org/1998/Math/MathML';
const math = new Set(
  ('math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom mfenced menclose msub msup msubsup munder mover ' +
    'munderover mmultiscripts mprescripts none mtable mtr mtd maction semantics annotation').split(' '),
);
const attributes = new Set('lang dir alt width height colspan rowspan scope headers span start reversed type value cite datetime title'.split(' '));
const mathAttributes = new Set(
  'display mathvariant stretchy fence separator lspace rspace accent accentunder linethickness notation open close separators columnalign rowalign columnspan rowspan width height depth dir'.split(' '),
);

/** Package-relative, without a scheme and without a way up. */
export function isSafePath(path: string): boolean {
  return /^[\w.-]+(\/[\w.-]+)*$/u.test(path) && !path.split('/').some((part) => part === '..' || part === '.');
}

export interface Place {
  readonly media: string; // where an item's pictures lie, with a final slash
  interaction(response: string): Node;
}

export function build(nodes: readonly ContentNode[], place: Place): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const node of nodes) fragment.append(one(node, place, false));
  return fragment;
}

function one(node: ContentNode, place: Place, inMath: boolean): Node {
  if (typeof node === 'string') return document.createTextNode(node);
  if ('interaction' in node) return place.interaction(node.interaction);

  const isMath = inMath || node.element === 'math';
  const allowed = isMath ? math.has(node.element) : html.has(node.element);
  const parent = !allowed
    ? document.createDocumentFragment()
    : isMath
      ? document.createElementNS(mathNamespace, node.element)
      : document.createElement(node.element);
  if (parent instanceof Element) {
    for (const [name, value] of Object.entries(node.attributes ?? {})) {
      if ((isMath ? mathAttributes : attributes).has(name)) parent.setAttribute(name, value);
    }
    const source = node.attributes?.['src'];
    if (parent instanceof HTMLImageElement && source !== undefined && isSafePath(source)) parent.src = place.media + source;
  }
  for (const child of node.children ?? []) parent.appendChild(one(child, place, isMath));
  return parent;
}
