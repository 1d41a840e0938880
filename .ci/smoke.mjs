// Starts the built bot as an operator would, opens the room as a browser would, and asks for a playlist.
// Usage: node .ci/smoke.mjs <path of the node binary to run it with>
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';

const binary = process.argv[2] ?? process.execPath;
const root = path.dirname(import.meta.dirname);
const stateDir = mkdtempSync(path.join(os.tmpdir(), 'reactune-smoke-'));
const DEADLINE_MS = 90_000;

function fail(message) {
  throw new Error(`smoke start under ${binary}: ${message}`);
}

/** The bot, and the address it prints when it is ready. */
async function startBot() {
  const began = performance.now();
  const bot = spawn(binary, [path.join(root, 'dist', 'main.js')], {
    env: { ...process.env, PORT: '0', STATE_DIR: stateDir, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const url = await new Promise((resolve, reject) => {
    bot.once('exit', (code) => reject(new Error(`the bot ended with ${code}:\n${printed}`)));
    bot.stdout.on('data', (data) => {
      printed += data;
      const found = /The room\s+(http:\S+)/.exec(printed);
      if (found && /Press Ctrl-C/.test(printed)) resolve(found[1]);
    });
  });
  return { bot, url, seconds: (performance.now() - began) / 1000 };
}

async function stopBot(bot) {
  const ended = new Promise((resolve) => bot.once('exit', (code) => resolve(code)));
  bot.kill('SIGINT');
  const code = await ended;
  if (code !== 0) fail(`Ctrl-C ended it with ${code}`);
}

/** Types `/playlist calm` and resolves to the answer. */
async function askForPlaylist(url) {
  const page = await fetch(url);
  if (!page.ok || !(await page.text()).includes('<html')) fail(`the page answers ${page.status}`);
  const session = await fetch(`${url}/api/session`, { method: 'POST', headers: { Origin: url } });
  const cookie = session.headers.get('set-cookie').split(';')[0];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, {
    headers: { Origin: url, Cookie: cookie },
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const answer = new Promise((resolve, reject) => {
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data));
      if (frame.t === 'refused') reject(new Error(frame.refusal.text));
      if (frame.t === 'update' && frame.update.kind === 'message' && frame.update.message.answers) {
        resolve(frame.update.message.body);
      }
    });
  });
  const ask = (id, op) => socket.send(JSON.stringify({ t: 'ask', id, op }));
  socket.send(JSON.stringify({ t: 'hello' }));
  ask('1', { kind: 'rename', name: 'Smoke' });
  ask('2', { kind: 'command', command: 'playlist', options: { emotion: 'calm', songs: 5 } });
  const body = await answer;
  socket.close();
  return body;
}

setTimeout(() => {
  console.error(`smoke start under ${binary}: nothing within ${DEADLINE_MS / 1000} s`);
  process.exit(1);
}, DEADLINE_MS).unref();

try {
  const first = await startBot();
  const playlist = await askForPlaylist(first.url);
  if (playlist.songs?.length !== 5)
    fail(`the playlist has ${playlist.songs?.length ?? 'no'} songs: ${playlist.text}`);
  await stopBot(first.bot);
  const second = await startBot();
  await stopBot(second.bot);
  console.log(
    `smoke start under ${binary}: first start ${first.seconds.toFixed(1)} s, "${playlist.title}" with ` +
      `${playlist.songs.length} songs, second start ${second.seconds.toFixed(1)} s`,
  );
} finally {
  rmSync(stateDir, { recursive: true, force: true });
}
process.exit(0);
