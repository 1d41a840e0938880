import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../ml/backend.ts';

const missing = (code?: string) => async () => {
  throw Object.assign(new Error("Cannot find package '@tensorflow/tfjs-node'"), { code });
};
const wasm = () => import('@tensorflow/tfjs-backend-wasm');
const cpu = () => import('@tensorflow/tfjs-backend-cpu');

describe('loading a backend', () => {
  it('loads the one that is asked for and says so', async () => {
    const backend = await loadBackend('cpu');
    expect(backend.name).toBe('cpu');
    expect(backend.tf.getBackend()).toBe('cpu');
    expect(backend.why).toContain('as asked for');
  });

  it('takes WebAssembly when the native backend is not installed', async () => {
    const backend = await loadBackend('auto', { node: missing('ERR_MODULE_NOT_FOUND'), wasm, cpu });
    expect(backend.name).toBe('wasm');
    expect(backend.why).toContain('not installed');
  });

  it('takes WebAssembly when the native backend is there but its binary is not, and says what happened', async () => {
    const broken = async () => {
      throw new Error('The Node.js native addon module (tfjs_binding.node) can not be found\nmore lines');
    };
    const backend = await loadBackend('node', { node: broken, wasm, cpu });
    expect(backend.name).toBe('wasm');
    expect(backend.why).toContain('could not load: The Node.js native addon module');
    expect(backend.why).not.toContain('more lines');
  });

  it('takes plain JavaScript when WebAssembly does not start either', async () => {
    const broken = () => Promise.reject(new Error('no WebAssembly here'));
    const backend = await loadBackend('auto', { node: missing('MODULE_NOT_FOUND'), wasm: broken, cpu });
    expect(backend.name).toBe('cpu');
    expect(backend.why).toContain('no WebAssembly here');
  });

  it('says what to do when nothing loads', async () => {
    const broken = () => Promise.reject('a string');
    await expect(loadBackend('auto', { node: broken, wasm: broken, cpu: broken })).rejects.toThrow(/npm ci/);
  });
});
