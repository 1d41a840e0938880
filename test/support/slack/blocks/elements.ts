import {
  boolean,
  both,
  type Check,
  type Findings,
  isObject,
  list,
  number,
  object,
  oneOf,
  pattern,
  text,
  textObject,
  url,
} from './check.ts';

const ACTION_ID = text(255);

const CONFIRM = object({
  'title!': textObject(100),
  'text!': textObject(300, 'any'),
  'confirm!': textObject(30),
  'deny!': textObject(30),
  style: oneOf('primary', 'danger'),
});

/** One choice. Radio buttons and checkboxes may mark their texts up, menus may not. */
function option(kind: 'plain' | 'any' = 'plain', withUrl = false): Check {
  return object({
    'text!': textObject(75, kind),
    'value!': text(150, 0),
    description: textObject(75, kind),
    ...(withUrl && { url: url() }),
  });
}

const GROUP = object({ 'label!': textObject(75), 'options!': list(option(), 100) });

function initialIn(value: unknown, at: string, findings: Findings): void {
  if (!isObject(value)) return;
  const groups = (value.option_groups ?? []) as { options?: unknown[] }[];
  const options = [
    ...((value.options ?? []) as unknown[]),
    ...groups.flatMap((group) => group.options ?? []),
  ].map((one) => JSON.stringify(one));
  const chosen = [
    ...(value.initial_option === undefined ? [] : [value.initial_option]),
    ...((value.initial_options ?? []) as unknown[]),
  ];
  for (const one of chosen) {
    if (!options.includes(JSON.stringify(one))) findings.add(at, 'initial option must be one of the options');
  }
}

/** Options or groups of them, one of both. */
function optionsOrGroups(value: unknown, at: string, findings: Findings): void {
  if (isObject(value) && (value.options === undefined) === (value.option_groups === undefined))
    findings.add(at, 'must have either options or option_groups');
}

const SELECT = {
  action_id: ACTION_ID,
  placeholder: textObject(150),
  confirm: CONFIRM,
  focus_on_load: boolean,
};
const MULTI = { ...SELECT, max_selected_items: number(1) };
const OPTIONS = { options: list(option(), 100), option_groups: list(GROUP, 100) };
const CONVERSATION_FILTER = object({
  include: list(oneOf('im', 'mpim', 'private', 'public'), 4),
  exclude_external_shared_channels: boolean,
  exclude_bot_users: boolean,
});
const DISPATCH = object({ trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 2) });
const INPUT = {
  action_id: ACTION_ID,
  placeholder: textObject(150),
  focus_on_load: boolean,
  dispatch_action_config: DISPATCH,
};
const USER = text(255);
const DATE = pattern(/^\d{4}-\d{2}-\d{2}$/, 'date');
const TIME = pattern(/^\d{2}:\d{2}$/, 'time');

