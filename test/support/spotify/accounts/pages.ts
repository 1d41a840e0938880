import type { Account, App } from '../world.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => ESCAPES[one] ?? one);

function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>${escapeHtml(title)}</h1>
${body}
</main></body>
</html>
`;
}

/** Who is sitting here? One button for each account. */
export function loginPage(accounts: readonly Account[], next: string): string {
  const buttons = accounts.map(
    ({ id, name }) =>
      `<p><button name="account" value="${escapeHtml(id)}">Continue as ${escapeHtml(name)}</button></p>`,
  );
  return pageOf(
    'Log in to Spotify',
    `<form method="post" action="/login">
<input type="hidden" name="next" value="${escapeHtml(next)}">
${buttons.join('\n')}
</form>`,
  );
}

/** «App wants to …»: agree or cancel. */
export function consentPage(app: App, account: Account, scopes: readonly string[], ticket: string): string {
  return pageOf(
    `${app.name} connects to your Spotify account`,
    `<p>You are logged in as ${escapeHtml(account.name)}.</p>
<p>You agree that ${escapeHtml(app.name)} will be able to:</p>
<ul>${scopes.map((scope) => `<li>${escapeHtml(scope)}</li>`).join('')}</ul>
<form method="post" action="/authorize/decide">
<input type="hidden" name="ticket" value="${escapeHtml(ticket)}">
<p><button name="decision" value="agree">Agree</button> <button name="decision" value="cancel">Cancel</button></p>
</form>`,
  );
}

/** What a person sees when the app asked for something impossible: there is nowhere to send them back to. */
export function mistakePage(mistake: string): string {
  return pageOf('Something went wrong', `<p>${escapeHtml(mistake)}</p>`);
}
