import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from './backend.ts';
import { type Operand, openMatrixKernel, scratchBytes } from './matrix-kernel.ts';

/** What is used of the WASM backend beside its kernels. */
interface WasmBackend {
  readonly wasm: { readonly asm?: { readonly memory?: unknown } };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo;
  disposeData(dataId: object): void;
}

interface Inputs {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly bias?: TensorInfo;
  readonly preluActivationWeights?: TensorInfo;
}

interface Attributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

const registered = Symbol.for('reactune.wasm.kernels');
const BYTES = 4;

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** The last two axes of a tensor whose other axes are so many matrices. */
function matrixOf({ shape }: TensorInfo, transposed: boolean) {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const matrices = count(shape.slice(0, -2));
  const stride = columns * BYTES;
  return transposed
    ? { rows: columns, columns: rows, matrices, row: BYTES, column: stride, bytes: rows * stride }
    : { rows, columns, matrices, row: stride, column: BYTES, bytes: rows * stride };
}

/** The kernel that works out this product, or undefined where the backend's own has to. */
function productOf(backend: WasmBackend, multiply: ReturnType<typeof openMatrixKernel>) {
  return (inputs: Inputs, attributes: Attributes): TensorInfo | undefined => {
    const { a, b, bias, preluActivationWeights } = inputs;
    const { transposeA, transposeB, activation = 'linear', leakyreluAlpha = 0 } = attributes;
    const left = matrixOf(a, transposeA);
    const right = matrixOf(b, transposeB);
    const matrices = Math.max(left.matrices, right.matrices);
    const alike = a.shape.slice(0, -2).join() === b.shape.slice(0, -2).join();
    const leak = activation === 'linear' ? 1 : leakyreluAlpha;
    const ours =
      [a, b, ...(bias ? [bias] : [])].every(({ dtype }) => dtype === 'float32') &&
      (alike || (a.shape.length === b.shape.length && (left.matrices === 1 || right.matrices === 1))) &&
      left.columns === right.rows &&
      count(a.shape) > 0 &&
      count(b.shape) > 0 &&
      (activation === 'linear' ||
        (activation === 'leakyrelu' && bias !== undefined && leak > 0 && leak <= 1)) &&
      (bias === undefined || (bias.shape.length === 1 && bias.shape[0] === right.columns)) &&
      !preluActivationWeights;
    if (!ours) return undefined;

    const { rows } = left;
    const { columns } = right;
    const inner = right.rows;
    const outer = (left.matrices >= right.matrices ? a : b).shape.slice(0, -2);
    const result = backend.makeOutput([...outer, rows, columns], 'float32');
    const scratch = backend.makeOutput([scratchBytes({ columns, inner }) / BYTES], 'float32');
    const place = ({ dataId }: TensorInfo) => backend.dataIdMap.get(dataId).memoryOffset;
    const operand = (of: typeof left, at: number, which: number): Operand => ({
      at: at + (of.matrices === 1 ? 0 : which * of.bytes),
      row: of.row,
      column: of.column,
    });
    const places = { a: place(a), b: place(b), c: place(result), scratch: place(scratch) };
    const added = bias && { bias: place(bias), leak };
    for (let which = 0; which < matrices; which++) {
      multiply(
        {
          a: operand(left, places.a, which),
          b: operand(right, places.b, which),
          c: places.c + which * rows * columns * BYTES,
          rows,
          columns,
          inner,
          ...added,
        },
        places.scratch,
      );
    }
    backend.disposeData(scratch.dataId);
    return result;
  };
}

function ownKernelOf(config: KernelConfig | undefined): KernelConfig | undefined {
  return (config?.kernelFunc as { [registered]?: KernelConfig } | undefined)?.[registered];
}

/**
 * Replaces kernels of the WASM backend that are too slow to train with. Call it after the backend is ready;
 * a second call does nothing.
 *
 * - `BatchMatMul` with a transposed operand runs a scalar loop in tfjs-backend-wasm 4.22 (256³: 26 ms against
 *   1.6 ms without), and every dense layer's gradient is one. Transposing first is no remedy: the backend prepares every
 *   new right-hand operand anew. {@link openMatrixKernel} takes both as they lie.
 * - `_FusedMatMul` goes through the same loop, without vector instructions for its activation.
 */
export function registerWasmKernels(tf: Tf): void {
  const backend = tf.backend() as unknown as WasmBackend;
  const memory = backend.wasm.asm?.memory;
  if (!(memory instanceof WebAssembly.Memory)) return;
  const product = productOf(backend, openMatrixKernel(memory));
  for (const name of KERNELS) {
    const plain = tf.getKernel(name, 'wasm');
    if (!plain || ownKernelOf(plain)) continue;
    const kernelFunc: KernelFunc = (call) =>
      product(call.inputs as unknown as Inputs, call.attrs as unknown as Attributes) ??
      plain.kernelFunc(call);
    Object.defineProperty(kernelFunc, registered, { value: plain });
    tf.unregisterKernel(name, 'wasm');
    tf.registerKernel({ ...plain, kernelFunc });
  }
}

const KERNELS = ['BatchMatMul', '_FusedMatMul'] as const;

/** Puts the backend's own kernels back, so that a benchmark can measure the difference. */
export function restoreWasmKernels(tf: Tf): void {
  for (const name of KERNELS) {
    const plain = ownKernelOf(tf.getKernel(name, 'wasm'));
    if (!plain) continue;
    tf.unregisterKernel(name, 'wasm');
    tf.registerKernel(plain);
  }
}
