import type { CommunityId, IdentityId } from '../../domain/member.ts';
import type { Message } from '../message.ts';
import { takesNoMessages } from './errors.ts';
import type { Messenger } from './messenger.ts';

const ID = /^discord:(\d{15,20})$/;

/**
 * Writes a direct message.
 * @returns false if there is nobody, or they take none
 * @throws ChatError
 */
export async function tell(
  messenger: Messenger,
  identity: IdentityId,
  message: Message,
  communityId: CommunityId | undefined,
): Promise<boolean> {
  const userId = ID.exec(identity)?.[1];
  const server = ID.exec(communityId ?? '')?.[1];
  if (userId === undefined) return false;
  // There is nobody else to be addressed.
  const { addressee: _addressee, ...alone } = message;
  try {
    const channel = await messenger.directTo(userId);
    await messenger.post(channel, alone, server === undefined ? {} : { server });
    return true;
  } catch (error) {
    if (takesNoMessages(error)) return false;
    throw error;
  }
}
