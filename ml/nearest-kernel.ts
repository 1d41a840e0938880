import {
  anyTrue,
  assemble,
  bitmask,
  type Code,
  call,
  choose,
  code,
  f32,
  f32x4,
  i32,
  locals,
  loopWhile,
  type WasmFunction,
  when,
} from './wasm-assembler.ts';

/** Points per leaf, a multiple of four. */
export const LEAF = 32;
/** Halving reaches a leaf sooner; each step down leaves one node on the stack. */
const DEEPEST = 64;
/** Nodes that wait, with their distances, beside four lanes of scratch; per thread. */
export const STACK_BYTES = 16 + 8 * DEEPEST;

/** Where things lie in the memory of a search, in bytes; all multiples of 16. */
export interface SearchLayout {
  readonly dimensions: number;
  readonly k: number;
  /** Bytes of a row of numbers, padded with zeros to whole vectors. */
  readonly rowBytes: number;
  /** Per node two rows: the smallest and largest coordinates below it. Nodes in preorder: a left child comes next. */
  readonly boxes: number;
  /** Per node four integers: right child (0 for a leaf), sibling, parent, number of the leaf. */
  readonly links: number;
  /** Per leaf, dimension by dimension, the coordinates of its LEAF points; +∞ where there are fewer. */
  readonly cells: number;
  /** Rows of coordinates that are asked about. */
  readonly places: number;
  /** Per place the node of the leaf to begin at. */
  readonly starts: number;
  /** Per place k squared distances, ascending, and the positions of the points that they belong to. */
  readonly squares: number;
  readonly found: number;
  /** Per thread. */
  readonly stacks: number;
  readonly pages: number;
}

/** Distance of a place from a node's box, squared: `(node, place) → f32`. */
function boxDistance({ rowBytes, boxes }: SearchLayout): WasmFunction {
  const own = locals();
  const node = own.add('i32');
  const place = own.add('i32');
  const gap = own.add('v128');
  const sum = own.add('v128');
  const row = i32.add(i32.mul(node.get, i32.const(2 * rowBytes)), i32.const(boxes));
  const steps: Code[] = [sum.set(f32x4.zero), node.set(row)];
  for (let at = 0; at < rowBytes; at += 16) {
    const value = f32x4.load(place.get, at);
    const below = f32x4.sub(f32x4.load(node.get, at), value);
    const above = f32x4.sub(value, f32x4.load(node.get, rowBytes + at));
    steps.push(
      gap.set(f32x4.max(f32x4.max(below, above), f32x4.zero)),
      sum.set(f32x4.add(sum.get, f32x4.mul(gap.get, gap.get))),
    );
  }
  const lane = (i: number) => f32x4.lane(sum.get, i);
  steps.push(f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3))));
  return { parameters: ['i32', 'i32'], locals: own.types.slice(2), result: 'f32', body: code(...steps) };
}

/**
 * Takes what is nearer than the worst so far from a leaf: `(leaf, place, squares, skip, scratch, worst) → worst`.
 * `squares` is the address of this place's list, `skip` a position that is passed over.
 */
function scanLeaf({ dimensions: d, k, cells, squares, found }: SearchLayout): WasmFunction {
  const own = locals();
  const leaf = own.add('i32');
  const place = own.add('i32');
  const nearest = own.add('i32');
  const skip = own.add('i32');
  const scratch = own.add('i32');
  const worst = own.add('f32');
  const cell = own.add('i32');
  const position = own.add('i32');
  const end = own.add('i32');
  const mask = own.add('i32');
  const at = own.add('i32');
  const here = own.add('i32');
  const square = own.add('f32');
  const sum = own.add('v128');
  const difference = own.add('v128');
  const limit = own.add('v128');

  const addDimensions = (from: number, to: number): Code => {
    const steps: Code[] = [];
    for (let c = from; c < to; c++) {
      const coordinates = f32x4.load(cell.get, c * LEAF * 4);
      steps.push(
        difference.set(f32x4.sub(coordinates, f32x4.loadSplat(place.get, 4 * c))),
        sum.set(f32x4.add(sum.get, f32x4.mul(difference.get, difference.get))),
      );
    }
    return code(...steps);
  };
  const last = 4 * (k - 1);
  const toFound = (address: Code) => i32.add(address, i32.const(found - squares));
  const insert = code(
    at.set(i32.add(nearest.get, i32.const(last))),
    loopWhile(
      // The list's head has nothing before it.
      choose(
        i32.lessThan(nearest.get, at.get),
        f32.greaterThan(f32.load(i32.sub(at.get, i32.const(4))), square.get),
        i32.const(0),
      ),
      code(
        f32.store(at.get, f32.load(i32.sub(at.get, i32.const(4)))),
        i32.store(toFound(at.get), i32.load(toFound(i32.sub(at.get, i32.const(4))))),
        at.set(i32.sub(at.get, i32.const(4))),
      ),
    ),
    f32.store(at.get, square.get),
    i32.store(toFound(at.get), here.get),
    worst.set(f32.load(nearest.get, last)),
  );
  const takeLanes = code(
    f32x4.store(scratch.get, sum.get),
    loopWhile(
      mask.get,
      code(
        at.set(i32.trailingZeros(mask.get)),
        here.set(i32.add(position.get, at.get)),
        square.set(f32.load(i32.add(scratch.get, i32.shiftLeft(at.get, i32.const(2))))),
        mask.set(i32.and(mask.get, i32.sub(mask.get, i32.const(1)))),
        when(f32.lessThan(square.get, worst.get), when(i32.ne(here.get, skip.get), insert)),
      ),
    ),
    limit.set(f32x4.splat(worst.get)),
  );
  const head = Math.min(4, d);
  const below = f32x4.lessThan(sum.get, limit.get);
  const finish = code(
    addDimensions(head, d),
    mask.set(bitmask(f32x4.lessThan(sum.get, limit.get))),
    when(mask.get, takeLanes),
  );
  const body = code(
    cell.set(i32.add(i32.mul(leaf.get, i32.const(LEAF * d * 4)), i32.const(cells))),
    position.set(i32.mul(leaf.get, i32.const(LEAF))),
    end.set(i32.add(position.get, i32.const(LEAF))),
    limit.set(f32x4.splat(worst.get)),
    loopWhile(
      i32.lessThan(position.get, end.get),
      code(
        sum.set(f32x4.zero),
        // The first axes carry most of the distance: mostly all four points are out after them.
        addDimensions(0, head),
        when(anyTrue(below), finish),
        position.set(i32.add(position.get, i32.const(4))),
        cell.set(i32.add(cell.get, i32.const(16))),
      ),
    ),
    worst.get,
  );
  return {
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'f32'],
    locals: own.types.slice(6),
    result: 'f32',
    body,
  };
}

