import type { Random } from '../../../ml/random.ts';

/** All invented. Five or more per genre of `genres.ts`. */
export const ARTISTS: Readonly<Record<string, readonly string[]>> = {
  synthwave: ['Vesper Halogen', 'Cassette Meridian', 'Nadir Arcade', 'Lumen Freeway', 'Ultraviolet Otter'],
  chamber: [
    'The Ostrava Window',
    'Quartet Wendeltreppe',
    'Ilse Brennmark',
    'Lacquer & Linden',
    'Trio Halvmåne',
  ],
  'lo-fi': ['kettle & moth', 'slow lampoon', 'Biscuit Weather', 'nap theorem', 'Corduroy Pond'],
  folk: ['Hazel Underbridge', 'The Thistle Ferry', 'Otto & the Rowboats', 'Maren Kestrelwood', 'Tin Orchard'],
  ambient: ['Isobar Garden', 'Pale Latitudes', 'Moss Telemetry', 'Aurelia Sund', 'Low Cloud Bureau'],
  'drum & bass': ['Velocity Fern', 'Kilohertz Heron', 'Static Gazelle', 'Subgrid', 'Nine Lane Owl'],
  'music box': [
    'Madame Ratchet',
    'The Clockwork Plum',
    'Small Brass Moon',
    'Pinwheel & Daughters',
    'Tilda Tinsel',
  ],
  'garage rock': [
    'The Gravel Sermons',
    'Broken Cardigan',
    'Hot Drywall',
    'Mutiny Laundromat',
    'Ratchet Saints',
  ],
  house: ['Solenne Fairground', 'Marble Lido', 'Disco Estuary', 'Piano Dispatch', 'Ludo Vantage'],
  'café jazz': [
    'The Umber Five',
    'Dorothea Plinth Trio',
    'Late Tram Ensemble',
    'Bellamy Oak',
    'Saffron Alley',
  ],
  chiptune: ['Pixel Marmot', 'Sprite Bakery', 'Eight Bit Badger', 'Modem Picnic', 'Joypad Lagoon'],
  cinematic: [
    'Harrow Signal',
    'Obsidian Atlas',
    'Greta Falk Orchestra',
    'The Iron Estuary',
    'Northward Engine',
  ],
};

const ALBUM_PATTERNS = [
  '%',
  '%',
  '% and Other Rooms',
  'The % Sessions',
  'After the %',
  '%, Vol. 2',
  'Letters to %',
];

interface Words {
  readonly adjectives: readonly string[];
  readonly nouns: readonly string[];
  readonly verbs: readonly string[];
}

const BRIGHT_LIVELY: Words = {
  adjectives: [
    'Sunlit',
    'Tangerine',
    'Giddy',
    'Golden',
    'Barefoot',
    'Dizzy',
    'Sparkling',
    'Confetti',
    'Skipping',
    'Lemon',
  ],
  nouns: [
    'Parade',
    'Trampoline',
    'Bicycle',
    'Carousel',
    'Kite',
    'Fireworks',
    'Weekend',
    'Rooftop',
    'Pinwheel',
    'Jubilee',
  ],
  verbs: ['Jumping', 'Racing', 'Dancing', 'Whistling', 'Spinning', 'Laughing'],
};
const BRIGHT_STILL: Words = {
  adjectives: [
    'Quiet',
    'Velvet',
    'Milky',
    'Gentle',
    'Feathered',
    'Honeyed',
    'Soft',
    'Drowsy',
    'Mossy',
    'Warm',
  ],
  nouns: [
    'Lagoon',
    'Hammock',
    'Blanket',
    'Orchard',
    'Lantern',
    'Meadow',
    'Teacup',
    'Harbour',
    'Windowsill',
    'Dewdrop',
  ],
  verbs: ['Drifting', 'Resting', 'Floating', 'Humming', 'Breathing', 'Leaning'],
};
const DARK_LIVELY: Words = {
  adjectives: [
    'Rusted',
    'Jagged',
    'Burning',
    'Crooked',
    'Electric',
    'Savage',
    'Red',
    'Restless',
    'Hollow',
    'Serrated',
  ],
  nouns: [
    'Siren',
    'Corridor',
    'Anvil',
    'Voltage',
    'Labyrinth',
    'Wolves',
    'Ultimatum',
    'Fuse',
    'Blackout',
    'Pursuit',
  ],
  verbs: ['Running', 'Breaking', 'Hunting', 'Shaking', 'Falling', 'Colliding'],
};
const DARK_STILL: Words = {
  adjectives: [
    'Empty',
    'Grey',
    'Forgotten',
    'Faded',
    'Late',
    'Distant',
    'Salted',
    'Unsent',
    'Withered',
    'Cold',
  ],
  nouns: [
    'Rain',
    'Letter',
    'Station',
    'Snowfall',
    'Hallway',
    'Photograph',
    'Shoreline',
    'Farewell',
    'Willow',
    'Ashes',
  ],
  verbs: ['Waiting', 'Leaving', 'Losing', 'Missing', 'Fading', 'Remembering'],
};
const ANYWHERE: Words = {
  adjectives: [
    'Paper',
    'Silver',
    'Northern',
    'Second',
    'Glass',
    'Invisible',
    'Wooden',
    'Blue',
    'Secret',
    'Seventh',
  ],
  nouns: ['River', 'Map', 'Street', 'Moon', 'Garden', 'Train', 'Signal', 'Bridge', 'Compass', 'Island'],
  verbs: ['Walking', 'Turning', 'Crossing', 'Dreaming', 'Counting', 'Following'],
};

/** A plainer name for an album: no verbs, no pairs. */
export function albumNameFor(valence: number, arousal: number, random: Random): string {
  const pattern = ALBUM_PATTERNS[random.integer(ALBUM_PATTERNS.length)]!;
  const words = wordsFor(valence, arousal, random);
  const adjective = words.adjectives[random.integer(words.adjectives.length)]!;
  const noun = words.nouns[random.integer(words.nouns.length)]!;
  return pattern.replace('%', `${adjective} ${noun}`);
}

function wordsFor(valence: number, arousal: number, random: Random): Words {
  if (random.next() < 0.4) return ANYWHERE;
  const bright = random.next() < 0.5 + 0.45 * valence;
  const lively = random.next() < 0.5 + 0.45 * arousal;
  if (bright) return lively ? BRIGHT_LIVELY : BRIGHT_STILL;
  return lively ? DARK_LIVELY : DARK_STILL;
}

/** A title whose words lean a little towards the mood; the same mood gives many different ones. */
export function titleFor(valence: number, arousal: number, random: Random): string {
  const pick = (list: readonly string[]) => list[random.integer(list.length)]!;
  const words = () => wordsFor(valence, arousal, random);
  const adjective = pick(words().adjectives);
  const noun = pick(words().nouns);
  const other = pick(words().nouns);
  switch (random.integer(8)) {
    case 0:
      return other === noun ? `The ${noun}` : `${noun} of the ${other}`;
    case 1:
      return `${pick(words().verbs)} the ${noun}`;
    case 2:
      return `The ${adjective} ${noun}`;
    case 3:
      return `${pick(words().verbs)} in ${pick(['March', 'the Dark', 'Colour', 'Circles', 'June', 'Slow Light'])}`;
    case 4:
      return other === noun ? `My ${noun}` : `${noun} & ${other}`;
    default:
      return `${adjective} ${noun}`;
  }
}
