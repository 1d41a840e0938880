import { COLUMNS, copy, each, LANES, move, pack, ROWS, step } from './matrix-panels.ts';
import {
  assemble,
  type Code,
  call,
  choose,
  code,
  f32x4,
  i32,
  locals,
  loopWhile,
  type WasmFunction,
  when,
} from './wasm-assembler.ts';

/** Longest piece of the sums that is packed at once: a panel of each operand stays in the nearest cache. */
const MOST_STEPS = 256;

/** Numbers of the functions in the module. */
const [PACK, MULTIPLY_TILE, COPY, MULTIPLY] = [0, 1, 2, 3];

const up = (value: number, to: number) => Math.ceil(value / to) * to;

/**
 * One tile of the result: `(a, b, steps, tile, stride, goOn, bias, leak)`. Adds to what is there if `goOn`, then
 * adds `bias`, and where that gives less than 0 takes `leak` of it (1 = as it is).
 */
function multiplyTile(): WasmFunction {
  const own = locals();
  const a = own.add('i32');
  const b = own.add('i32');
  const steps = own.add('i32');
  const tile = own.add('i32');
  const stride = own.add('i32');
  const goOn = own.add('i32');
  const bias = own.add('i32');
  const leak = own.add('f32');
  const row = own.add('i32');
  const one = own.add('v128');
  const right = Array.from({ length: COLUMNS / LANES }, () => own.add('v128'));
  const sums = Array.from({ length: ROWS }, () => right.map(() => own.add('v128')));
  // One step at a time: with several written out, the compiler's code is a fifth slower.
  const add = code(
    each(right.length, (j) => right[j]!.set(f32x4.load(b.get, 4 * j * LANES))),
    each(ROWS, (i) =>
      code(
        one.set(f32x4.loadSplat(a.get, 4 * i)),
        each(right.length, (j) =>
          sums[i]![j]!.set(f32x4.add(sums[i]![j]!.get, f32x4.mul(one.get, right[j]!.get))),
        ),
      ),
    ),
  );
  const eachRow = (of: (i: number) => Code) =>
    code(row.set(tile.get), ...sums.flatMap((_, i) => [of(i), move(row, stride.get)]));
  const leaky = (value: Code) => f32x4.max(value, f32x4.mul(value, f32x4.splat(leak.get)));
  const body = code(
    when(
      goOn.get,
      eachRow((i) => each(right.length, (j) => sums[i]![j]!.set(f32x4.load(row.get, 16 * j)))),
      each(ROWS, (i) => each(right.length, (j) => sums[i]![j]!.set(f32x4.zero))),
    ),
    loopWhile(steps.get, code(add, step(a, 4 * ROWS), step(b, 4 * COLUMNS), step(steps, -1))),
    when(
      bias.get,
      code(
        each(right.length, (j) => right[j]!.set(f32x4.load(bias.get, 16 * j))),
        each(ROWS, (i) =>
          each(right.length, (j) =>
            code(
              sums[i]![j]!.set(f32x4.add(sums[i]![j]!.get, right[j]!.get)),
              sums[i]![j]!.set(leaky(sums[i]![j]!.get)),
            ),
          ),
        ),
      ),
    ),
    eachRow((i) => each(right.length, (j) => f32x4.store(row.get, sums[i]![j]!.get, 16 * j))),
  );
  return { parameters: own.types.slice(0, 8), locals: own.types.slice(8), body };
}

/**
 * A product of two matrices, or a piece of its sums: `(a, aRow, aStep, b, bStep, bColumn, c, rows, columns, steps,
 * panels, goOn, bias, leak)`. Strides are in bytes, rows of `c` lie one after the other, `bias` is 0 for none.
 */
