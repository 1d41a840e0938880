/** Spotify's Web API refuses a request. */
export class RefusedRequest extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Only where Spotify names one: `QUOTA_EXCEEDED`. */
  readonly reason: string | undefined;
  /** True: answered as a bare sentence instead of JSON, as Spotify's edge does. */
  readonly plain: boolean;

  constructor(
    status: number,
    message: string,
    options: { headers?: Record<string, string>; reason?: string; plain?: boolean } = {},
  ) {
    super(message);
    this.name = 'RefusedRequest';
    this.status = status;
    this.headers = options.headers ?? {};
    this.reason = options.reason;
    this.plain = options.plain ?? false;
  }

  get body(): { error: { status: number; message: string; reason?: string } } {
    return {
      error: {
        status: this.status,
        message: this.message,
        ...(this.reason !== undefined && { reason: this.reason }),
      },
    };
  }
}

export function refuse(status: number, message: string): never {
  throw new RefusedRequest(status, message);
}

/**
 * Spotify's sentences where somebody has seen them; each was quoted in an issue of 2021 to 2026.
 * Clients have nothing else to tell these cases apart, so they have to be right.
 */
export const WORDS = {
  /** Lioncat6/OSC-Chat-Tools#32, May 2026. */
  notAllowed:
    'The user is not registered for this application. Please check your settings on https://developer.spotify.com/dashboard.',
  /** mahdi-y/Spotify2YoutubeMusic#26, zmb3/spotify#301: a bare sentence of 159 characters, no JSON. */
  premium:
    'Active premium subscription required for the owner of the app. When the subscription status changes, it can take a few hours before requests are allowed again.',
  /** A track that does not exist, among others that do: WritheM/IntelliMerge#17, spotify/web-api#214. */
  missingTrack: 'Payload contains a non-existing ID',
  scope: 'Insufficient client scope',
  expired: 'The access token expired',
  invalidToken: 'Invalid access token',
  limited: 'API rate limit exceeded',
  notFound: 'Resource not found',
  removed: 'Forbidden',
} as const;

/** The accounts service refuses a token, in OAuth's words (RFC 6749, 5.2). */
export class RefusedGrant extends Error {
  readonly status: number;
  readonly error: string;

  constructor(error: string, description: string, status = 400) {
    super(description);
    this.name = 'RefusedGrant';
    this.status = status;
    this.error = error;
  }

  get body(): { error: string; error_description: string } {
    return { error: this.error, error_description: this.message };
  }
}
