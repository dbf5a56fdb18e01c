// The chess room on a run just trained: moves by text and by hand, take back, Elo sweep, a whole
// game, PGN.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { percent } from '../../src-renderer/stores/text-tokens'
import type { ChessAnswer } from '../../src-worker/contract/playground'
import { findings } from './axe'
import { type App, ask, openApp, skipReason } from './harness'
import { room, spw, trained } from './playgrounds'
import { address, chooseNext, resize, visit } from './window'

describe.skipIf(skipReason !== '')('chess', () => {
  let app: App
  let snapshot = ''
  beforeAll(async () => {
    app = await openApp()
    snapshot = (await trained(app, 'chess')).at(-1)?.path ?? ''
    await room(app, 'chess', snapshot)
    await app.page.getByRole('heading', { name: 'Play the prompted model' }).waitFor()
  }, 300_000)
  afterAll(() => app?.close())

  const box = () => app.page.getByRole('textbox', { name: 'Move or command' })
  const say = async (line: string) => {
    await box().fill(line)
    await box().press('Enter')
  }
  const said = () => app.page.locator('#chess-said')
  const moves = () => app.page.getByRole('toolbar', { name: /^Moves/ }).getByRole('button')
  const yourTurn = () => app.page.getByText('Your turn.').waitFor({ timeout: 60_000 })
  const probable = () => app.page.getByRole('table', { name: 'Most probable moves' })

  test('the distribution is the command line’s', async () => {
    await yourTurn()
    const rows = probable().getByRole('row')
    await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(5)
    const reported = await spw<ChessAnswer>(app, 'chess', '--snapshot', snapshot)
    const best = reported.moves.slice(0, 5).map(m => m.san)
    expect(await rows.getByRole('rowheader').allTextContents()).toEqual(best)
    const shares = reported.moves.slice(0, 5).map(m => percent(m.probability))
    expect(await rows.locator('.num').allTextContents()).toEqual(shares)
  })

  test('a typed move is answered; take back undoes both', async () => {
    await say('e4')
    await yourTurn()
    await expect.poll(() => moves().nth(1).textContent()).toMatch(/\S/)
    expect((await moves().nth(0).textContent())?.trim()).toBe('e4')
    await app.page.getByText(/your move surprised it by/).waitFor()
    await say('l')
    expect(await said().innerText()).toMatch(/^Black: /)
    await say('s e4')
    expect(await said().innerText()).toBe('e4 White pawn')
    await app.page.getByRole('button', { name: 'Take back' }).click()
    await app.page.getByText('No moves yet.').waitFor()
    await say('e5')
    expect(await said().innerText()).toContain('e5 is not a legal move here')
  })

  test('a move by the keyboard on the board itself', async () => {
    const board = app.page.getByRole('application', { name: 'Chessboard' })
    await board.focus()
    // a1 → d2 → d4
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowUp', 'Enter'])
      await app.page.keyboard.press(key)
    for (const key of ['ArrowUp', 'ArrowUp', 'Enter']) await app.page.keyboard.press(key)
    await yourTurn()
    await expect.poll(async () => (await moves().nth(0).textContent())?.trim()).toBe('d4')
  })

  test('the position at other Elos', async () => {
    await app.page.getByRole('button', { name: 'Sweep' }).click()
    const rows = app.page
      .getByRole('region', { name: 'The same position at another Elo' })
      .getByRole('row')
    await expect.poll(() => rows.filter({ hasText: '%' }).count(), { timeout: 60_000 }).toBe(5)
    expect(await rows.nth(1).innerText()).toMatch(/^600/)
    expect(await rows.nth(5).innerText()).toMatch(/^3000/)
    await app.screenshot('chess')
  })

  test('Elo rows belong to what plays: a bare model offers none, a snapshot’s are its own', async () => {
    const { page } = app
    await page
      .getByText(/to move · what the model would play with (your|its) Elo of 1500/)
      .waitFor()
    await page.getByRole('button', { name: 'Change snapshot' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'workbench-demo-base', exact: true })
      .click()
    await page.getByText('This model takes no Elo.').waitFor()
    expect(await page.getByRole('button', { name: 'Sweep' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Two Elos' }).count()).toBe(0)
    await app.screenshot('chess-bare')
    await visit(page, 'Runs')
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
    await room(app, 'chess', snapshot)
    await page.getByRole('button', { name: 'Sweep' }).waitFor()
    const rows = page
      .getByRole('region', { name: 'The same position at another Elo' })
      .getByRole('row')
    expect(await rows.count()).toBe(0)
  })

  test('two Elos side by side, straight from the run; a pasted position, arrow keys, a match', async () => {
    const { page } = app
    const run = (await ask(page, 'runs', {}))[0]?.id ?? ''
    await address(page, `#/runs/${run}`)
    await page.getByRole('link', { name: 'Play it' }).click()
    await page.getByText('White of Elo 800').waitFor()
    await page.getByText('White of Elo 2200').waitFor()
    const list = page.getByRole('list', { name: 'Most probable moves: White of Elo 800' })
    await list.getByRole('button').first().waitFor({ timeout: 60_000 })
    await list.getByRole('button').first().click()
    await page.getByText('Black of Elo 800').waitFor()
    await expect
      .poll(() => page.getByText('asking the model…').count(), { timeout: 60_000 })
      .toBe(0)
    for (const size of [
      [1280, 800],
      [1024, 700],
    ] as const) {
      await resize(app, size)
      await app.screenshot(`chess-two-${size[0]}`)
    }
    expect(await findings(app)).toEqual([])
    await page.getByRole('heading', { level: 1 }).click()
    await page.keyboard.press('ArrowLeft')
    await page.getByText('White of Elo 800').waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByText('Black of Elo 800').waitFor()
    await page.evaluate(text => {
      const g = globalThis as unknown as {
        DataTransfer: new () => { setData(kind: string, text: string): void }
        ClipboardEvent: new (name: string, of: object) => object
        document: { body: { dispatchEvent(event: object): void } }
      }
      const clipboardData = new g.DataTransfer()
      clipboardData.setData('text', text)
      g.document.body.dispatchEvent(new g.ClipboardEvent('paste', { clipboardData, bubbles: true }))
    }, '7k/5Q2/6K1/8/8/8/8/8 w - - 0 1')
    await page.getByText('No moves yet.').waitFor()
    await page.getByRole('button', { name: 'New game' }).click()
    await page.getByRole('button', { name: 'Play 800 against 2200' }).click()
    const panel = page.getByRole('region', { name: 'Model against model' })
    await panel.getByRole('button', { name: 'Stop' }).click({ timeout: 60_000 })
    expect(await panel.innerText()).toMatch(/800/)
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    await resize(app, [1280, 800])
  })

  test('raw mode shows what it wrote', async () => {
    await app.page.getByRole('combobox', { name: 'It picks' }).selectOption({ label: 'raw text' })
    await say('hint')
    await expect.poll(() => said().innerText()).toMatch(/^Hint: /)
    const hinted = /\((\S+)\)/.exec(await said().innerText())?.[1] ?? 'a3'
    await say(hinted)
    await app.page
      .getByRole('region', { name: 'What it wrote' })
      .getByRole('listitem')
      .first()
      .waitFor({ timeout: 60_000 })
    await app.page
      .getByRole('combobox', { name: 'It picks' })
      .selectOption({ label: 'by temperature' })
  })

  test('a game is saved with what it needs to be played again, and loaded', async () => {
    const { page, home } = app
    await page.getByRole('button', { name: 'New game' }).click()
    await yourTurn()
    await say('Nf3')
    await yourTurn()
    await page.getByRole('button', { name: 'FEN, PGN' }).click()
    const path = join(home, 'game.pgn')
    await chooseNext(app, path)
    await page.getByRole('button', { name: 'Save as PGN…' }).click()
    await page.getByText(`Saved to ${path}`).waitFor()
    const pgn = readFileSync(path, 'utf8')
    expect(pgn).toContain(`[SnapshotId "${snapshot}"]`)
    expect(pgn).toMatch(/\[WhiteElo "1500"\]\n\[BlackElo "1500"\]/)
    await page
      .getByRole('textbox', { name: 'FEN, or the PGN of one game' })
      .fill('7k/5Q2/6K1/8/8/8/8/8 w - - 0 1')
    await page.getByRole('button', { name: 'Load', exact: true }).click()
    await yourTurn()
    await say('Qg7')
    await expect.poll(() => said().innerText()).toBe('Queen g7, checkmate. Checkmate. White wins.')
    await page.getByText('Game over.').waitFor()
  })

  test('the engine is started anew and the game goes on', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'New game' }).click()
    await yourTurn()
    await say('d4')
    await yourTurn()
    const before = await moves().allTextContents()
    await ask(page, 'restartEngine', {})
    await expect
      .poll(async () => (await ask(page, 'engineStateNow', {})).kind, { timeout: 30_000 })
      .toBe('ready')
    expect(await moves().allTextContents()).toEqual(before)
    await say('hint')
    await expect.poll(() => said().innerText(), { timeout: 60_000 }).toMatch(/^Hint: /)
    await say(/\((\S+)\)/.exec(await said().innerText())?.[1] ?? 'a3')
    await expect.poll(() => moves().count(), { timeout: 60_000 }).toBe(4)
    await expect.poll(() => moves().nth(3).textContent(), { timeout: 60_000 }).toMatch(/\S/)
  })

  test('the window is loaded anew and the game goes on', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'New game' }).click()
    await yourTurn()
    await page.getByLabel('Model’s Elo').fill('2400')
    await say('d4')
    await expect.poll(() => moves().nth(1).textContent(), { timeout: 60_000 }).toMatch(/\S/)
    const before = await moves().allTextContents()
    await page.reload()
    await yourTurn()
    expect(await moves().allTextContents()).toEqual(before)
    expect(await page.getByLabel('Model’s Elo').inputValue()).toBe('2400')
    await page.getByRole('button', { name: 'Offer draw' }).click()
    expect(await said().innerText()).toContain('accepts unless it is ahead in material')
  })

  test('a whole game to its end, model against model, with its score', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'New game' }).click()
    await page.getByRole('button', { name: 'Model vs model', exact: true }).click()
    await page.getByRole('textbox', { name: 'Games' }).fill('1')
    await page.getByRole('textbox', { name: 'Games' }).press('Tab')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const panel = page.getByRole('region', { name: 'Model against model' })
    // over, or stopped by a fault: either way it can be started again
    await panel.getByRole('button', { name: 'Start', exact: true }).waitFor({ timeout: 400_000 })
    expect(await panel.innerText()).toMatch(/A [\d.]+ : [\d.]+ B/)
    await app.screenshot('chess-match')
    const row = panel.getByRole('row').nth(1)
    expect(await row.innerText()).toMatch(/wins\.|Draw by|Called a draw/)
    expect(app.problems).toEqual([])
  }, 420_000)
})
