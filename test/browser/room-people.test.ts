import axe, { type AxeResults } from 'axe-core';
import { describe, expect, it } from 'vitest';
import { CHROMIUM, IN_CHROMIUM } from '../support/browser.ts';
import { DESKTOP, joinAs, roomPages } from './room-page.ts';

describe.skipIf(CHROMIUM === undefined)(`people on the room's page (${IN_CHROMIUM})`, () => {
  const pages = roomPages();

  it('keeps the name over a reload and lets it be changed', async () => {
    const page = await joinAs(await pages.visit(), 'Ana');
    await page.reload();
    await page.waitForSelector('.write');
    await page.click('#people-button');
    await page.fill('#own-name', 'Anastasia');
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByText('Anastasia (you)').waitFor();
  });

  it('says that a person is forgotten, on the page that begins anew, and shows them to nobody', async () => {
    const ana = await joinAs(await pages.visit(), 'Ana');
    const ben = await joinAs(await pages.visit(), 'Ben');
    await ben.click('#people-button');
    await ben.getByText('Ana', { exact: true }).waitFor();
    const { id } = (await pages.room.member('Cleo')).frames.flatMap((frame) =>
      frame.t === 'state' ? frame.state.people.filter(({ name }) => name === 'Ana') : [],
    )[0] as { id: string };
    await pages.room.room.forget(`room:${id}`);
    await ana.getByText('you are forgotten here').waitFor();
    await ana.waitForSelector('#join-name');
    await ben.getByText('Ana', { exact: true }).waitFor({ state: 'detached' });
  });

  it('says why a name cannot be had, and what about another', async () => {
    await pages.room.member('Ana');
    const page = await pages.visit();
    await page.fill('#join-name', 'ana');
    await page.keyboard.press('Enter');
    await page.getByText('How about “ana 2”?').waitFor();
    await joinAs(page, 'ana 2');
  });

  it('makes the operator a moderator by the link, whose secret leaves the address bar', async () => {
    const link = new URL(pages.room.room.claimUrl());
    const page = await pages.visit(DESKTOP, `/${link.hash}`);
    await page.getByText('You are a moderator now.').waitFor();
    expect(page.url()).toBe(`${pages.room.url}/`);
    await joinAs(page, 'Olga');
    await pages.room.member('Ben');
    await page.click('#people-button');
    await page.getByRole('button', { name: 'Make Ben a moderator' }).click();
    await page.getByRole('button', { name: 'Take moderator from Ben' }).waitFor();
    const ben = await pages.room.member('Ben');
    await ben.until(() => ben.self.moderator);
  });

  it('asks for the room password first, and the claim link survives that', async () => {
    await pages.reopen({ password: 'sesame' });
    const context = await pages.context(DESKTOP);
    const page = await context.newPage();
    await page.goto(pages.room.room.claimUrl());
    await page.fill('#password', 'wrong');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password.').waitFor();
    await page.evaluate(axe.source);
    const checked = await page.evaluate<AxeResults>('axe.run(document)');
    expect(checked.violations.map(({ id }) => id)).toEqual([]);
    await page.fill('#password', 'sesame');
    await page.keyboard.press('Enter');
    await page.getByText('You are a moderator now.').waitFor();
  });
});
