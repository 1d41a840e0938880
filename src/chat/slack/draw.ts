import type { Message } from '../message.ts';
import { type Layout, layOut } from './layout.ts';
import { asTyped } from './names.ts';
import type { Uploads } from './uploads.ts';
import type { Workspace } from './workspaces.ts';

export interface DrawOptions {
  /** Page of a long list, from 1. */
  readonly page?: number;
  /** Sentences to add below, plain. */
  readonly notes?: readonly string[];
  /** False: a picture is left to its words. */
  readonly pictures?: boolean;
}

/** Turns messages into what Slack shows. */
export type Draw = (workspace: Workspace, message: Message, options?: DrawOptions) => Promise<Layout>;

const userId = (identity: string) => /^slack:\w+:([UW]\w+)$/.exec(identity)?.[1];

/**
 * @param commandNames declared names, which stand in texts as `/name`
 * @param prefix what Slack's own names of them begin with
 */
export function createDraw({
  uploads,
  commandNames,
  prefix,
}: {
  uploads: Pick<Uploads, 'picture'>;
  commandNames: readonly string[];
  prefix: string;
}): Draw {
  const mention = new RegExp(String.raw`(?<![\w/<.])\/(${commandNames.join('|')})(?![\w-])`, 'g');
  const rename = (text: string) => text.replace(mention, (_, name: string) => asTyped(name, prefix));

  /** Commands as people here have to type them. */
  function renamed(message: Message): Message {
    if (commandNames.length === 0) return message;
    return {
      ...message,
      text: rename(message.text),
      ...(message.title !== undefined && { title: rename(message.title) }),
      ...(message.fields && {
        fields: message.fields.map(({ name, value }) => ({ name: rename(name), value: rename(value) })),
      }),
    };
  }

  return async (workspace, message, { page, notes, pictures = true } = {}) => {
    const { picture, addressee } = message;
    const pictureId = picture && pictures ? await uploads.picture(workspace, picture) : undefined;
    const address = addressee === undefined ? undefined : userId(addressee);
    return layOut(renamed(message), {
      ...(page !== undefined && { wanted: page }),
      ...(notes !== undefined && { notes }),
      ...(pictureId !== undefined && { pictureId }),
      ...(address !== undefined && { addressee: address }),
    });
  };
}
