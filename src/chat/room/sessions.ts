import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { parse } from 'hono/utils/cookie';
import { checkName, type NameCheck, skeleton } from './names.ts';
import { isNews, type RoomEntry, type RoomState, type StoredPerson } from './state.ts';

/** Somebody whose browser is known. Without a name they are not kept beyond a restart. */
export interface Visitor {
  readonly id: string;
  readonly name?: string;
  readonly moderator: boolean;
}

/** Who is who: sessions by cookie, names, moderators, the claim link, the password. */
export interface Sessions {
  readonly cookieName: string;
  /** The visitor a Cookie header belongs to, if it is allowed in. */
  visitorOf(cookieHeader: string | undefined): Visitor | undefined;
  /** A new visitor; the token goes into the cookie and nowhere else. */
  begin(passwordGiven: boolean): { readonly token: string; readonly visitor: Visitor };
  /** A session may begin without the password. */
  readonly open: boolean;
  checkPassword(password: string): boolean;
  visitor(id: string): Visitor | undefined;
  rename(id: string, wish: string): Promise<NameCheck>;
  setModerator(id: string, moderator: boolean): Promise<void>;
  moderatorCount(): number;
  /** A token that makes its first bearer a moderator; the same until it is used. */
  claimToken(): string;
  claim(id: string, token: string): Promise<boolean>;
  /** Notes, at most once a day or when there was news for them, that somebody was here. */
  seen(id: string): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A name that was not used for this long may be taken by somebody else. */
const NAME_KEPT_MS = 30 * DAY_MS;
const MAX_UNNAMED = 5_000;

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function equal(one: string, other: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(one).digest(),
    createHash('sha256').update(other).digest(),
  );
}

/**
 * @param save keeps an entry and resolves when it is durable
 * @param password undefined lets everybody in who can reach the address
 */
export function createSessions(options: {
  readonly state: () => RoomState;
  readonly save: (entry: RoomEntry) => Promise<void>;
  readonly now: () => number;
  readonly brand: string;
  readonly password?: string;
}): Sessions {
  const { state, save, now, brand, password } = options;
  /** Visitors without a name, by token hash; the map's order is their age. */
  const unnamed = new Map<string, { visitor: Visitor; pass?: string }>();
  // Slow on purpose: what is stored must not help anybody to guess the password.
  const pass =
    password === undefined
      ? undefined
      : scryptSync(password.normalize('NFC'), state().roomId, 16).toString('base64url');
  let claim: string | undefined;

  function person(id: string): StoredPerson | undefined {
    return Object.hasOwn(state().people, id) ? state().people[id] : undefined;
  }

  function unnamedById(id: string): [string, { visitor: Visitor; pass?: string }] | undefined {
    return [...unnamed].find(([, entry]) => entry.visitor.id === id);
  }

  function visitor(id: string): Visitor | undefined {
    return person(id) ?? unnamedById(id)?.[1].visitor;
  }

  function takenNames(exceptFor: string): Set<string> {
    const taken = new Set<string>();
    for (const other of Object.values(state().people)) {
      if (other.id === exceptFor) continue;
      if (other.moderator || other.seenAt > now() - NAME_KEPT_MS) taken.add(skeleton(other.name));
    }
    return taken;
  }

  const sessions: Sessions = {
    cookieName: `room-${state().roomId}`,
    open: password === undefined,
    checkPassword: (given) =>
      password !== undefined && equal(given.normalize('NFC'), password.normalize('NFC')),
    visitorOf(cookieHeader) {
      const token = cookieHeader === undefined ? undefined : parse(cookieHeader)[sessions.cookieName];
      if (token === undefined || token.length > 100) return undefined;
      const key = hash(token);
      const stored = Object.hasOwn(state().sessions, key) ? state().sessions[key] : undefined;
      if (stored !== undefined)
        return stored.pass === pass || pass === undefined ? person(stored.person) : undefined;
      return unnamed.get(key)?.visitor;
    },
    begin(passwordGiven) {
      const token = randomBytes(32).toString('base64url');
      const fresh: Visitor = { id: randomBytes(9).toString('hex'), moderator: false };
      unnamed.set(hash(token), { visitor: fresh, ...(passwordGiven && pass !== undefined && { pass }) });
      if (unnamed.size > MAX_UNNAMED) unnamed.delete(unnamed.keys().next().value as string);
      return { token, visitor: fresh };
    },
    visitor,
    async rename(id, wish) {
      const known = visitor(id);
      const checked = checkName(wish, [brand], takenNames(id));
      if ('refusal' in checked || known === undefined) return checked;
      const before = person(id);
      const waiting = unnamedById(id);
      const kept = save({
        k: 'person',
        person: {
          id,
          name: checked.name,
          moderator: known.moderator,
          since: before?.since ?? now(),
          seenAt: now(),
        },
      });
      if (waiting === undefined) await kept;
      else {
        const [key, entry] = waiting;
        unnamed.delete(key);
        const session = { person: id, since: now(), ...(entry.pass !== undefined && { pass: entry.pass }) };
        await Promise.all([kept, save({ k: 'session', hash: key, session })]);
      }
      return checked;
    },
    async setModerator(id, moderator) {
      const before = person(id);
      if (before !== undefined) {
        await save({ k: 'person', person: { ...before, moderator } });
        return;
      }
      const waiting = unnamedById(id);
      if (waiting !== undefined) unnamed.set(waiting[0], { ...waiting[1], visitor: { id, moderator } });
    },
    moderatorCount: () => Object.values(state().people).filter((other) => other.moderator).length,
    claimToken() {
      claim ??= randomBytes(24).toString('base64url');
      return claim;
    },
    async claim(id, token) {
      if (claim === undefined || !equal(token, claim)) return false;
      claim = undefined;
      await sessions.setModerator(id, true);
      return true;
    },
    async seen(id) {
      const before = person(id);
      if (before === undefined) return;
      const news = state().messages.some((message) => message.audience === id && isNews(state(), message));
      if (news || before.seenAt < now() - DAY_MS) {
        await save({ k: 'person', person: { ...before, seenAt: now() } });
      }
    },
  };
  return sessions;
}
