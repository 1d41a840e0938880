import { agreementContract } from './contract/agreement.ts';
import { burstsContract } from './contract/bursts.ts';
import { communitiesContract } from './contract/communities.ts';
import { generalContract } from './contract/in-general.ts';
import { installationsContract } from './contract/installations.ts';
import { joiningContract } from './contract/joining.ts';
import { memberDataContract } from './contract/member-data.ts';
import { membersContract } from './contract/members.ts';
import type { OpenStore } from './contract/opened-store.ts';
import { playlistsContract } from './contract/playlists.ts';
import { pushesContract } from './contract/pushes.ts';
import { reactionsContract } from './contract/reactions.ts';
import { spotifyContract } from './contract/spotify.ts';
import { spotifyJoiningContract } from './contract/spotify-joining.ts';
import { spotifyLinksContract } from './contract/spotify-links.ts';
import { tasteContract } from './contract/taste.ts';

/** What every store promises. `open` gives a fresh, empty one each time. */
export function storeContract(name: string, open: OpenStore): void {
  membersContract(name, open);
  joiningContract(name, open);
  communitiesContract(name, open);
  reactionsContract(name, open);
  tasteContract(name, open);
  playlistsContract(name, open);
  memberDataContract(name, open);
  installationsContract(name, open);
  spotifyLinksContract(name, open);
  pushesContract(name, open);
  spotifyJoiningContract(name, open);
  spotifyContract(name, open);
  generalContract(name, open);
  burstsContract(name, open);
  agreementContract(name, open);
}
