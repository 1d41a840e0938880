/** Where a person ends up, and what the page says. */
export interface Arrival {
  /** The last address: the first that did not redirect, or could not be reached. */
  readonly url: URL;
  /** Undefined if nobody answers there. */
  readonly status: number | undefined;
  readonly text: string;
}

/** A browser without a screen: cookies per host (as in real ones the port does not matter), redirects, forms. */
export class Browser {
  private readonly cookies = new Map<string, Map<string, string>>();
  private unreachable: string | undefined;

  /** From now on it reaches nobody at this host and port; undefined: it does again. */
  cuts(host: string | undefined): void {
    this.unreachable = host;
  }

  get(address: string | URL): Promise<Arrival> {
    return this.go('GET', new URL(address));
  }

  /** Clicks a button of the only form on a page: its hidden fields go along. */
  click(page: Arrival, name: string, value: string): Promise<Arrival> {
    const action = /<form method="post" action="([^"]+)"/.exec(page.text)?.[1];
    if (action === undefined || !unescapeHtml(page.text).includes(`<button name="${name}" value="${value}">`))
      throw new Error(`there is no button ${name}=${value} at ${page.url.href}`);
    const form = new URLSearchParams();
    for (const [, field = '', given = ''] of page.text.matchAll(
      /<input type="hidden" name="([^"]+)" value="([^"]*)">/g,
    ))
      form.append(field, unescapeHtml(given));
    form.append(name, value);
    return this.go('POST', new URL(action, page.url), form);
  }

  /** Sends the form of a page that has no field but its button. */
  submit(address: string | URL, form: Readonly<Record<string, string>> = {}): Promise<Arrival> {
    return this.go('POST', new URL(address), new URLSearchParams(form));
  }

  /** What this browser has kept from a host. */
  cookiesOf(hostname: string): ReadonlyMap<string, string> {
    return this.cookies.get(hostname) ?? new Map();
  }

  private async go(first: 'GET' | 'POST', start: URL, form?: URLSearchParams): Promise<Arrival> {
    let method = first;
    let url = start;
    for (let hops = 0; hops < 20; hops++) {
      if (url.host === this.unreachable) return { url, status: undefined, text: '' };
      let response: Response;
      try {
        response = await fetch(url, {
          method,
          redirect: 'manual',
          headers: { cookie: this.cookie(url), accept: 'text/html' },
          ...(method === 'POST' && { body: form }),
        });
      } catch {
        return { url, status: undefined, text: '' };
      }
      this.keep(url, response);
      const to = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || to === null)
        return { url, status: response.status, text: await response.text() };
      await response.body?.cancel();
      url = new URL(to, url);
      if (response.status !== 307 && response.status !== 308) method = 'GET';
    }
    throw new Error(`too many redirects from ${start.href}`);
  }

  private cookie(url: URL): string {
    return [...(this.cookies.get(url.hostname) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keep(url: URL, response: Response): void {
    const jar = this.cookies.get(url.hostname) ?? new Map<string, string>();
    this.cookies.set(url.hostname, jar);
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (/;\s*max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function unescapeHtml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
