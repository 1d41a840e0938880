/** Below the bot's own address. */
export const SLACK_ROOT = '/slack';
/** Events, commands and interactions. */
export const EVENTS_PATH = `${SLACK_ROOT}/events`;
export const INSTALL_PATH = `${SLACK_ROOT}/install`;
/** Where people come back to after they have installed the app. */
export const REDIRECT_PATH = `${SLACK_ROOT}/oauth_redirect`;
