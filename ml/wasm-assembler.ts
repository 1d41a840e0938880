/**
 * Just enough of an assembler for WebAssembly to write a hot loop with SIMD in it: expressions are nested calls that
 * return their bytes (https://webassembly.github.io/spec/core/binary/). Names are those of the text format.
 */
export type Code = readonly number[];

function leb(value: number, signed: boolean): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest = signed ? rest >> 7 : rest >>> 7;
    const done = signed ? (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40) : rest === 0;
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const uint = (value: number) => leb(value, false);
const list = (items: readonly Code[]): number[] => [...uint(items.length), ...items.flat()];
const sized = (bytes: Code): number[] => [...uint(bytes.length), ...bytes];

const binary =
  (...op: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...op];
const unary =
  (...op: number[]) =>
  (a: Code): Code => [...a, ...op];
const load =
  (align: number, ...op: number[]) =>
  (address: Code, offset = 0): Code => [...address, ...op, align, ...uint(offset)];
const store =
  (align: number, ...op: number[]) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...op, align, ...uint(offset)];
const simd = (op: number) => [0xfd, ...uint(op)];

export const i32 = {
  const: (value: number): Code => [0x41, ...leb(value, true)],
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shiftLeft: binary(0x74),
  shiftRight: binary(0x76),
  trailingZeros: unary(0x68),
  eqz: unary(0x45),
  ne: binary(0x47),
  lessThan: binary(0x49),
  load: load(2, 0x28),
  store: store(2, 0x36),
};

const float = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];

export const f32 = {
  const: float,
  add: binary(0x92),
  lessThan: binary(0x5d),
  greaterThan: binary(0x5e),
  load: load(2, 0x2a),
  store: store(2, 0x38),
};

export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  add: binary(0xa0),
  mul: binary(0xa2),
  promote: unary(0xbb),
  demote: unary(0xb6),
};

export const f32x4 = {
  zero: [...simd(0x0c), ...new Array<number>(16).fill(0)] as Code,
  splat: unary(...simd(0x13)),
  load: load(2, ...simd(0x00)),
  /** One number into all four lanes. */
  loadSplat: load(2, ...simd(0x09)),
  store: store(2, ...simd(0x0b)),
  add: binary(...simd(0xe4)),
  sub: binary(...simd(0xe5)),
  mul: binary(...simd(0xe6)),
  max: binary(...simd(0xe9)),
  /** All bits of a lane where a < b. */
  lessThan: binary(...simd(0x43)),
  lane: (value: Code, lane: number): Code => [...value, ...simd(0x1f), lane],
};

export const anyTrue = unary(...simd(0x53));
/** The lanes' top bits, lane 0 lowest. */
export const bitmask = unary(...simd(0xa4));

const TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
export type ValueType = keyof typeof TYPES;

const EMPTY = 0x40;
export const when = (condition: Code, then: Code, otherwise?: Code): Code => [
  ...condition,
  0x04,
  EMPTY,
  ...then,
  ...(otherwise === undefined ? [] : [0x05, ...otherwise]),
  0x0b,
];
/** One of two numbers (i32); only the one that is taken is worked out. */
export const choose = (condition: Code, then: Code, otherwise: Code): Code => [
  ...condition,
  0x04,
  TYPES.i32,
  ...then,
  0x05,
  ...otherwise,
  0x0b,
];
/** Leaves the loop, which is a loop in a block, when the condition is 0. */
export const loopWhile = (condition: Code, body: Code): Code => [
  ...[0x02, EMPTY, 0x03, EMPTY],
  ...[...condition, 0x45, 0x0d, 1],
  ...[...body, 0x0c, 0],
  ...[0x0b, 0x0b],
];
export const code = (...parts: readonly Code[]): Code => parts.flat();

/** Parameters come first among the locals, in the order of their declaration. */
export interface Local {
  readonly get: Code;
  readonly set: (value: Code) => Code;
}

export interface WasmFunction {
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly result?: ValueType;
  readonly body: Code;
}

/** Collects the parameters and locals of a function while its body is written. */
export function locals(): {
  readonly types: readonly ValueType[];
  readonly add: (type: ValueType) => Local;
} {
  const types: ValueType[] = [];
  return {
    types,
    add(type) {
      const index = uint(types.push(type) - 1);
      return { get: [0x20, ...index], set: (value) => [...value, 0x21, ...index] };
    },
  };
}

export const call = (functionIndex: number, ...inputs: readonly Code[]): Code => [
  ...inputs.flat(),
  0x10,
  ...uint(functionIndex),
];

/**
 * A module of these functions, exported as `f0`, `f1`, …, that imports the memory `env.memory`.
 * @param pages of 64 KiB: the size of a shared memory; absent for an ordinary one of any size
 */
export function assemble(functions: readonly WasmFunction[], pages?: number): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Code): number[] => [id, ...sized(content)];
  const name = (text: string) => sized([...new TextEncoder().encode(text)]);
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...list(parameters.map((type) => [TYPES[type]])),
    ...list(result === undefined ? [] : [[TYPES[result]]]),
  ]);
  const bodies = functions.map((one) =>
    sized([...list(one.locals.map((type) => [1, TYPES[type]])), ...one.body, 0x0b]),
  );
  const memory = pages === undefined ? [0x00, 0] : [0x03, ...uint(pages), ...uint(pages)];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...name('env'), ...name('memory'), 0x02, ...memory]])),
    ...section(3, list(functions.map((_, index) => uint(index)))),
    ...section(7, list(functions.map((_, index) => [...name(`f${index}`), 0x00, ...uint(index)]))),
    ...section(10, list(bodies)),
  ]);
}
