// The part of ICU MessageFormat that our catalogues use: {name}, {name, number}, plural with =n, select, and # inside plural.
// The server formats the same patterns with ICU; tests/web/message_format.test.mjs holds the two to the same results.

export type Arguments = Readonly<Record<string, string | number>>;

type Part = string | Argument | { readonly kind: 'hash' };
interface Argument {
  readonly kind: 'text' | 'number' | 'plural' | 'select';
  readonly name: string;
  readonly branches: ReadonlyMap<string, readonly Part[]>;
}

const firstStrongIsolate = '\u2068';
const popIsolate = '\u2069';

class Parser {
  private at = 0;
  constructor(private readonly text: string) {}

  message(nested: boolean, inPlural: boolean): Part[] {
    const parts: Part[] = [];
    let literal = '';
    const flush = (): void => {
      if (literal !== '') parts.push(literal);
      literal = '';
    };
    for (;;) {
      const letter = this.text[this.at];
      if (letter === undefined) {
        if (nested) throw this.wrong();
        flush();
        return parts;
      }
      if (letter === '}') {
        if (!nested) throw this.wrong();
        flush();
        return parts;
      }
      this.at += 1;
      if (letter === '{') {
        flush();
        parts.push(this.argument(inPlural));
      } else if (letter === '#' && inPlural) {
        flush();
        parts.push({ kind: 'hash' });
      } else {
        literal += letter;
      }
    }
  }

  private argument(inPlural: boolean): Argument {
    const name = this.word();
    if (this.take('}')) return { kind: 'text', name, branches: new Map() };
    this.expect(',');
    const kind = this.word();
    if (kind === 'number') {
      this.expect('}');
      return { kind, name, branches: new Map() };
    }
    if (kind !== 'plural' && kind !== 'select') throw this.wrong();
    this.expect(',');
    const branches = new Map<string, readonly Part[]>();
    while (!this.take('}')) {
      const selector = this.word();
      this.expect('{');
      branches.set(selector, this.message(true, inPlural || kind === 'plural'));
      this.expect('}');
    }
    if (!branches.has('other')) throw this.wrong();
    return { kind, name, branches };
  }

  private skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
  }
  private word(): string {
    this.skip();
    const found = /^[=\w]+/.exec(this.text.slice(this.at));
    if (found === null) throw this.wrong();
    this.at += found[0].length;
    return found[0];
  }
  private take(letter: string): boolean {
    this.skip();
    if (this.text[this.at] !== letter) return false;
    this.at += 1;
    return true;
  }
  private expect(letter: string): void {
    if (!this.take(letter)) throw this.wrong();
  }
  private wrong(): Error {
    return new Error(`malformed message at ${this.at}: ${this.text}`);
  }
}

export class Formatter {
  private readonly numbers: Intl.NumberFormat;
  private readonly plurals: Intl.PluralRules;

  constructor(language: string) {
    // European digits in both languages, as on the pages that the server makes.
    this.numbers = new Intl.NumberFormat(language === 'ar' ? 'ar-u-nu-latn' : 'en-GB');
    this.plurals = new Intl.PluralRules(language);
  }

  format(pattern: string, values: Arguments = {}): string {
    return this.parts(new Parser(pattern).message(false, false), values, undefined);
  }

  private parts(parts: readonly Part[], values: Arguments, counted: number | undefined): string {
    return parts.map((part) => this.part(part, values, counted)).join('');
  }

  private part(part: Part, values: Arguments, counted: number | undefined): string {
    if (typeof part === 'string') return part;
    if (part.kind === 'hash') return this.numbers.format(counted ?? 0);
    const value = values[part.name];
    if (value === undefined) throw new Error(`no argument ${part.name}`);
    switch (part.kind) {
      case 'text':
        return typeof value === 'number' ? this.numbers.format(value) : firstStrongIsolate + value + popIsolate;
      case 'number':
        return this.numbers.format(Number(value));
      case 'plural': {
        const count = Number(value);
        const branch = part.branches.get(`=${count}`) ?? part.branches.get(this.plurals.select(count)) ?? part.branches.get('other');
        return this.parts(branch ?? [], values, count);
      }
      case 'select':
        return this.parts(part.branches.get(String(value)) ?? part.branches.get('other') ?? [], values, counted);
    }
  }
}