/** Every interactive element and image, with the limits of Slack's documentation. */
export const ELEMENTS: Readonly<Record<string, Check>> = {
  button: object({
    'type!': oneOf('button'),
    'text!': textObject(75),
    action_id: ACTION_ID,
    url: url(),
    value: text(2000),
    style: oneOf('primary', 'danger'),
    confirm: CONFIRM,
    accessibility_label: text(75),
  }),
  image: object({
    'type!': oneOf('image'),
    'alt_text!': text(2000),
    image_url: url(),
    slack_file: object({ id: text(255), url: url() }),
  }),
  static_select: both(
    object({ 'type!': oneOf('static_select'), ...SELECT, ...OPTIONS, initial_option: option() }),
    optionsOrGroups,
    initialIn,
  ),
  multi_static_select: both(
    object({
      'type!': oneOf('multi_static_select'),
      ...MULTI,
      ...OPTIONS,
      initial_options: list(option(), 100),
    }),
    optionsOrGroups,
    initialIn,
  ),
  external_select: object({
    'type!': oneOf('external_select'),
    ...SELECT,
    initial_option: option(),
    min_query_length: number(0),
  }),
  multi_external_select: object({
    'type!': oneOf('multi_external_select'),
    ...MULTI,
    initial_options: list(option(), 100),
    min_query_length: number(0),
  }),
  users_select: object({ 'type!': oneOf('users_select'), ...SELECT, initial_user: USER }),
  multi_users_select: object({
    'type!': oneOf('multi_users_select'),
    ...MULTI,
    initial_users: list(USER, 100, 0),
  }),
  conversations_select: object({
    'type!': oneOf('conversations_select'),
    ...SELECT,
    initial_conversation: USER,
    default_to_current_conversation: boolean,
    response_url_enabled: boolean,
    filter: CONVERSATION_FILTER,
  }),
  multi_conversations_select: object({
    'type!': oneOf('multi_conversations_select'),
    ...MULTI,
    initial_conversations: list(USER, 100, 0),
    default_to_current_conversation: boolean,
    filter: CONVERSATION_FILTER,
  }),
  channels_select: object({
    'type!': oneOf('channels_select'),
    ...SELECT,
    initial_channel: USER,
    response_url_enabled: boolean,
  }),
  multi_channels_select: object({
    'type!': oneOf('multi_channels_select'),
    ...MULTI,
    initial_channels: list(USER, 100, 0),
  }),
  overflow: object({
    'type!': oneOf('overflow'),
    action_id: ACTION_ID,
    'options!': list(option('plain', true), 5),
    confirm: CONFIRM,
  }),
  checkboxes: both(
    object({
      'type!': oneOf('checkboxes'),
      action_id: ACTION_ID,
      'options!': list(option('any'), 10),
      initial_options: list(option('any'), 10),
      confirm: CONFIRM,
      focus_on_load: boolean,
    }),
    initialIn,
  ),
  radio_buttons: both(
    object({
      'type!': oneOf('radio_buttons'),
      action_id: ACTION_ID,
      'options!': list(option('any'), 10),
      initial_option: option('any'),
      confirm: CONFIRM,
      focus_on_load: boolean,
    }),
    initialIn,
  ),
  datepicker: object({ 'type!': oneOf('datepicker'), ...SELECT, initial_date: DATE }),
  timepicker: object({ 'type!': oneOf('timepicker'), ...SELECT, initial_time: TIME, timezone: text(100) }),
  datetimepicker: object({
    'type!': oneOf('datetimepicker'),
    action_id: ACTION_ID,
    initial_date_time: number(1_000_000_000, 9_999_999_999),
    confirm: CONFIRM,
    focus_on_load: boolean,
  }),
  plain_text_input: object({
    'type!': oneOf('plain_text_input'),
    ...INPUT,
    initial_value: text(3000, 0),
    multiline: boolean,
    min_length: number(0, 3000),
    max_length: number(1, 3000),
  }),
  number_input: object({
    'type!': oneOf('number_input'),
    ...INPUT,
    'is_decimal_allowed!': boolean,
    initial_value: text(100, 0),
    min_value: text(100),
    max_value: text(100),
  }),
  email_text_input: object({ 'type!': oneOf('email_text_input'), ...INPUT, initial_value: text(3000, 0) }),
  url_text_input: object({ 'type!': oneOf('url_text_input'), ...INPUT, initial_value: text(3000, 0) }),
};

const MENUS = ['static_select', 'external_select', 'users_select', 'conversations_select', 'channels_select'];
const PICKERS = ['datepicker', 'timepicker', 'datetimepicker', 'overflow', 'checkboxes', 'radio_buttons'];
const MULTIS = MENUS.map((menu) => `multi_${menu}`);

/** What may stand where. */
export const IN_ACTIONS = ['button', ...MENUS, ...PICKERS, ...MULTIS];
export const AS_ACCESSORY = ['button', 'image', ...MENUS, ...MULTIS, ...PICKERS];
export const IN_INPUT = [
  'plain_text_input',
  'number_input',
  'email_text_input',
  'url_text_input',
  'checkboxes',
  'radio_buttons',
  'datepicker',
  'timepicker',
  'datetimepicker',
  ...MENUS,
  ...MULTIS,
];

/** Any of these elements. */
export function element(allowed: readonly string[]): Check {
  return (value, at, findings) => {
    const type = isObject(value) ? value.type : undefined;
    const check = typeof type === 'string' && allowed.includes(type) ? ELEMENTS[type] : undefined;
    if (check === undefined) findings.add(`${at}/type`, `unsupported type: ${String(type)}`);
    else check(value, at, findings);
    if (
      isObject(value) &&
      type === 'image' &&
      (value.image_url === undefined) === (value.slack_file === undefined)
    )
      findings.add(at, 'must provide one of image_url or slack_file');
  };
}
