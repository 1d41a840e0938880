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

  const token = `MTA0MDAwMDAwMDAwMDAwMDAwMA.Gtest1.${'x'.repeat(38)}`;

  it('joins Discord when there is a token', () => {
    expect(readConfig({}).discord).toBeUndefined();
    expect(readConfig({ DISCORD_TOKEN: ` ${token}\n` }).discord).toEqual({
      token,
      apiUrl: 'https://discord.com/api',
    });
    const DISCORD_API_URL = 'http://127.0.0.1:4000/api/';
    expect(readConfig({ DISCORD_TOKEN: token, DISCORD_API_URL }).discord?.apiUrl).toBe(
      'http://127.0.0.1:4000/api',
    );
  });

  it.each([
    ['104000000000000000', "looks like the application's id"],
    ['0123456789abcdef'.repeat(4), "looks like the application's public key"],
    ['AbCdEfGhIjKlMnOpQrStUvWxYz012345', 'looks like the client secret'],
    [`Bot ${token}`, 'leave the word "Bot" before it out'],
    ['your-token-here', 'three parts with dots between them'],
  ])('says what was put in place of a token: %s', (DISCORD_TOKEN, mistake) => {
    let message = '';
    try {
      readConfig({ DISCORD_TOKEN });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('DISCORD_TOKEN');
    expect(message).toContain(mistake);
    expect(message).not.toContain(DISCORD_TOKEN.replace('Bot ', ''));
  });

  it.each([
    ['discord.com', 'must be an address'],
    ['https://discord.com/api/v10', 'without /v10'],
  ])('says what is wrong with the address %s', (DISCORD_API_URL, mistake) => {
    expect(() => readConfig({ DISCORD_API_URL })).toThrow(mistake);
  });
});