const BOX_DISTANCE = 0;
const SCAN_LEAF = 1;
/** The exported function `(from, to, thread, skipSelf)`: fills squares and found of these places. */
export const SEARCH = 'f2';

/** From the leaf of a place upwards, into each sibling on the way whose box is nearer than the worst point so far. */
function search(layout: SearchLayout): WasmFunction {
  const { rowBytes, links, places, starts, squares, stacks, k } = layout;
  const own = locals();
  const from = own.add('i32');
  const to = own.add('i32');
  const thread = own.add('i32');
  const skipSelf = own.add('i32');
  const place = own.add('i32');
  const nearest = own.add('i32');
  const skip = own.add('i32');
  const bottom = own.add('i32');
  const top = own.add('i32');
  const climber = own.add('i32');
  const node = own.add('i32');
  const right = own.add('i32');
  const worst = own.add('f32');
  const nearLeft = own.add('f32');
  const nearRight = own.add('f32');

  const link = (of: Code, which: number) =>
    i32.load(i32.add(i32.shiftLeft(of, i32.const(4)), i32.const(links)), 4 * which);
  const [RIGHT, SIBLING, PARENT, LEAF_NUMBER] = [0, 1, 2, 3];
  const scan = worst.set(
    call(
      SCAN_LEAF,
      link(node.get, LEAF_NUMBER),
      place.get,
      nearest.get,
      skip.get,
      i32.sub(bottom.get, i32.const(16)),
      worst.get,
    ),
  );
  const distance = (of: Code) => call(BOX_DISTANCE, of, place.get);
  const push = (what: Code, bound: Code): Code =>
    when(
      f32.lessThan(bound, worst.get),
      code(i32.store(top.get, what), f32.store(top.get, bound, 4), top.set(i32.add(top.get, i32.const(8)))),
    );
  const left = i32.add(node.get, i32.const(1));
  const open = code(
    nearLeft.set(distance(left)),
    nearRight.set(distance(right.get)),
    // The nearer child is looked at first.
    when(
      f32.lessThan(nearRight.get, nearLeft.get),
      code(push(left, nearLeft.get), push(right.get, nearRight.get)),
      code(push(right.get, nearRight.get), push(left, nearLeft.get)),
    ),
  );
  const below = loopWhile(
    i32.lessThan(bottom.get, top.get),
    code(
      top.set(i32.sub(top.get, i32.const(8))),
      when(
        f32.lessThan(f32.load(top.get, 4), worst.get),
        code(node.set(i32.load(top.get)), right.set(link(node.get, RIGHT)), when(right.get, open, scan)),
      ),
    ),
  );
  const one = code(
    place.set(i32.add(i32.mul(from.get, i32.const(rowBytes)), i32.const(places))),
    nearest.set(i32.add(i32.mul(from.get, i32.const(4 * k)), i32.const(squares))),
    skip.set(i32.const(-1)),
    when(skipSelf.get, skip.set(from.get)),
    ...Array.from({ length: k }, (_, j) =>
      f32.store(nearest.get, f32.const(Number.POSITIVE_INFINITY), 4 * j),
    ),
    worst.set(f32.const(Number.POSITIVE_INFINITY)),
    climber.set(i32.load(i32.add(i32.shiftLeft(from.get, i32.const(2)), i32.const(starts)))),
    node.set(climber.get),
    scan,
    loopWhile(
      climber.get,
      code(
        node.set(link(climber.get, SIBLING)),
        nearLeft.set(distance(node.get)),
        push(node.get, nearLeft.get),
        below,
        climber.set(link(climber.get, PARENT)),
      ),
    ),
    from.set(i32.add(from.get, i32.const(1))),
  );
  const body = code(
    bottom.set(i32.add(i32.mul(thread.get, i32.const(STACK_BYTES)), i32.const(stacks + 16))),
    top.set(bottom.get),
    loopWhile(i32.lessThan(from.get, to.get), one),
  );
  return { parameters: ['i32', 'i32', 'i32', 'i32'], locals: own.types.slice(4), body };
}

/** The search as a module for exactly this memory. */
export function compileSearch(layout: SearchLayout): WebAssembly.Module {
  return new WebAssembly.Module(
    assemble([boxDistance(layout), scanLeaf(layout), search(layout)], layout.pages),
  );
}
