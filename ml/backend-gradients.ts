import type { GradConfig, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from './backend.ts';

/**
 * Sums a gradient over the axes along which its operand was broadcast, so that it has the operand's shape.
 */
function unbroadcast(tf: Tf, gradient: Tensor, shape: readonly number[]): Tensor {
  const axes: number[] = [];
  const extra = gradient.shape.length - shape.length;
  for (let axis = 0; axis < gradient.shape.length; axis++) {
    const own = axis < extra ? 1 : (shape[axis - extra] as number);
    if (axis < extra || (own === 1 && gradient.shape[axis] !== 1)) axes.push(axis);
  }
  const summed = axes.length > 0 ? tf.sum(gradient, axes) : gradient;
  return tf.reshape(summed, [...shape]);
}

/** `shape` with the reduced axes kept as 1, so that a reduced gradient broadcasts back. */
function keptShape(tf: Tf, shape: readonly number[], axis: number | number[] | undefined): number[] {
  const axes = tf.util.parseAxisParam(axis ?? shape.map((_, a) => a), [...shape]);
  return shape.map((size, a) => (axes.includes(a) ? 1 : size));
}

/** The transpose of the last two axes. */
function transposeLast(tf: Tf, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  axes.push(...axes.splice(-2).reverse());
  return tf.transpose(x, axes);
}

/** With A' = op(A) and B' = op(B): dA' = dY B'ᵀ and dB' = A'ᵀ dY, summed where one matrix served a whole batch. */
function productGradients(
  tf: Tf,
  d: Tensor,
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
): { a: () => Tensor; b: () => Tensor } {
  const gradient = (turned: Tensor, transposed: boolean, of: Tensor) => {
    const whole = transposed ? transposeLast(tf, turned) : turned;
    return whole.size === of.size ? whole : unbroadcast(tf, whole, of.shape);
  };
  return {
    a: () => gradient(tf.matMul(d, b, false, !transposeB), transposeA, a),
    b: () => gradient(tf.matMul(a, d, !transposeA, false), transposeB, b),
  };
}

/** One derivative per operation that the models use: the plain rules of calculus on tensors. */
function configs(tf: Tf): readonly GradConfig[] {
  return [
    {
      kernelName: 'Identity',
      gradFunc: (dy) => ({ x: () => tf.cast(dy as Tensor, 'float32') }),
    },
    {
      kernelName: 'Reshape',
      inputsToSave: ['x'],
      gradFunc: (dy, [x]) => ({ x: () => tf.reshape(dy as Tensor, x!.shape) }),
    },
    {
      kernelName: 'Add',
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => ({
        a: () => unbroadcast(tf, dy as Tensor, a!.shape),
        b: () => unbroadcast(tf, dy as Tensor, b!.shape),
      }),
    },
    {
      kernelName: 'Sub',
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => ({
        a: () => unbroadcast(tf, dy as Tensor, a!.shape),
        b: () => unbroadcast(tf, tf.neg(dy as Tensor), b!.shape),
      }),
    },
    {
      kernelName: 'Multiply',
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => ({
        a: () => unbroadcast(tf, tf.mul(dy as Tensor, b!), a!.shape),
        b: () => unbroadcast(tf, tf.mul(dy as Tensor, a!), b!.shape),
      }),
    },
    {
      kernelName: 'Sum',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], attrs) => ({
        x: () => {
          const kept = keptShape(tf, x!.shape, attrs.axis as number | number[] | undefined);
          return tf.mul(tf.reshape(dy as Tensor, kept), tf.onesLike(x!));
        },
      }),
    },
    {
      kernelName: 'Mean',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], attrs) => ({
        x: () => {
          const kept = keptShape(tf, x!.shape, attrs.axis as number | number[] | undefined);
          const count = x!.size / tf.util.sizeFromShape(kept);
          return tf.mul(tf.reshape(dy as Tensor, kept), tf.fill(x!.shape, 1 / count));
        },
      }),
    },
    {
      kernelName: 'BatchMatMul',
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b], attrs) => {
        const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
        return productGradients(tf, dy as Tensor, a!, b!, transposeA, transposeB);
      },
    },
    {
      // A dense layer: activation(A B + bias). Each derivative is worked out only where somebody asks for it.
      kernelName: '_FusedMatMul',
      inputsToSave: ['a', 'b', 'bias'],
      outputsToSave: [true],
      gradFunc: (dy, [a, b, bias, y], attrs) => {
        const { activation, leakyreluAlpha } = attrs as { activation?: string; leakyreluAlpha?: number };
        if (activation !== 'linear' && activation !== 'leakyrelu') {
          throw new Error(`the derivative of a layer with ${activation} is not known here`);
        }
        const d =
          // The rectifier keeps the sign, so its output tells where its input was positive.
          (activation === 'leakyrelu' ? tf.mul(dy as Tensor, tf.step(y!, leakyreluAlpha)) : dy) as Tensor;
        const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
        const product = productGradients(tf, d, a!, b!, transposeA, transposeB);
        // A product with a row of ones, because sums are slow on WASM.
        const rows = () => tf.reshape(d, [-1, bias!.shape[0]!]);
        const sum = () => tf.matMul(tf.ones([1, d.size / bias!.size]), rows() as Tensor2D);
        return { ...product, bias: () => tf.reshape(sum(), bias!.shape) };
      },
    },
    {
      kernelName: 'Softmax',
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({
        logits: () => {
          const weighted = tf.mul(dy as Tensor, y!);
          return tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), y!));
        },
      }),
    },
    {
      kernelName: 'Concat',
      saveAllInputs: true,
      gradFunc: (dy, saved, attrs) => {
        const axis = tf.util.parseAxisParam(attrs.axis as number, saved[0]!.shape)[0] as number;
        const sizes = saved.map((x) => x.shape[axis] as number);
        const parts = tf.split(dy as Tensor, sizes, axis);
        return Object.fromEntries(parts.map((part, index) => [index, () => part]));
      },
    },
    {
      kernelName: 'SplitV',
      gradFunc: (dy, _, attrs) => ({
        x: () => tf.concat(dy as Tensor[], attrs.axis as number),
      }),
    },
    {
      kernelName: 'Slice',
      inputsToSave: ['x'],
      gradFunc: (dy, [x], attrs) => ({
        x: () => {
          const begin = attrs.begin as number[];
          const d = dy as Tensor;
          const paddings = x!.shape.map((size, axis): [number, number] => {
            const before = begin[axis] ?? 0;
            return [before, size - before - (d.shape[axis] as number)];
          });
          return tf.pad(d, paddings);
        },
      }),
    },
  ];
}

/**
 * Teaches TensorFlow.js the derivatives that training needs. The Node build of tfjs-core 4.22 carries none
 * (`gradient function not found for …`): they come with the layers package, which nothing else here uses.
 * Derivatives that are already there (tfjs-node brings its own) stay.
 */
export function registerGradients(tf: Tf): void {
  for (const config of configs(tf)) {
    if (!tf.getGradient(config.kernelName)) tf.registerGradient(config);
  }
}
