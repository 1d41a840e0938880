import type { Command } from './command.ts';
import { emotions } from './emotions.ts';
import { helpCommand } from './help.ts';
import { link } from './link.ts';
import { myData } from './my-data.ts';
import { playlist } from './playlist.ts';
import { retrain } from './retrain.ts';
import { settings } from './settings.ts';
import { snippet } from './snippet.ts';
import { song } from './song.ts';
import { status } from './status.ts';
import { taste } from './taste.ts';
import { unlinkCommand } from './unlink.ts';

/** Every command, in the order in which help shows them. A new one is one file and one line here. */
export const commands: readonly Command[] = [
  playlist,
  snippet,
  emotions,
  song,
  taste,
  link,
  unlinkCommand,
  status,
  myData,
  helpCommand(() => commands),
  retrain,
  settings,
];
