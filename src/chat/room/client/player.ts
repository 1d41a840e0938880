import { h, icon } from './dom.ts';

/** A place on the page that shows how a song is playing. */
interface Stage {
  readonly songId: string;
  readonly element: HTMLElement;
  draw(state: { playing: boolean; at: number; length: number; failed: boolean }): void;
  /** Called when the song came to its end. */
  ended?(): void;
}

/** One sound at a time for the whole page. */
export interface Player {
  toggle(stage: Stage): void;
  seek(stage: Stage, seconds: number): void;
  /** Goes on with a song whose place on the page was drawn anew. */
  adopt(stage: Stage): void;
  /** Stops a song whose place on the page is gone. */
  tidy(): void;
}

export type { Stage };

export function createPlayer(): Player {
  const audio = new Audio();
  audio.preload = 'none';
  let current: Stage | undefined;
  let failed = false;

  function draw(): void {
    current?.draw({
      playing: !audio.paused && !audio.ended,
      at: audio.currentTime,
      length: Number.isFinite(audio.duration) ? audio.duration : 0,
      failed,
    });
  }

  function play(): void {
    audio.play().catch((error: unknown) => {
      // Playing another song at once is no failure.
      if (error instanceof DOMException && error.name === 'AbortError') return;
      failed = true;
      draw();
    });
  }

  for (const type of ['play', 'pause', 'timeupdate', 'seeked', 'durationchange'] as const) {
    audio.addEventListener(type, draw);
  }
  audio.addEventListener('error', () => {
    failed = true;
    draw();
  });
  audio.addEventListener('ended', () => {
    audio.currentTime = 0;
    draw();
    current?.ended?.();
  });

  function take(stage: Stage): void {
    const last = current;
    current = stage;
    failed = false;
    audio.src = `/audio/${encodeURIComponent(stage.songId)}`;
    last?.draw({ playing: false, at: 0, length: 0, failed: false });
  }

  return {
    toggle(stage) {
      if (current !== stage) take(stage);
      if (audio.paused || failed) {
        if (failed) audio.load();
        failed = false;
        play();
      } else audio.pause();
    },
    seek(stage, seconds) {
      if (current !== stage) take(stage);
      audio.currentTime = seconds;
      draw();
    },
    adopt(stage) {
      if (current === undefined || current.songId !== stage.songId || current.element.isConnected) return;
      current = stage;
      draw();
    },
    tidy() {
      if (current !== undefined && !current.element.isConnected) audio.pause();
    },
  };
}

/** Seconds by key. The slider's own step is as fine as a mouse wants it: too fine to go anywhere by key. */
const SEEK_KEYS: Readonly<Record<string, number>> = {
  ArrowRight: 2,
  ArrowUp: 2,
  ArrowLeft: -2,
  ArrowDown: -2,
  PageUp: 5,
  PageDown: -5,
};

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A round button that plays and pauses, and the stage it belongs to. */
export function playButton(
  player: Player,
  song: { readonly songId: string; readonly title: string; readonly seconds: number },
  more: { readonly seek?: boolean; readonly ended?: () => void } = {},
): { button: HTMLButtonElement; seek: HTMLInputElement; time: HTMLElement; stage: Stage } {
  const time = h('span', { class: 'time' }, clock(song.seconds));
  const seek = h('input', {
    class: 'seek',
    type: 'range',
    min: 0,
    max: song.seconds,
    step: 0.1,
    value: 0,
    'aria-label': `Position in ${song.title}`,
    'aria-valuetext': `0:00 of ${clock(song.seconds)}`,
    'data-stop': more.seek === true,
  });
  const button = h(
    'button',
    { class: 'play', type: 'button', 'aria-label': `Play ${song.title}` },
    icon('play'),
  );
  const stage: Stage = {
    songId: song.songId,
    element: button,
    draw({ playing, at, length, failed }) {
      const seconds = length || song.seconds;
      button.replaceChildren(icon(playing ? 'pause' : 'play'));
      button.setAttribute('aria-label', `${playing ? 'Pause' : 'Play'} ${song.title}`);
      button.classList.toggle('is-playing', playing);
      const share = seconds > 0 ? Math.min(1, at / seconds) : 0;
      button.style.setProperty('--played', String(share));
      seek.style.setProperty('--played', String(share));
      seek.max = String(seconds);
      seek.value = String(at);
      seek.setAttribute('aria-valuetext', `${clock(at)} of ${clock(seconds)}`);
      time.textContent = failed ? 'cannot be played' : at > 0 || playing ? clock(at) : clock(seconds);
    },
    ...(more.ended && { ended: more.ended }),
  };
  button.addEventListener('click', () => player.toggle(stage));
  player.adopt(stage);
  seek.addEventListener('input', () => player.seek(stage, Number(seek.value)));
  seek.addEventListener('keydown', (event) => {
    const step = SEEK_KEYS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    // Page keys walk through the messages elsewhere.
    event.stopPropagation();
    seek.value = String(Number(seek.value) + step);
    player.seek(stage, Number(seek.value));
  });
  return { button, seek, time, stage };
}
