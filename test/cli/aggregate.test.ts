import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { pipelineFolder, reactune } from './pipeline-folder.ts';

const folder = pipelineFolder();
const { file, rowsOf } = folder;

describe('aggregate', () => {
  test('turns votes into labels with a share per emotion, by the share of votes if told so', async () => {
    await writeFile(
      file('votes.csv'),
      'song_id,member_id,emotion\na,m1,calm\na,m2,calm\na,m3,sad\nb,m1,sad\n',
    );
    expect(
      await reactune(
        ...['aggregate', '--votes', file('votes.csv'), '--out', file('labels.csv')],
        ...['--method', 'shares'],
      ),
    ).toMatchObject({
      code: 0,
    });
    const [head, a, b] = await rowsOf('labels.csv');
    expect(head).toEqual(['song_id', 'primary', 'secondary', 'confidence', 'votes', 'calm', 'sad']);
    expect([a[0], a[1], a[2], a[4], a[5], a[6]]).toEqual(['a', 'calm', '', '3', '0.666667', '0.333333']);
    expect([b[0], b[1], b[4], b[5], b[6]]).toEqual(['b', 'sad', '1', '0', '1']);
    expect(Number(a[3])).toBeGreaterThan(0);
  });

  test('weighs members by how far they listen, and reports it with the agreement', async () => {
    const lines = ['song_id,member_id,emotion'];
    for (let song = 0; song < 60; song++) {
      const emotions = song % 2 === 0 ? ['calm', 'calm', 'sad'] : ['happy', 'happy', 'tense'];
      for (let i = 0; i < 6; i++) lines.push(`s${song},m${(song + 3 * i) % 17},${emotions[(song + i) % 3]}`);
      lines.push(`s${song},always,tense`);
    }
    await writeFile(file('votes.csv'), `${lines.join('\n')}\n`);
    const { code, out, err } = await reactune(
      ...['aggregate', '--votes', file('votes.csv'), '--out', file('labels.csv')],
      ...['--members', file('members.csv'), '--report'],
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('420 votes of 18 members on 60 songs.');
    expect(out).toContain('1 of 18 members count less than half');
    expect(out).toMatch(
      /Agreement \(Krippendorff's alpha\): 0\.\d\d\n {2}calm: 0\.\d\d\n {2}happy: 0\.\d\d\n/,
    );
    const [head, ...members] = await rowsOf('members.csv');
    expect(head).toEqual(['member_id', 'votes', 'reliability', 'in_step']);
    const reliability = Object.fromEntries(members.map(([id, , value]) => [id, Number(value)]));
    expect(reliability.always).toBeLessThan(0.1);
    expect(reliability.m3).toBeGreaterThan(0.9);
    const [, first, second] = await rowsOf('labels.csv');
    expect([first[1], second[1]]).toEqual(['calm', 'happy']);
  });

  test.each(['honest', 'shares', 'dawid-skene'])(
    '%s makes something of one vote, one member, one emotion',
    async (method) => {
      await writeFile(file('votes.csv'), 'song_id,member_id,emotion\na,m1,calm\n');
      const { code, out, err } = await reactune(
        ...['aggregate', '--votes', file('votes.csv'), '--method', method, '--report'],
        ...['--members', file('members.csv')],
      );
      expect(code).toBe(0);
      expect(out.split('\n')[1]).toMatch(/^a,calm,,[\d.]+,1,1$/);
      expect(err).toContain('calm: –');
      expect(await rowsOf('members.csv')).toHaveLength(2);
    },
  );

  test.each([
    ['song_id,member_id,emotion\na,m1,calm\nb,,sad\n', 'line 3: the member_id is missing'],
    ['song_id,member_id,emotion\na,m1\n', 'line 2: 2 fields instead of 3'],
    ['song_id,emotion\na,calm\n', 'line 1: the column member_id is missing'],
    ['song_id,member_id,emotion\n', 'no votes below it'],
    ['song_id,member_id,emotion\na,m1,votes\n', 'an emotion cannot be called "votes"'],
  ])('refuses %j and says where', async (text, message) => {
    await writeFile(file('votes.csv'), text);
    const { code, err, out } = await reactune('aggregate', '--votes', file('votes.csv'));
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
    expect(out).toBe('');
  });

  test('says when the result cannot be written', async () => {
    await writeFile(file('votes.csv'), 'song_id,member_id,emotion\na,m1,calm\n');
    const { code, err } = await reactune(
      'aggregate',
      '--votes',
      file('votes.csv'),
      '--out',
      file('no/such/folder.csv'),
    );
    expect(code).toBe(1);
    expect(err).toContain('cannot be written (ENOENT)');
  });
});
