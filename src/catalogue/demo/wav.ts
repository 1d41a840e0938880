import type { Stereo } from './space.ts';
import { RATE } from './waves.ts';

const HEADER = 44;

/** Two channels in [-1, 1] as a WAV file with 16 bit samples. */
export function encodeWav(audio: Stereo): Buffer {
  const frames = audio.left.length;
  const wav = Buffer.alloc(HEADER + frames * 4);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(2, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(RATE * 4, 28);
  wav.writeUInt16LE(4, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(frames * 4, 40);
  const view = new DataView(wav.buffer, wav.byteOffset + HEADER);
  const whole = (x: number) => Math.round(Math.min(1, Math.max(-1, x)) * 32767);
  for (let i = 0; i < frames; i++) {
    view.setInt16(i * 4, whole(audio.left[i]!), true);
    view.setInt16(i * 4 + 2, whole(audio.right[i]!), true);
  }
  return wav;
}
