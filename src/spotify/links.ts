import type { IdentityId, Member, MemberId } from '../domain/member.ts';
import type { StoredSpotifyLink } from '../domain/spotify.ts';
import type { Store } from '../store/store.ts';
import { TASTE_SCOPES } from './accounts.ts';
import { consentEnds } from './consent.ts';
import type { Invitations } from './invitations.ts';
import { LINK_LIVES_MS } from './link.ts';
import type { Linking } from './linking.ts';
import type { LinkStatus, Links, Tokens } from './spotify.ts';

/** Those of a person's identities that would be somebody else's again if they were parted. */
function joinedWith(member: Member | undefined, as: IdentityId): readonly IdentityId[] {
  if (member?.joined === undefined) return [];
  const theirs = member.joined.map(({ identities }) => identities);
  const own = member.identities.filter((identity) => !theirs.flat().includes(identity));
  return [own, ...theirs].filter((identities) => !identities.includes(as)).flat();
}

export function statusOf(link: StoredSpotifyLink | undefined, now: number): LinkStatus {
  if (link === undefined) return { kind: 'none' };
  const { name, authorizedAt, scopes, endedAt } = link;
  const until = consentEnds(authorizedAt);
  if (endedAt !== undefined || until <= now) return { kind: 'ended', name, endedAt: endedAt ?? until };
  return { kind: 'linked', name, until, taste: TASTE_SCOPES.every((scope) => scopes.includes(scope)) };
}

export function createLinks({
  store,
  invitations,
  linking,
  tokens,
  tasteAllowed,
  now,
}: {
  readonly store: Store;
  readonly invitations: Invitations;
  readonly linking: Linking;
  readonly tokens: Pick<Tokens, 'forget'>;
  readonly tasteAllowed: boolean;
  readonly now: () => number;
}): Links {
  function forget(memberId: MemberId): void {
    linking.dropQuestions(memberId);
    tokens.forget(memberId);
  }

  return {
    forget,
    async status(memberId) {
      const status = statusOf(await store.spotifyLink(memberId), now());
      // What they agreed to counts for nothing where the operator does not allow it any more.
      return status.kind === 'linked' ? { ...status, taste: status.taste && tasteAllowed } : status;
    },

    invite({ memberId, where, taste, name }, onOutcome) {
      const given = { owner: memberId, where, taste: taste && tasteAllowed, ...(name && { name }) };
      return invitations.create(given, LINK_LIVES_MS, onOutcome);
    },

    decide: (memberId, question, onePerson) => linking.decide({ memberId }, question, onePerson),

    joinedWith: async (memberId, as) => joinedWith((await store.memberData(memberId))?.member, as),

    async unlink(memberId, as) {
      const member = (await store.memberData(memberId))?.member;
      const link = await store.spotifyLink(memberId);
      const parted = joinedWith(member, as);
      if (member === undefined || (link === undefined && parted.length === 0)) return undefined;
      forget(memberId);
      // Into their own account nothing goes any more; what goes into the bot's own is not touched.
      for (const push of await store.openPushes()) {
        if (push.owner === memberId) await store.savePush({ ...push, endedAt: now(), failure: 'unlinked' });
      }
      await store.deleteSpotifyLink(memberId);
      await store.partMember(memberId);
      return { parted, ...(link && { name: link.name }) };
    },
  };
}
