import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from './backend.ts';

interface DisposingBackend {
  disposeData(dataId: object): void;
}

const registered = Symbol.for('reactune.wasm.kernels');

/** The permutation that swaps the last two axes of a tensor of this rank. */
function swapLastTwo(rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  axes[rank - 2] = rank - 1;
  axes[rank - 1] = rank - 2;
  return axes;
}

/**
 * Replaces kernels of the WASM backend that are too slow to train with. Call it after the backend is ready;
 * a second call does nothing.
 *
 * - `BatchMatMul` with a transposed operand runs a scalar loop in tfjs-backend-wasm 4.22 (256³: 26 ms against
 *   1.6 ms without), and every dense layer's gradient is one. Transposing first and multiplying plainly
 *   gives the same numbers several times faster.
 */
export function registerWasmKernels(tf: Tf): void {
  const plain = tf.getKernel('BatchMatMul', 'wasm');
  const transpose = tf.getKernel('Transpose', 'wasm');
  if (!plain || !transpose || registered in plain.kernelFunc) return;

  const turned = (x: TensorInfo, backend: object): TensorInfo =>
    transpose.kernelFunc({
      inputs: { x },
      backend,
      attrs: { perm: swapLastTwo(x.shape.length) },
    }) as TensorInfo;

  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const left = transposeA ? turned(a, backend) : a;
    const right = transposeB ? turned(b, backend) : b;
    const product = plain.kernelFunc({
      inputs: { a: left, b: right },
      backend,
      attrs: { transposeA: false, transposeB: false },
    });
    const memory = backend as DisposingBackend;
    if (transposeA) memory.disposeData(left.dataId);
    if (transposeB) memory.disposeData(right.dataId);
    return product;
  };
  Object.defineProperty(kernelFunc, registered, { value: plain });
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({ ...plain, kernelFunc });
}

/** Puts the backend's own kernels back, so that a benchmark can measure the difference. */
export function restoreWasmKernels(tf: Tf): void {
  const current = tf.getKernel('BatchMatMul', 'wasm');
  const plain = (current?.kernelFunc as { [registered]?: ReturnType<Tf['getKernel']> } | undefined)?.[
    registered
  ];
  if (!plain) return;
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel(plain);
}
