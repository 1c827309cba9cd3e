// The page's texts: the catalogue's patterns in a data block that the server put there (no text stands in a script).
import { Formatter, type Arguments } from './message_format';

const block = document.getElementById('texts')?.textContent ?? '{}';
const patterns = JSON.parse(block) as Readonly<Record<string, string>>;
const formatter = new Formatter(document.documentElement.lang);

export const hasText = (key: string): boolean => Object.hasOwn(patterns, key);

export function text(key: string, values: Arguments = {}): string {
  const pattern = patterns[key];
  if (pattern === undefined) throw new Error(`no message ${key}`);
  return formatter.format(pattern, values);
}
