// node tests/renderer/shoot.mjs '#/runs' out.png dark 1280 800 [port] — a picture of one screen with the test double.
import { chromium } from 'playwright-core'

const [
  hash = '#/',
  out = 'out.png',
  theme = 'dark',
  width = '1280',
  height = '800',
  port = '5199',
] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const page = await browser.newPage({ viewport: { width: Number(width), height: Number(height) } })
page.on('console', m => ['error', 'warning'].includes(m.type()) && console.log(m.type(), m.text()))
page.on('pageerror', e => console.log('page error', e.message))
await page.goto(`http://localhost:${port}/?theme=${theme}${process.env.QUERY ?? ''}${hash}`)
await page.waitForTimeout(Number(process.env.WAIT ?? 1500))
// TYPE='label=text' writes into the field of this label
const [label, typed] = (process.env.TYPE ?? '').split('=')
if (label) {
  await page.getByLabel(label).first().pressSequentially(typed)
  await page.waitForTimeout(900)
}
// CLICK='New;;Advanced…' presses what has these texts, in order
for (const text of (process.env.CLICK ?? '').split(';;').filter(Boolean)) {
  await page.getByText(text).first().click()
  await page.waitForTimeout(400)
}
const wide = await page.evaluate(() => [
  document.documentElement.scrollWidth > innerWidth,
  [...document.querySelectorAll('main, main *')]
    .filter(
      e =>
        e.scrollWidth > e.clientWidth + 1 &&
        getComputedStyle(e).overflowX === 'visible' &&
        e.clientWidth > 0,
    )
    .slice(0, 5)
    .map(e => e.tagName + '.' + e.className),
])
console.log('overflow', JSON.stringify(wide))
await page.screenshot({ path: out })
await browser.close()
