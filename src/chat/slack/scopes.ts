/** What the bot asks a workspace for, each with what it is for. docs/slack.md says what breaks without it. */
export const NEEDED_SCOPES = [
  { name: 'app_mentions:read', what: 'commands as @Reactune playlist calm, also in threads' },
  { name: 'channels:join', what: 'going into the public channel that was chosen for snippets' },
  { name: 'channels:read', what: 'finding public channels, and hearing that the bot was added to one' },
  { name: 'chat:write', what: 'snippets and answers' },
  { name: 'commands', what: 'slash commands and buttons' },
  { name: 'emoji:read', what: "the workspace's own emoji" },
  { name: 'files:write', what: 'audio of your own, pictures, exports' },
  { name: 'groups:read', what: 'the same as channels:read, for private channels that the bot is in' },
  { name: 'im:history', what: 'commands in a direct message to the bot' },
  { name: 'im:write', what: 'direct messages from the bot' },
  { name: 'reactions:read', what: 'votes' },
  { name: 'reactions:write', what: 'the emojis under a snippet' },
  { name: 'team:read', what: 'the name of the workspace' },
  { name: 'usergroups:read', what: 'user groups whose members moderate' },
  { name: 'users:read', what: 'who is an admin, a bot, or from elsewhere' },
] as const;

export const SCOPE_NAMES = NEEDED_SCOPES.map(({ name }) => name);
