import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

describe('the environment', () => {
  it('needs nothing: the room opens on this machine only', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      loopback: true,
      room: true,
      backend: 'auto',
    });
  });

  it('treats an empty variable as unset', () => {
    expect(readConfig({ PORT: '', HOST: '', ROOM_PASSWORD: '' })).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
    });
  });

  it('names every mistake at once, with what would be right', () => {
    const read = () =>
      readConfig({ PORT: '99999', LOG_LEVEL: 'loud', TFJS_BACKEND: 'gpu', ROOM_PASSWORD: 'short' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      /PORT must be a port number[\s\S]*LOG_LEVEL must be[\s\S]*ROOM_PASSWORD must have at least 8[\s\S]*TFJS_BACKEND must be/,
    );
  });

  it('refuses to open the room to the network without a password', () => {
    expect(() => readConfig({ HOST: '0.0.0.0' })).toThrow(/set ROOM_PASSWORD/);
    expect(() => readConfig({ HOST: '::' })).toThrow(/set ROOM_PASSWORD/);
    expect(readConfig({ HOST: '0.0.0.0', ROOM_PASSWORD: 'open sesame' }).loopback).toBe(false);
    expect(readConfig({ HOST: '0.0.0.0', ROOM: 'off' }).room).toBe(false);
  });

  it.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('knows that %s is this machine only', (host) => {
    expect(readConfig({ HOST: host }).loopback).toBe(true);
  });

  it('does not repeat a password in its message', () => {
    let message = '';
    try {
      readConfig({ ROOM_PASSWORD: 'hunter2' });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('ROOM_PASSWORD');
    expect(message).not.toContain('hunter2');
  });

  it('needs a password for a room that a proxy opens to others', () => {
    const PUBLIC_URL = 'https://example.org';
    expect(() => readConfig({ PUBLIC_URL })).toThrow('ROOM_PASSWORD');
    expect(readConfig({ PUBLIC_URL, ROOM_PASSWORD: 'eight or more' }).publicUrl).toBe(PUBLIC_URL);
    expect(readConfig({ PUBLIC_URL: 'http://localhost:3000' }).roomPassword).toBeUndefined();
    expect(readConfig({ PUBLIC_URL: 'http://[::1]:3000' }).roomPassword).toBeUndefined();
  });

  it('makes paths absolute and addresses comparable', () => {
    const config = readConfig({
      STATE_DIR: 'somewhere',
      PUBLIC_URL: 'https://example.org/bot//',
      ROOM: 'off',
    });
    expect(config.stateDir).toBe(path.resolve('somewhere'));
    expect(config.publicUrl).toBe('https://example.org/bot');
  });
});
