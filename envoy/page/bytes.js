// Keys and values are strings of bytes, a character from U+0000 to U+00FF for each: they compare, cut and join as etcd's
// own do, and `btoa` knows them. This file makes text of them and bytes of text, without loss.

export const encode = (bytes) => btoa(bytes);
export const decode = (base64) => atob(base64 ?? '');

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export const toArray = (bytes) => Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));

export function fromArray(array) {
  const parts = [];
  for (let at = 0; at < array.length; at += 8192) parts.push(String.fromCharCode(...array.subarray(at, at + 8192)));
  return parts.join('');
}

/** The text, or null where the bytes are not UTF-8. */
export function text(bytes) {
  try {
    return decoder.decode(toArray(bytes));
  } catch {
    return null;
  }
}

export const fromText = (string) => fromArray(encoder.encode(string));

const CHARACTERS = new RegExp(
  '((?:[\\x00-\\x7f]|[\\xc2-\\xdf][\\x80-\\xbf]|\\xe0[\\xa0-\\xbf][\\x80-\\xbf]|\\xed[\\x80-\\x9f][\\x80-\\xbf]' +
    '|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}|\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}|[\\xf1-\\xf3][\\x80-\\xbf]{3}' +
    '|\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2})+)|[^]',
  'g',
);
// What is not seen, or makes other text look different: controls, formats such as those of direction, odd spaces.
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\\]|[^\P{Zs} ]/gu;
const UNSEEN_IN_LINES = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}\\]|[^\P{Zs} ]/gu;
const SHORT = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

const hexByte = (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

function escapeCharacter(character) {
  if (SHORT[character]) return SHORT[character];
  return character < '\x80' ? hexByte(character) : `\\u{${character.codePointAt(0).toString(16)}}`;
}

/** Text in which every byte can be told: `\xff` is a byte, `\u{202e}` a character that is not seen. */
export const escape = (bytes, lines = false) =>
  bytes.replace(CHARACTERS, (part, valid) =>
    valid ? text(valid).replace(lines ? UNSEEN_IN_LINES : UNSEEN, escapeCharacter) : hexByte(part));

const ESCAPES = /\\(?:x([0-9a-f]{2})|u\{([0-9a-f]{1,6})\}|([nrt\\])|([^]?))/giu;
const LETTERS = { n: '\n', r: '\r', t: '\t', '\\': '\\' };

/** The bytes of such text; an error names the escape that is none. */
export function unescape(string) {
  const parts = [];
  let at = 0;
  for (const found of string.matchAll(ESCAPES)) {
    const [whole, byte, point, letter] = found;
    parts.push(fromText(string.slice(at, found.index)));
    if (byte) parts.push(String.fromCharCode(parseInt(byte, 16)));
    else if (point && parseInt(point, 16) <= 0x10ffff) parts.push(fromText(String.fromCodePoint(parseInt(point, 16))));
    else if (letter && LETTERS[letter]) parts.push(LETTERS[letter]);
    else throw new Error(`${whole} is no escape: \\n, \\t, \\r, \\\\, \\xff or \\u{202e}`);
    at = found.index + whole.length;
  }
  parts.push(fromText(string.slice(at)));
  return parts.join('');
}

export function hex(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 16) {
    lines.push(Array.from(bytes.slice(at, at + 16), (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join(' '));
  }
  return lines.join('\n');
}

export function unhex(string) {
  const digits = string.replace(/\s+/g, '');
  const bad = /[^0-9a-f]/i.exec(digits);
  if (bad) throw new Error(`${bad[0]} is no hex digit`);
  if (digits.length % 2) throw new Error('A byte is two hex digits: one is missing');
  return fromArray(Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
}

/** The end of the range of all keys with this prefix; `\0` is no end. */
export function prefixEnd(prefix) {
  const kept = prefix.replace(/\xff+$/, '');
  if (!kept) return '\0';
  return kept.slice(0, -1) + String.fromCharCode(kept.charCodeAt(kept.length - 1) + 1);
}

/** The range of a prefix as a request has it. */
export const prefixRange = (prefix) => ({ key: encode(prefix || '\0'), range_end: encode(prefixEnd(prefix)) });

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON with other space between the same tokens, numbers and order and double names as they stand; null if it is none. */
export function spaceJson(string, indent) {
  try {
    JSON.parse(string);
  } catch {
    return null;
  }
  const tokens = string.match(TOKENS);
  if (!indent) return tokens.join('');
  const parts = [];
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token === '{' || token === '[') {
      depth += 1;
      parts.push(token, next === '}' || next === ']' ? '' : line());
    } else if (token === '}' || token === ']') {
      depth -= 1;
      const before = tokens[index - 1];
      parts.push(before === '{' || before === '[' ? '' : line(), token);
    } else parts.push(token, token === ',' ? line() : token === ':' ? ' ' : '');
  });
  return parts.join('');
}
