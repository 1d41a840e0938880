import {
  type Code,
  code,
  f32,
  f32x4,
  i32,
  type Local,
  locals,
  loopWhile,
  type WasmFunction,
  when,
} from './wasm-assembler.ts';

/** Rows and columns of a product that are worked out together: their sums fit into the registers. */
export const ROWS = 4;
export const COLUMNS = 8;
export const LANES = 4;

export const each = (count: number, of: (i: number) => Code): Code =>
  code(...Array.from({ length: count }, (_, i) => of(i)));
export const step = (counter: Local, by: number): Code => counter.set(i32.add(counter.get, i32.const(by)));
export const move = (pointer: Local, by: Code): Code => pointer.set(i32.add(pointer.get, by));

/**
 * Lays `lanes` lines of a matrix side by side, the panel's `width` numbers of a step together, and fills up with
 * zeros: `(source, laneStride, stepStride, lanes, width, steps, panel)`, strides in bytes.
 */
export function pack(): WasmFunction {
  const own = locals();
  const source = own.add('i32');
  const laneStride = own.add('i32');
  const stepStride = own.add('i32');
  const lanes = own.add('i32');
  const width = own.add('i32');
  const steps = own.add('i32');
  const panel = own.add('i32');
  const from = own.add('i32');
  const to = own.add('i32');
  const s = own.add('i32');
  const lane = own.add('i32');
  const bytes = i32.shiftLeft(width.get, i32.const(2));
  const clear = code(
    to.set(panel.get),
    s.set(i32.const(0)),
    loopWhile(
      i32.lessThan(s.get, i32.mul(steps.get, width.get)),
      code(f32x4.store(to.get, f32x4.zero), step(to, 16), step(s, LANES)),
    ),
  );
  const copyVectors = (count: number) =>
    code(
      s.set(i32.const(0)),
      to.set(panel.get),
      loopWhile(
        i32.lessThan(s.get, steps.get),
        code(
          each(count, (i) => f32x4.store(to.get, f32x4.load(source.get, 16 * i), 16 * i)),
          move(source, stepStride.get),
          step(to, 16 * count),
          step(s, 1),
        ),
      ),
    );
  const copyNumbers = code(
    lane.set(i32.const(0)),
    loopWhile(
      i32.lessThan(lane.get, lanes.get),
      code(
        from.set(source.get),
        to.set(i32.add(panel.get, i32.shiftLeft(lane.get, i32.const(2)))),
        s.set(i32.const(0)),
        loopWhile(
          i32.lessThan(s.get, steps.get),
          code(
            f32.store(to.get, f32.load(from.get)),
            move(from, stepStride.get),
            move(to, bytes),
            step(s, 1),
          ),
        ),
        move(source, laneStride.get),
        step(lane, 1),
      ),
    ),
  );
  const whole = i32.and(
    i32.eqz(i32.sub(lanes.get, width.get)),
    i32.eqz(i32.sub(laneStride.get, i32.const(4))),
  );
  const body = code(
    when(i32.lessThan(lanes.get, width.get), clear),
    when(
      whole,
      when(
        i32.eqz(i32.sub(width.get, i32.const(COLUMNS))),
        copyVectors(COLUMNS / LANES),
        copyVectors(ROWS / LANES),
      ),
      copyNumbers,
    ),
  );
  return { parameters: own.types.slice(0, 7), locals: own.types.slice(7), body };
}

/** Copies the first numbers of some rows: `(from, fromStride, to, toStride, rows, columns)`. */
export function copy(): WasmFunction {
  const own = locals();
  const from = own.add('i32');
  const fromStride = own.add('i32');
  const to = own.add('i32');
  const toStride = own.add('i32');
  const rows = own.add('i32');
  const columns = own.add('i32');
  const at = own.add('i32');
  const body = loopWhile(
    rows.get,
    code(
      at.set(i32.const(0)),
      loopWhile(
        i32.lessThan(at.get, i32.shiftLeft(columns.get, i32.const(2))),
        code(f32.store(i32.add(to.get, at.get), f32.load(i32.add(from.get, at.get))), step(at, 4)),
      ),
      move(from, fromStride.get),
      move(to, toStride.get),
      step(rows, -1),
    ),
  );
  return { parameters: own.types.slice(0, 6), locals: own.types.slice(6), body };
}
