import { html } from 'hono/html';

/** The page before the room when it has a password. Works without script. */
export function loginPage(brand: string, problem?: string) {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Enter · ${brand}</title>
    <link rel="icon" href="/logo.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/room.css">
  </head>
  <body class="login">
    <main class="login-card">
      <img class="login-logo" src="/logo.svg" alt="" width="56" height="56">
      <h1>${brand}</h1>
      <p>This room has a password. Whoever sent you the link knows it.</p>
      <form method="post">
        <label for="password">Room password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required autofocus
          ${problem === undefined ? '' : html`aria-invalid="true" aria-describedby="problem"`}>
        ${problem === undefined ? '' : html`<p id="problem" class="login-problem" role="alert">${problem}</p>`}
        <button type="submit" class="button button-primary">Enter</button>
      </form>
    </main>
  </body>
</html>`;
}
