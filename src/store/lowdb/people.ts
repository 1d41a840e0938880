import type { IdentityId, Member, MemberId } from '../../domain/member.ts';
import { Names } from './names.ts';
import { freeze } from './sealed.ts';

/** Members and the identities that are theirs. */
export class People {
  /** Numbers for members, for packed keys. */
  readonly numbers = new Names();
  private readonly byId = new Map<MemberId, Member>();
  private readonly byIdentity = new Map<IdentityId, Member>();

  get size(): number {
    return this.byId.size;
  }

  all(): Iterable<Member> {
    return this.byId.values();
  }

  get(id: MemberId): Member | undefined {
    return this.byId.get(id);
  }

  behind(identity: IdentityId): Member | undefined {
    return this.byIdentity.get(identity);
  }

  save(member: Member): void {
    const frozen = freeze({ ...member, identities: [...member.identities] });
    this.numbers.intern(member.id);
    this.byId.set(member.id, frozen);
    for (const identity of member.identities) this.byIdentity.set(identity, frozen);
  }

  remove(id: MemberId): void {
    const member = this.byId.get(id);
    if (member === undefined) return;
    this.byId.delete(id);
    this.numbers.forget(id);
    for (const identity of member.identities) {
      if (this.byIdentity.get(identity) === member) this.byIdentity.delete(identity);
    }
  }
}