function multiply(): WasmFunction {
  const own = locals();
  const a = own.add('i32');
  const aRow = own.add('i32');
  const aStep = own.add('i32');
  const b = own.add('i32');
  const bStep = own.add('i32');
  const bColumn = own.add('i32');
  const c = own.add('i32');
  const rows = own.add('i32');
  const columns = own.add('i32');
  const steps = own.add('i32');
  const panels = own.add('i32');
  const goOn = own.add('i32');
  const bias = own.add('i32');
  const leak = own.add('f32');
  const stride = own.add('i32');
  const panelBytes = own.add('i32');
  const tile = own.add('i32');
  const biases = own.add('i32');
  const left = own.add('i32');
  const panel = own.add('i32');
  const j = own.add('i32');
  const tall = own.add('i32');
  const wide = own.add('i32');
  const to = own.add('i32');

  const least = (count: Code, most: number) =>
    choose(i32.lessThan(count, i32.const(most)), count, i32.const(most));
  const packRight = code(
    j.set(i32.const(0)),
    to.set(panel.get),
    loopWhile(
      i32.lessThan(j.get, columns.get),
      code(
        wide.set(least(i32.sub(columns.get, j.get), COLUMNS)),
        call(PACK, b.get, bColumn.get, bStep.get, wide.get, i32.const(COLUMNS), steps.get, to.get),
        move(b, i32.mul(wide.get, bColumn.get)),
        move(to, panelBytes.get),
        step(j, COLUMNS),
      ),
    ),
  );
  const biasHere = choose(bias.get, biases.get, i32.const(0));
  const tileAt = (where: Code, rowStride: Code) =>
    call(MULTIPLY_TILE, left.get, to.get, steps.get, where, rowStride, goOn.get, biasHere, leak.get);
  const place = i32.add(c.get, i32.shiftLeft(j.get, i32.const(2)));
  const scratchStride = i32.const(4 * COLUMNS);
  const oneTile = code(
    wide.set(least(i32.sub(columns.get, j.get), COLUMNS)),
    when(
      bias.get,
      call(
        COPY,
        i32.add(bias.get, i32.shiftLeft(j.get, i32.const(2))),
        i32.const(0),
        biases.get,
        i32.const(0),
        i32.const(1),
        wide.get,
      ),
    ),
    when(
      i32.and(i32.eqz(i32.sub(wide.get, i32.const(COLUMNS))), i32.eqz(i32.sub(tall.get, i32.const(ROWS)))),
      tileAt(place, stride.get),
      code(
        when(goOn.get, call(COPY, place, stride.get, tile.get, scratchStride, tall.get, wide.get)),
        tileAt(tile.get, scratchStride),
        call(COPY, tile.get, scratchStride, place, stride.get, tall.get, wide.get),
      ),
    ),
    move(to, panelBytes.get),
    step(j, COLUMNS),
  );
  const body = code(
    stride.set(i32.shiftLeft(columns.get, i32.const(2))),
    panelBytes.set(i32.mul(steps.get, i32.const(4 * COLUMNS))),
    tile.set(panels.get),
    biases.set(i32.add(tile.get, i32.const(4 * ROWS * COLUMNS))),
    left.set(i32.add(biases.get, i32.const(4 * COLUMNS))),
    panel.set(i32.add(left.get, i32.mul(steps.get, i32.const(4 * ROWS)))),
    packRight,
    loopWhile(
      rows.get,
      code(
        tall.set(least(rows.get, ROWS)),
        call(PACK, a.get, aRow.get, aStep.get, tall.get, i32.const(ROWS), steps.get, left.get),
        j.set(i32.const(0)),
        to.set(panel.get),
        loopWhile(i32.lessThan(j.get, columns.get), oneTile),
        move(a, i32.mul(tall.get, aRow.get)),
        move(c, i32.mul(tall.get, stride.get)),
        rows.set(i32.sub(rows.get, tall.get)),
      ),
    ),
  );
  return { parameters: own.types.slice(0, 14), locals: own.types.slice(14), body };
}

/** An operand in the memory: where it begins, and its bytes from row to row and from column to column. */
export interface Operand {
  readonly at: number;
  readonly row: number;
  readonly column: number;
}

export interface Product {
  readonly a: Operand;
  readonly b: Operand;
  /** Where the rows × columns of the result go. */
  readonly c: number;
  readonly rows: number;
  readonly columns: number;
  /** Length of the sums. */
  readonly inner: number;
  /** Where one number per column begins that is added; absent for none. */
  readonly bias?: number;
  /** What a result below 0 is multiplied with; only with a bias. 1 = it stays. */
  readonly leak?: number;
}

/** Bytes that {@link openMatrixKernel} needs beside the operands for a product. */
export function scratchBytes({ columns, inner }: Pick<Product, 'columns' | 'inner'>): number {
  const steps = Math.min(MOST_STEPS, inner);
  return 4 * (ROWS * COLUMNS + COLUMNS + steps * (ROWS + up(columns, COLUMNS)));
}

/**
 * Products of matrices of 32-bit floats with vector instructions, in a memory that belongs to somebody else. Operands are
 * packed into panels, and the result is worked out in tiles that stay in the registers (Goto & van de Geijn 2008).
 * @param memory an ordinary (not shared) one
 * @returns a function that works out a product; `scratch` is the place of {@link scratchBytes} bytes
 */
export function openMatrixKernel(memory: WebAssembly.Memory): (product: Product, scratch: number) => void {
  const module = new WebAssembly.Module(assemble([pack(), multiplyTile(), copy(), multiply()]));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const run = exports[`f${MULTIPLY}`] as (...inputs: number[]) => void;
  return ({ a, b, c, rows, columns, inner, bias = 0, leak = 1 }, scratch) => {
    for (let from = 0; from < inner; from += MOST_STEPS) {
      const steps = Math.min(MOST_STEPS, inner - from);
      const last = from + steps === inner;
      run(
        ...[a.at + from * a.column, a.row, a.column],
        ...[b.at + from * b.row, b.row, b.column],
        ...[c, rows, columns, steps, scratch],
        ...[from > 0 ? 1 : 0, last ? bias : 0, leak],
      );
    }
  };
}
