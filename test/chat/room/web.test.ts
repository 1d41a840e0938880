import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseRange } from '../../../src/chat/room/audio.ts';
import { createRoom } from '../../../src/chat/room/room.ts';
import { createHttpServer } from '../../../src/http/server.ts';
import { openRoom, type RunningRoom, TEST_EMOTIONS } from '../../support/room.ts';

const rooms: RunningRoom[] = [];
let dir: string;
const SOUND = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 256));

async function open(...given: Parameters<typeof openRoom>): Promise<RunningRoom> {
  const room = await openRoom(...given);
  rooms.push(room);
  return room;
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'reactune-audio-'));
  await writeFile(path.join(dir, 'song.wav'), SOUND);
  await writeFile(path.join(dir, '..', 'reactune-secret'), 'secret');
});

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.remove();
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** As careless as can be: whatever the name, it is looked for in the folder. */
const carelessAudio = async (songId: string) => ({ path: path.join(dir, songId), mediaType: 'audio/wav' });

describe('a sound', () => {
  const heard = async (headers: Record<string, string> = {}, method = 'GET') => {
    const { url } = await open({ audio: carelessAudio });
    return fetch(`${url}/audio/song.wav`, { method, headers });
  };

  it('comes whole, with its type and length', async () => {
    const answer = await heard();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('audio/wav');
    expect(answer.headers.get('accept-ranges')).toBe('bytes');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(SOUND);
  });

  it.each([
    ['bytes=0-9', 0, 9],
    ['bytes=990-', 990, 999],
    ['bytes=-5', 995, 999],
    ['bytes=900-5000', 900, 999],
  ])('comes in part for %s', async (range, first, last) => {
    const answer = await heard({ Range: range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${first}-${last}/1000`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(SOUND.subarray(first, last + 1));
  });

  it('says so when a part lies outside', async () => {
    const answer = await heard({ Range: 'bytes=1000-' });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe('bytes */1000');
  });

  it('comes whole for ranges that make no sense', () => {
    for (const range of ['bytes=9-0', 'bytes=a-b', 'items=0-1', 'bytes=-', 'bytes=0-1,4-5']) {
      expect(parseRange(range, 1_000)).toBeUndefined();
    }
  });

  it('is not sent for HEAD, only described', async () => {
    const answer = await heard({}, 'HEAD');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('1000');
  });

  it('is not sent again when it did not change', async () => {
    const { url } = await open({ audio: carelessAudio });
    const etag = (await fetch(`${url}/audio/song.wav`)).headers.get('etag') ?? '';
    expect((await fetch(`${url}/audio/song.wav`, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    const old = await fetch(`${url}/audio/song.wav`, {
      headers: { Range: 'bytes=0-1', 'If-Range': '"old"' },
    });
    expect(old.status).toBe(200);
  });

  it.each([
    '/audio/..%2freactune-secret',
    '/audio/..%2Freactune-secret',
    '/audio/%2e%2e%2freactune-secret',
    '/audio/..%5creactune-secret',
    '/audio/../reactune-secret',
    '/audio/./../../etc/passwd',
    '/audio/song.wav%00',
    '/audio/%2fetc%2fpasswd',
    '/audio/%E0%A4%A',
    '/audio/',
    '/audio/none.wav',
  ])('%s is not found, even with a careless source behind it', async (trick) => {
    const { url } = await open({ audio: carelessAudio });
    // By hand: fetch would tidy the path up before it is sent.
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      get(`${url}/`, { path: trick, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, text }));
      }).on('error', reject);
    });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('secret');
  });
});

describe('files of a message', () => {
  it('can be fetched by those who may read the message, and by nobody else', async () => {
    const room = await open({
      handlers: {
        async command({ answer }) {
          await answer({
            text: 'Here',
            private: true,
            files: [{ name: 'calm – für Ana.m3u8', mediaType: 'audio/x-mpegurl', content: '#EXTM3U\n' }],
          });
        },
      },
    });
    const ana = await room.member('ana');
    const ben = await room.member('ben');
    const answer = await ana.types('/playlist');
    expect(answer.body.files).toEqual([
      { name: 'calm – für Ana.m3u8', mediaType: 'audio/x-mpegurl', bytes: 8 },
    ]);
    const file = await ana.gets(`/files/${answer.id}/0`);
    expect(await file.text()).toBe('#EXTM3U\n');
    expect(file.headers.get('content-disposition')).toContain('attachment');
    expect((await ben.gets(`/files/${answer.id}/0`)).status).toBe(404);
    expect((await room.stranger().gets(`/files/${answer.id}/0`)).status).toBe(401);
    expect((await ana.gets(`/files/${answer.id}/1`)).status).toBe(404);
  });
});

describe('the cookie', () => {
  it('cannot be read by script nor sent by another site', async () => {
    const { url } = await open();
    const answer = await fetch(`${url}/api/session`, { method: 'POST', headers: { Origin: url } });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).not.toContain('Secure');
  });

  it('goes over https only behind an https address', async () => {
    const { url } = await open({ secure: true });
    const answer = await fetch(`${url}/api/session`, { method: 'POST', headers: { Origin: url } });
    expect(answer.headers.get('set-cookie')).toContain('Secure');
  });

  it('is not given to another site, nor replaced by a visit that cannot send it', async () => {
    const { url } = await open();
    const foreign = { method: 'POST', headers: { Origin: 'https://evil.example' } };
    expect((await fetch(`${url}/api/session`, foreign)).status).toBe(403);
    expect((await fetch(url)).headers.get('set-cookie')).toBeNull();
  });
});

describe('a room with a password', () => {
  const enter = (url: string, password: string) =>
    fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { Origin: url, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ password }),
    });

  it('shows nothing before it was given', async () => {
    const { url, stranger } = await open({ password: 'open sesame', audio: carelessAudio });
    const page = await fetch(url);
    expect(page.status).toBe(401);
    expect(await page.text()).toContain('Room password');
    expect((await fetch(`${url}/audio/song.wav`)).status).toBe(401);
    const outside = stranger();
    expect((await outside.posts('/api/session')).status).toBe(401);
    await expect(outside.connects()).rejects.toThrow('401');
  });

  it('lets in who knows it, also after a restart, until it is changed', async () => {
    const room = await open({ password: 'open sesame' });
    const answer = await enter(room.url, 'open sesame');
    expect(answer.status).toBe(303);
    const ana = room.stranger();
    ana.cookie = answer.headers.get('set-cookie')?.split(';')[0];
    await ana.connects();
    await ana.asks({ kind: 'rename', name: 'ana' });
    await ana.drops();
    const again = await room.restart();
    rooms.push(again);
    await ana.connects();
    expect(ana.self.name).toBe('ana');
    await ana.drops();
    await again.stop();
    const changed = await open({
      password: 'another',
      dir: room.dir,
      port: Number(new URL(room.url).port),
    });
    expect(changed.url).toBe(room.url);
    await expect(ana.connects()).rejects.toThrow('401');
  });

  it('refuses a wrong one, and many wrong ones for a while', async () => {
    const { url } = await open({ password: 'open sesame' });
    const statuses: number[] = [];
    for (let guess = 0; guess < 8; guess++) statuses.push((await enter(url, `guess ${guess}`)).status);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.slice(5)).toEqual([429, 429, 429]);
    expect((await enter(url, 'open sesame')).status).toBe(429);
  });

  it('is needed when other machines can reach it', async () => {
    const log = pino({ level: 'silent' });
    const http = createHttpServer({ host: '0.0.0.0', port: 0, log });
    await expect(
      createRoom({
        historyDir: path.join(dir, 'none'),
        http,
        log,
        now: Date.now,
        declarations: [],
        emotions: TEST_EMOTIONS,
        audio: carelessAudio,
        brand: { name: 'Reactune' },
        loopback: false,
        url: () => '',
      }),
    ).rejects.toThrow('ROOM_PASSWORD');
  });
});
