import { registerGradients } from './backend-gradients.ts';
import { registerWasmKernels } from './backend-kernels.ts';

/** The functions of TensorFlow.js, whichever backend runs them. */
export type Tf = typeof import('@tensorflow/tfjs-core');
export type BackendName = 'node' | 'wasm' | 'cpu';
export type BackendWish = 'auto' | BackendName;

export interface Backend {
  readonly name: BackendName;
  /** For people: why this one and, if a faster one was passed over, why that was. */
  readonly why: string;
  readonly tf: Tf;
}

/** How TensorFlow.js itself calls the three. */
const ENGINE_NAMES: Readonly<Record<BackendName, string>> = { node: 'tensorflow', wasm: 'wasm', cpu: 'cpu' };

/** Importing each package registers its backend; nothing is loaded before it is asked for. */
const PACKAGES: Readonly<Record<BackendName, () => Promise<unknown>>> = {
  node: () => {
    restoreRemovedUtility();
    // The cast keeps the types of an optional package out of the type check.
    return import('@tensorflow/tfjs-node' as string);
  },
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
};

const LABELS: Readonly<Record<BackendName, string>> = {
  node: 'the native backend (@tensorflow/tfjs-node)',
  wasm: 'WebAssembly',
  cpu: 'plain JavaScript',
};

/**
 * tfjs-node 4.22 calls `util.isNullOrUndefined`, which Node 23 removed (tensorflow/tfjs#8609). Node
 * versions without `getBuiltinModule` still have the function.
 */
function restoreRemovedUtility(): void {
  const util = globalThis.process?.getBuiltinModule?.('util') as Record<string, unknown> | undefined;
  if (util) util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
}

/** Why a package could not be used, in a few words. Any kind of failure counts: npm leaves half-installed ones. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  if (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    /tfjs-(node|backend)/.test(message)
  ) {
    return 'not installed';
  }
  const line = message.split('\n').find((text) => text.trim() !== '') ?? 'unknown error';
  return `could not load: ${line.trim().slice(0, 200)}`;
}

/** In the order in which they are tried: the one asked for first, then what is fastest. */
function candidates(wish: BackendWish): readonly BackendName[] {
  if (wish === 'cpu') return ['cpu'];
  return wish === 'wasm' ? ['wasm', 'cpu'] : ['node', 'wasm', 'cpu'];
}

/**
 * Makes a TensorFlow.js backend ready and says which one and why. TensorFlow.js has one backend per
 * process: the last call wins.
 *
 * @param wish `auto` takes the fastest that works; a named backend that does not work is replaced by the
 * next slower one, and `why` says so.
 * @param packages how the backends' packages are imported; replaceable for tests
 * @throws Error when not even the plain JavaScript backend loads
 */
export async function loadBackend(wish: BackendWish, packages = PACKAGES): Promise<Backend> {
  const tf: Tf = await import('@tensorflow/tfjs-core');
  // Silences the advice to install tfjs-node, which `why` gives better.
  tf.enableProdMode();
  const passedOver: string[] = [];
  for (const name of candidates(wish)) {
    try {
      await packages[name]();
      if (!(await tf.setBackend(ENGINE_NAMES[name]))) throw new Error('the backend refused to start');
      await tf.ready();
    } catch (error) {
      passedOver.push(`${LABELS[name]}: ${reasonOf(error)}`);
      continue;
    }
    registerGradients(tf);
    if (name === 'wasm') registerWasmKernels(tf);
    const asked = wish === name ? ', as asked for' : '';
    const why = [`${LABELS[name]}${asked}`, ...passedOver].join('; ');
    return { name, why, tf };
  }
  throw new Error(
    `TensorFlow.js cannot run here (${passedOver.join('; ')}): install Reactune again with \`npm ci\`.`,
  );
}
