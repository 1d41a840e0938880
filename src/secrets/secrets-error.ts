/**
 * `missing-key`: sealed with a key that is not here. `not-sealed`: not one of our sealed texts. `damaged`: changed
 * since it was sealed, or somebody else's. `key-file`: the key file cannot be used.
 */
export type SecretsErrorCode = 'missing-key' | 'not-sealed' | 'damaged' | 'key-file';

/** A secret or its key cannot be used. `message` is a sentence for the operator; it holds no secret. */
export class SecretsError extends Error {
  readonly code: SecretsErrorCode;
  constructor(code: SecretsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SecretsError';
    this.code = code;
  }
}
