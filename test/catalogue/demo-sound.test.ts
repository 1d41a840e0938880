import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose } from '../../src/catalogue/demo/compose.ts';
import { demoCatalogue } from '../../src/catalogue/demo/demo.ts';
import { isMajor, MODES } from '../../src/catalogue/demo/harmony.ts';
import { CEILING, integratedLoudness } from '../../src/catalogue/demo/loudness.ts';
import { planSongs } from '../../src/catalogue/demo/plan.ts';
import { createRenderThread, type RenderThread } from '../../src/catalogue/demo/render-thread.ts';
import * as ears from './demo-ears.ts';

const demo = demoCatalogue();
const plans = planSongs(1);

async function listen(thread: RenderThread, index: number) {
  const plan = plans[index]!;
  const score = compose(plan);
  const wav = await thread.render(plan.id);
  const heard = ears.readWav(wav);
  const spectra = ears.spectra(heard.mono, heard.rate);
  const envelope = ears.onsetEnvelope(spectra);
  return { plan, score, wav, heard, spectra, envelope, features: demo.songs[index]!.features };
}

const HEARD = 14;
const log = pino({ level: 'silent' });
const thread = createRenderThread(log);
let heardSongs: Awaited<ReturnType<typeof listen>>[];
let arousals: number[];

beforeAll(async () => {
  // Spread over the catalogue: most emotions and genres are among them.
  heardSongs = await Promise.all(Array.from({ length: HEARD }, (_, i) => listen(thread, i * 22 + 3)));
  arousals = heardSongs.map(({ plan }) => plan.arousal);
}, 120_000);
afterAll(() => thread.stop());

describe('a rendered piece', () => {
  it('is as long as its features say, in 16 bit stereo', () => {
    for (const { heard, features } of heardSongs) {
      expect((heard.mono.length / heard.rate) * 1000).toBeCloseTo(features.durationMs!, 6);
    }
  });

  it('is as loud as its features say and never clips', () => {
    for (const { heard, features, plan } of heardSongs) {
      const lufs = integratedLoudness(heard.left, heard.right);
      expect(Math.abs(lufs - features.loudness!), plan.id).toBeLessThan(1);
      let peak = 0;
      for (const channel of [heard.left, heard.right])
        for (const x of channel) peak = Math.max(peak, Math.abs(x));
      expect(peak).toBeLessThanOrEqual(CEILING + 1 / 32768);
      expect(peak).toBeGreaterThan(0.15);
    }
  });

  it('has the tempo its features say', () => {
    const right = heardSongs.filter(({ envelope, spectra, features }) => {
      const tempo = ears.tempoNear(envelope, spectra.framesPerSecond, features.tempo!);
      return Math.abs(tempo / features.tempo! - 1) < 0.03;
    });
    // Pieces without drums whose notes swell in have pulses that even people disagree on.
    expect(right.length).toBeGreaterThanOrEqual(HEARD - 2);
  });

  it('keeps to its key and sounds its third', () => {
    for (const { spectra, score, plan } of heardSongs) {
      const classes = ears.chroma(spectra);
      const at = (step: number) => classes[(score.key + step) % 12]!;
      const inScale = MODES[score.mode].reduce<number>((sum, step) => sum + at(step), 0);
      expect(inScale, plan.id).toBeGreaterThan(0.62);
      // Overdrive makes major thirds of its own, so a minor key may only just show.
      if (isMajor(score.mode)) expect(at(4), plan.id).toBeGreaterThan(at(3));
      else expect(at(3), plan.id).toBeGreaterThan(0.75 * at(4));
    }
  });

  it('sounds brighter, busier and louder the higher its arousal', () => {
    const brightness = heardSongs.map(({ spectra }) => ears.brightness(spectra));
    const onsets = heardSongs.map(({ envelope, spectra }) =>
      ears.onsetRate(envelope, spectra.framesPerSecond),
    );
    const loudness = heardSongs.map(({ heard }) => integratedLoudness(heard.left, heard.right));
    expect(ears.rankCorrelation(brightness, arousals)).toBeGreaterThan(0.4);
    expect(ears.rankCorrelation(onsets, arousals)).toBeGreaterThan(0.3);
    expect(ears.rankCorrelation(loudness, arousals)).toBeGreaterThan(0.85);
  });

  it('begins and ends in silence and grows on the way', () => {
    for (const { heard, score, plan } of heardSongs) {
      const power = (from: number, to: number) => {
        const part = heard.mono.subarray(Math.round(from * heard.rate), Math.round(to * heard.rate));
        return part.reduce((sum, x) => sum + x * x, 0) / part.length;
      };
      expect(Math.abs(heard.mono[0]!)).toBeLessThan(0.002);
      expect(power(score.seconds - 0.03, score.seconds)).toBeLessThan(1e-4);
      const [a, , b, end] = score.sections as [number, number, number, number];
      expect(power(b, end), plan.id).toBeGreaterThan(0.8 * power(a, score.sections[1]!));
    }
  });

  it('has no silence in the middle and no constant offset', () => {
    for (const { heard, plan } of heardSongs) {
      const second = heard.rate;
      for (let at = 0; at + second < heard.mono.length - 2 * second; at += second / 2) {
        const loudest = heard.mono
          .subarray(at, at + second)
          .reduce((max, x) => Math.max(max, Math.abs(x)), 0);
        expect(loudest, `${plan.id} at ${at / second} s`).toBeGreaterThan(0.005);
      }
      const mean = heard.mono.reduce((sum, x) => sum + x, 0) / heard.mono.length;
      expect(Math.abs(mean)).toBeLessThan(1e-3);
    }
  });

  it('is the same, byte for byte, whatever was rendered before it', async () => {
    const fresh = createRenderThread(log);
    const again = await fresh.render(heardSongs[5]!.plan.id);
    await fresh.stop();
    expect(Buffer.compare(again, heardSongs[5]!.wav)).toBe(0);
  });
});
