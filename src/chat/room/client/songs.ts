import type { SongCard } from '../../message.ts';
import { append, h, icon, roving } from './dom.ts';
import { type Player, playButton, type Stage } from './player.ts';

/** Spotify's own player, loaded only when somebody clicks play. */
function spotifyButton(song: SongCard, uri: string, place: HTMLElement): HTMLButtonElement | undefined {
  const id = /^spotify:track:([A-Za-z0-9]{10,40})$/.exec(uri)?.[1];
  if (id === undefined) return undefined;
  const button = h(
    'button',
    { class: 'play play-spotify', type: 'button', 'aria-label': `Play ${song.title} with Spotify` },
    icon('play'),
  );
  button.addEventListener('click', () => {
    const open = place.querySelector('iframe');
    if (open !== null) {
      open.remove();
      button.setAttribute('aria-expanded', 'false');
      return;
    }
    for (const other of document.querySelectorAll('iframe.spotify')) other.remove();
    place.append(
      h('iframe', {
        class: 'spotify',
        src: `https://open.spotify.com/embed/track/${id}`,
        title: `Spotify player: ${song.title}`,
        allow: 'encrypted-media; autoplay; clipboard-write',
        loading: 'lazy',
        sandbox:
          'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation',
      }),
    );
    button.setAttribute('aria-expanded', 'true');
  });
  button.setAttribute('aria-expanded', 'false');
  return button;
}

function chips(song: SongCard): HTMLElement | undefined {
  if (song.emotions === undefined || song.emotions.length === 0) return undefined;
  return h(
    'span',
    { class: 'chips' },
    ...song.emotions
      .slice(0, 3)
      .map((emotion) =>
        h(
          'span',
          { class: 'chip', vars: { '--share': String(emotion.share) } },
          h('span', { 'aria-hidden': 'true' }, `${emotion.emoji} `),
          `${emotion.name} ${Math.round(emotion.share * 100)}%`,
        ),
      ),
  );
}

/** The large card of a snippet post. */
export function snippetCard(song: SongCard, player: Player): HTMLElement {
  const card = h('div', { class: 'snippet' });
  const below = h('div', { class: 'snippet-below' });
  const text = h(
    'div',
    { class: 'snippet-text' },
    h('h3', { class: 'song-title' }, song.title),
    h('p', { class: 'song-artists' }, song.artists.join(', ')),
    song.detail !== undefined && h('p', { class: 'song-detail' }, song.detail),
  );
  if (song.sound.kind === 'own') {
    const { button, seek, time } = playButton(
      player,
      { ...song, seconds: song.sound.seconds },
      { seek: true },
    );
    button.setAttribute('data-stop', '');
    text.append(h('div', { class: 'track' }, seek, time));
    card.append(button);
  } else if (song.sound.kind === 'spotify') {
    const button = spotifyButton(song, song.sound.uri, below);
    if (button !== undefined) {
      button.setAttribute('data-stop', '');
      card.append(button);
    }
  }
  append(text, [chips(song), song.why !== undefined && h('p', { class: 'why' }, song.why)]);
  card.append(text);
  return h('div', { class: 'snippet-frame' }, card, below);
}

/** A playlist: every song playable, one after the other. */
export function songList(songs: readonly SongCard[], player: Player): HTMLElement {
  const stages: (Stage | undefined)[] = [];
  const rows = songs.map((song, index) => {
    const below = h('div', { class: 'row-below' });
    let control: HTMLElement | undefined;
    let time: HTMLElement | undefined;
    if (song.sound.kind === 'own') {
      const made = playButton(
        player,
        { ...song, seconds: song.sound.seconds },
        {
          ended: () => {
            const next = stages.find((stage, at) => at > index && stage !== undefined);
            if (next !== undefined) player.toggle(next);
          },
        },
      );
      stages[index] = made.stage;
      control = made.button;
      time = made.time;
    } else if (song.sound.kind === 'spotify') control = spotifyButton(song, song.sound.uri, below);
    return h(
      'li',
      { class: 'row' },
      h('span', { class: 'row-number', 'aria-hidden': 'true' }, index + 1),
      control ?? h('span', { class: 'play play-none', 'aria-hidden': 'true' }),
      h(
        'div',
        { class: 'row-text' },
        h(
          'p',
          { class: 'row-title' },
          h('span', { class: 'song-title' }, song.title),
          h('span', { class: 'song-artists' }, song.artists.join(', ')),
          song.detail !== undefined && h('span', { class: 'song-detail' }, song.detail),
        ),
        song.why !== undefined && h('p', { class: 'why' }, song.why),
      ),
      chips(song),
      time,
      below,
    );
  });
  const list = h('ol', { class: 'songs' }, ...rows);
  const buttons = [...list.querySelectorAll<HTMLButtonElement>('button.play')];
  for (const [index, button] of buttons.entries()) {
    button.tabIndex = index === 0 ? 0 : -1;
    button.toggleAttribute('data-stop', index === 0);
  }
  roving(list, 'button.play');
  return list;
}
