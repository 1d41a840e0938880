import { request } from 'node:http';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { addressesOf } from '../../src/http/addresses.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';

const log = pino({ level: 'silent' });
const open: HttpServer[] = [];

async function serve(options: { host?: string; port?: number; publicUrl?: string } = {}) {
  const server = createHttpServer({ host: '127.0.0.1', port: 0, log, ...options });
  server.app.post('/act', (c) => c.text('done'));
  server.app.get('/broken', () => {
    throw new Error('database password is hunter2');
  });
  open.push(server);
  return { server, ...(await server.listen()) };
}

/** A raw request, because fetch does not let us choose Host. */
function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body = '',
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The first line of the answer to a hand-written WebSocket upgrade. */
function upgrade(port: number, path: string, headers: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`,
      );
    });
    socket.once('data', (data) => {
      resolve(data.toString().split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

describe('the web server', () => {
  it('says that it is well', async () => {
    const { url } = await serve();
    const answer = await fetch(`${url}/health`);
    expect(await answer.json()).toEqual({ status: 'ok' });
  });

  it('names a taken port and says how to choose another', async () => {
    const { port } = await serve();
    const second = createHttpServer({ host: '127.0.0.1', port, log });
    await expect(second.listen()).rejects.toMatchObject({
      code: 'port-taken',
      message: expect.stringMatching(new RegExp(`Port ${port} .*set PORT=`)),
    });
  });

  it('says which HOST to set when the address is not on this machine', async () => {
    const server = createHttpServer({ host: '203.0.113.7', port: 0, log });
    await expect(server.listen()).rejects.toMatchObject({ code: 'no-such-address' });
  });

  it.each(['/health', '/nothing', '/broken'])('sends its security headers with %s', async (path) => {
    const { port } = await serve();
    const { headers } = await ask(port, path);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
  });

  it('never shows what went wrong inside', async () => {
    const { port } = await serve();
    const answer = await ask(port, '/broken');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('hunter2');
  });

  it('refuses a name that was rebound to this machine', async () => {
    const { port } = await serve();
    expect((await ask(port, '/health', { Host: 'evil.example' })).status).toBe(421);
    expect((await ask(port, '/health', { Host: `localhost:${port}` })).status).toBe(200);
    expect((await ask(port, '/health', { Host: '[::1]:8080' })).status).toBe(200);
  });

  it('answers to the public address it was told', async () => {
    const { port } = await serve({ publicUrl: 'https://music.example' });
    expect((await ask(port, '/health', { Host: 'music.example' })).status).toBe(200);
    const sent = { Host: 'music.example', Origin: 'https://music.example' };
    expect((await ask(port, '/act', sent, 'POST')).status).toBe(200);
  });

  it('on the network, answers to addresses but not to foreign names', async () => {
    const { port } = await serve({ host: '0.0.0.0' });
    expect((await ask(port, '/health', { Host: `192.168.1.20:${port}` })).status).toBe(200);
    expect((await ask(port, '/health', { Host: 'evil.example' })).status).toBe(421);
  });

  it('refuses what another site makes a browser send', async () => {
    const { port } = await serve();
    const own = { Host: `127.0.0.1:${port}` };
    expect((await ask(port, '/act', { ...own, Origin: 'https://evil.example' }, 'POST')).status).toBe(403);
    expect((await ask(port, '/act', { ...own, Origin: 'null' }, 'POST')).status).toBe(403);
    expect((await ask(port, '/act', { ...own, 'Sec-Fetch-Site': 'cross-site' }, 'POST')).status).toBe(403);
    expect((await ask(port, '/act', { ...own, Origin: `http://127.0.0.1:${port}` }, 'POST')).status).toBe(
      200,
    );
  });

  it('refuses a body that does not say how large it is', async () => {
    const { port } = await serve();
    const answer = await ask(port, '/act', { 'Transfer-Encoding': 'chunked' }, 'POST', 'x');
    expect(answer.status).toBe(411);
    expect((await ask(port, '/act', {}, 'POST')).status).toBe(200);
  });

  it('refuses a body that is too large', async () => {
    const { port } = await serve();
    const answer = await ask(
      port,
      '/act',
      { 'Content-Length': String(1 << 20) },
      'POST',
      'x'.repeat(1 << 20),
    ).catch((error: Error) => error);
    // Node may close before the whole body was sent; either way nothing was done.
    if (!(answer instanceof Error)) expect(answer.status).toBe(413);
    expect((await ask(port, '/health')).status).toBe(200);
  });

  it('hands over upgrades of its own pages only', async () => {
    const { port, server } = await serve();
    server.onUpgrade('/live', (_request, socket) => socket.end('HTTP/1.1 299 Mine\r\n\r\n'));
    const own = `Host: 127.0.0.1:${port}`;
    expect(await upgrade(port, '/live', [own, `Origin: http://127.0.0.1:${port}`])).toContain('299');
    expect(await upgrade(port, '/live', [own])).toContain('403');
    expect(await upgrade(port, '/live', [own, 'Origin: https://evil.example'])).toContain('403');
    expect(await upgrade(port, '/live', ['Host: evil.example', 'Origin: http://evil.example'])).toContain(
      '421',
    );
    expect(await upgrade(port, '/other', [own, `Origin: http://127.0.0.1:${port}`])).toContain('404');
  });

  it('says how it is reached: here, in the network, or by its public name', () => {
    expect(addressesOf('127.0.0.1', 3000, undefined)).toEqual({ url: 'http://127.0.0.1:3000' });
    expect(addressesOf('192.168.1.20', 3000, undefined)).toEqual({
      url: 'http://192.168.1.20:3000',
      networkUrl: 'http://192.168.1.20:3000',
    });
    expect(addressesOf('::1', 3000, undefined)).toEqual({ url: 'http://[::1]:3000' });
    expect(addressesOf('0.0.0.0', 3000, undefined).url).toBe('http://127.0.0.1:3000');
    expect(addressesOf('127.0.0.1', 3000, 'https://music.example/')).toEqual({
      url: 'https://music.example',
      networkUrl: 'https://music.example',
    });
  });

  it('closes although a socket is still open', async () => {
    const { port, server } = await serve();
    const socket = connect(port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await server.close();
    await closed;
  });
});
