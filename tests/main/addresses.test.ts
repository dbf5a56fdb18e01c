import { expect, test } from 'vitest'
import { externalAddress, isOwnPage, mayRequest } from '../../src-main/addresses'

const dev = 'http://localhost:5173'

test.each([
  ['https://huggingface.co/EleutherAI/pythia-70m', 'https://huggingface.co/EleutherAI/pythia-70m'],
  ['https://www.lichess.org/', 'https://www.lichess.org/'],
  ['HTTPS://HUGGINGFACE.CO/x', 'https://huggingface.co/x'],
  ['http://huggingface.co/', undefined],
  ['https://huggingface.co.evil.example/', undefined],
  ['https://evil.example/huggingface.co', undefined],
  ['https://huggingface.co@evil.example/', undefined],
  ['https://user:secret@huggingface.co/', undefined],
  ['https://huggingface.co:8443/', undefined],
  ['javascript:alert(1)', undefined],
  ['file:///etc/passwd', undefined],
  ['smb://huggingface.co/share', undefined],
  ['app://workbench/index.html', undefined],
  ['not an address', undefined],
])('the browser is asked to open %s: %s', (address, expected) => {
  expect(externalAddress(address)).toBe(expected)
})

test.each([
  ['app://workbench/index.html#/runs', undefined, true],
  ['app://other/index.html', undefined, false],
  ['app://workbench.evil/index.html', undefined, false],
  ['https://workbench/index.html', undefined, false],
  ['file:///index.html', undefined, false],
  [`${dev}/index.html`, undefined, false],
  [`${dev}/index.html`, dev, true],
  ['http://localhost:5174/', dev, false],
])('%s with dev server %s is our own page: %s', (address, server, expected) => {
  expect(isOwnPage(address, server)).toBe(expected)
})

test.each([
  ['app://workbench/assets/x.js', undefined, true],
  ['blob:app://workbench/1', undefined, true],
  ['data:image/png;base64,AA==', undefined, true],
  ['devtools://devtools/bundled/x.js', undefined, true],
  ['https://example.com/', undefined, false],
  ['ws://localhost:5173/', undefined, false],
  ['ws://localhost:5173/', dev, true],
  ['ws://localhost:9999/', dev, false],
  ['file:///etc/passwd', undefined, false],
])('%s with dev server %s may be requested: %s', (address, server, expected) => {
  expect(mayRequest(address, server)).toBe(expected)
})
