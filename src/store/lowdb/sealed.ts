/** A copy that nobody else holds and nobody can change, in the form it has after a restart. */
export function sealed<T>(record: T): T {
  return freeze(JSON.parse(JSON.stringify(record)) as T);
}

export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
