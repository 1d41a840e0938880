import { openWalk } from './forest-walk.ts';
import { openFold } from './hidden-folds.ts';
import { openSearch } from './nearest.ts';

/** What a thread of a crew can do, by the kind of the job. */
export const JOBS = { search: openSearch, walk: openWalk, fold: openFold } as const;
