import { RESTJSONErrorCodes } from 'discord.js';

/** Discord's words and status for the codes that this server answers with. */
const ERRORS: Readonly<Record<number, readonly [status: number, message: string]>> = {
  0: [404, '404: Not Found'],
  [RESTJSONErrorCodes.UnknownApplication]: [404, 'Unknown Application'],
  [RESTJSONErrorCodes.UnknownChannel]: [404, 'Unknown Channel'],
  [RESTJSONErrorCodes.UnknownGuild]: [404, 'Unknown Guild'],
  [RESTJSONErrorCodes.UnknownMember]: [404, 'Unknown Member'],
  [RESTJSONErrorCodes.UnknownMessage]: [404, 'Unknown Message'],
  [RESTJSONErrorCodes.UnknownRole]: [404, 'Unknown Role'],
  [RESTJSONErrorCodes.UnknownUser]: [404, 'Unknown User'],
  [RESTJSONErrorCodes.UnknownEmoji]: [400, 'Unknown Emoji'],
  [RESTJSONErrorCodes.UnknownWebhook]: [404, 'Unknown Webhook'],
  [RESTJSONErrorCodes.UnknownInteraction]: [404, 'Unknown interaction'],
  [RESTJSONErrorCodes.UnknownApplicationCommand]: [404, 'Unknown application command'],
  [RESTJSONErrorCodes.MaximumNumberOfReactionsReached]: [400, 'Maximum number of reactions reached (20)'],
  [RESTJSONErrorCodes.MaximumNumberOfApplicationCommandsReached]: [
    400,
    'Maximum number of application commands reached (100)',
  ],
  [RESTJSONErrorCodes.MaximumDailyApplicationCommandCreatesReached]: [
    400,
    'Max number of daily application command creates has been reached (200)',
  ],
  [RESTJSONErrorCodes.Unauthorized]: [401, 'Unauthorized'],
  [RESTJSONErrorCodes.RequestEntityTooLarge]: [413, 'Request entity too large'],
  [RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged]: [
    400,
    'Interaction has already been acknowledged.',
  ],
  [RESTJSONErrorCodes.ThisInteractionHasHitTheMaximumNumberOfFollowUpMessages]: [
    400,
    'This interaction has hit the maximum number of follow-up messages',
  ],
  [RESTJSONErrorCodes.MissingAccess]: [403, 'Missing Access'],
  [RESTJSONErrorCodes.CannotExecuteActionOnDMChannel]: [403, 'Cannot execute action on a DM channel'],
  [RESTJSONErrorCodes.CannotEditMessageAuthoredByAnotherUser]: [
    403,
    'Cannot edit a message authored by another user',
  ],
  [RESTJSONErrorCodes.CannotSendAnEmptyMessage]: [400, 'Cannot send an empty message'],
  [RESTJSONErrorCodes.CannotSendMessagesToThisUser]: [403, 'Cannot send messages to this user'],
  [RESTJSONErrorCodes.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds]: [
    403,
    'Cannot send messages to this user due to having no mutual guilds',
  ],
  [RESTJSONErrorCodes.CannotSendMessagesInNonTextChannel]: [
    400,
    'Cannot send messages in a non-text channel',
  ],
  [RESTJSONErrorCodes.MissingPermissions]: [403, 'Missing Permissions'],
  [RESTJSONErrorCodes.InvalidWebhookToken]: [401, 'Invalid Webhook Token'],
  [RESTJSONErrorCodes.InvalidFormBodyOrContentType]: [400, 'Invalid Form Body'],
  [RESTJSONErrorCodes.RequestBodyContainsInvalidJSON]: [400, 'The request body contains invalid JSON.'],
  [RESTJSONErrorCodes.VoiceMessagesDoNotSupportAdditionalContent]: [
    400,
    'Voice messages do not support additional content.',
  ],
  [RESTJSONErrorCodes.VoiceMessagesMustHaveASingleAudioAttachment]: [
    400,
    'Voice messages must have a single audio attachment.',
  ],
  [RESTJSONErrorCodes.VoiceMessagesMustHaveSupportingMetadata]: [
    400,
    'Voice messages must have supporting metadata.',
  ],
  [RESTJSONErrorCodes.VoiceMessagesCannotBeEdited]: [400, 'Voice messages cannot be edited.'],
  [RESTJSONErrorCodes.YouCannotSendVoiceMessagesInThisChannel]: [
    403,
    'You cannot send voice messages in this channel',
  ],
};

/** What Discord puts under `errors`: the body's own shape, with `_errors` at the fields that are wrong. */
export interface FieldErrors {
  _errors?: { code: string; message: string }[];
  [field: string]: FieldErrors | { code: string; message: string }[] | undefined;
}

/** Discord refuses a request: the code, and what is wrong where. */
export class RefusedRequest extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: FieldErrors | undefined;

  constructor(code: number, errors?: FieldErrors, status?: number) {
    const [knownStatus, message] = ERRORS[code] ?? [400, `Error ${code}`];
    super(message);
    this.name = 'RefusedRequest';
    this.code = code;
    this.status = status ?? knownStatus;
    this.errors = errors;
  }

  get body(): { message: string; code: number; errors?: FieldErrors } {
    return { message: this.message, code: this.code, ...(this.errors && { errors: this.errors }) };
  }
}

/** Collects what is wrong with a body, so that one answer names all of it, as Discord does. */
export class FormErrors {
  private readonly root: FieldErrors = {};
  private count = 0;

  /** `path` leads to the field: `['embeds', 0, 'title']`. */
  add(path: readonly (string | number)[], code: string, message: string): void {
    let at = this.root;
    for (const step of path) {
      at[step] ??= {};
      at = at[step] as FieldErrors;
    }
    at._errors ??= [];
    at._errors.push({ code, message });
    this.count += 1;
  }

  get any(): boolean {
    return this.count > 0;
  }

  /** Throws Discord's «Invalid Form Body» if anything was added. */
  throwIfAny(): void {
    if (this.any) throw new RefusedRequest(RESTJSONErrorCodes.InvalidFormBodyOrContentType, this.root);
  }
}

export function refuse(code: number): never {
  throw new RefusedRequest(code);
}
