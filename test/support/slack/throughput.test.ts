import { once } from 'node:events';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { slackFor } from './bolt.ts';

it('delivers several thousand events a second, so that benchmarks measure the bot', async () => {
  const slack = await slackFor({ keepDeliveries: 100 });
  const ws = slack.workspace({ channels: ['music'] });
  const ana = ws.member('ana');
  const message = ana.says(ws.channel('music'), 'react!');
  const socket = new WebSocket(slack.sockets.ticketUrl());
  socket.on('message', (data) => {
    const { envelope_id } = JSON.parse(String(data)) as { envelope_id?: string };
    if (envelope_id !== undefined) socket.send(JSON.stringify({ envelope_id }));
  });
  await once(socket, 'open');
  await slack.connected();
  const rounds = 2500;
  let best = 0;
  // Measured 10,000 to 25,000 on two busy cores. The best of a few tries: the machine may be at something else.
  for (let attempt = 0; attempt < 5 && best < 3000; attempt += 1) {
    const began = performance.now();
    for (let i = 0; i < rounds; i += 1) {
      ana.reacts(message, 'zap');
      ana.unreacts(message, 'zap');
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await slack.deliveries.settled();
    best = Math.max(best, (rounds * 2) / ((performance.now() - began) / 1000));
  }
  expect(slack.deliveries.acknowledged).toBeGreaterThanOrEqual(rounds * 2);
  expect(best).toBeGreaterThan(3000);
  socket.terminate();
});
