// Replays the moods of a labelled table as votes of several members, for trying the whole pipeline on real songs.
// Usage: node scripts/moods-as-votes.mjs data_moods.csv [members=6] [seed=1] > votes.csv
// Each member votes on about two thirds of the songs and says the table's mood four times in five, else another one:
// real listeners agree less than a table does.
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const [file, members = '6', seed = '1'] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node scripts/moods-as-votes.mjs data_moods.csv [members] [seed] > votes.csv');
  process.exit(1);
}
const generator = xoroshiro128plus(Number(seed));
const random = () => (generator.next() >>> 0) / 2 ** 32;
const rows = parse(readFileSync(file), { columns: true, bom: true });
const moods = [...new Set(rows.map((row) => row.mood.toLowerCase()))];
const lines = ['song_id,member_id,emotion'];
for (let member = 1; member <= Number(members); member++) {
  for (const { id, mood } of rows) {
    if (random() > 2 / 3) continue;
    const said = random() < 0.8 ? mood.toLowerCase() : moods[Math.floor(random() * moods.length)];
    lines.push(`${id},member-${member},${said}`);
  }
}
console.log(lines.join('\n'));
